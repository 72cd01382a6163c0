"""F1 of trained rows, with intervals that hold for other songs and other seeds (:mod:`export.evaluation.measures`).

The windows of a part are no more independent than the parts of a song. Every row of a study sees the same draws of
songs, so that differences are paired.
"""

from functools import cached_property
from pathlib import Path

import numpy as np

from export.evaluation.measures import Sample, draw_songs, sample, song_confusions
from export.studies.store import PLACES, STUDY_LEVELS, Decided, Study, TestSet, read_runs, read_study, read_test_set


def _rng(*words: str) -> np.random.Generator:
    """Draws that are the same in every run, and others for other words."""
    return np.random.default_rng(list('/'.join(words).encode()))


class Answered:
    """A study with the answers of its rows.

    Raises:
        FileNotFoundError, ValueError: where it is not there, or a row's answers are not those of its test set.
    """

    def __init__(self, folder: Path) -> None:
        self.study: Study = read_study(folder)
        self._test_set: TestSet = read_test_set(folder)
        self.runs: dict[str, dict[int, Decided]] = {row.name: read_runs(folder, row.name) for row in self.study.rows}
        sizes = {'windows': self._test_set.part.size, 'parts': self._test_set.label.size}
        for name, runs in self.runs.items():
            for seed, decided in runs.items():
                for levels in decided.values():
                    for level, guess in levels.items():
                        if guess.shape != (sizes[level],):
                            raise ValueError(
                                f'{folder}: row {name!r}, seed {seed}, answers to {len(guess):,} {level}, '
                                f'wanted {sizes[level]:,}, those of test_set.npz'
                            )
        self._draws: dict[str, np.ndarray] = {}
        self._samples: dict[tuple[str, str, str, str], Sample] = {}

    @cached_property
    def sources(self) -> list[str]:
        """Where the test parts come from."""
        return sorted(map(str, np.unique(self._test_set.source)))

    @cached_property
    def places(self) -> list[str]:
        """The collections that were tested on."""
        return [place for place in PLACES if (self._test_set.place == place).any()]

    @cached_property
    def levels(self) -> list[str]:
        """The levels that any row has answers for."""
        return [level for level in STUDY_LEVELS if any(self.seeds(row.name, level) for row in self.study.rows)]

    @cached_property
    def differences_run(self) -> list[tuple[str, str]]:
        """The differences that the study asks for, of rows that both have answers."""
        return [pair for pair in self.study.differences if all(self.seeds(name) for name in pair)]

    def seeds(self, row: str, level: str = 'windows') -> list[int]:
        """The seeds that a row was trained with, and has answers for."""
        return [seed for seed, decided in self.runs.get(row, {}).items() if level in decided['trained']]

    def counts(self, where: str) -> tuple[int, int, int]:
        """The windows, parts and songs of a place or source."""
        chosen = self._parts_of(where)
        windows = int(chosen[self._test_set.part].sum())
        return windows, int(chosen.sum()), np.unique(self._test_set.song[chosen]).size

    def confusions(self, row: str, where: str, level: str, decision: str) -> list[np.ndarray]:
        """By seed the confusion counts of each song of a place or source, shape (songs, 8, 8)."""
        test_set, chosen = self._test_set, self._parts_of(where)
        part = test_set.part if level == 'windows' else np.arange(test_set.label.size)
        item = chosen[part]
        song, label = test_set.song[part[item]], test_set.label[part[item]]
        return [
            song_confusions(song, label, self.runs[row][seed][decision][level][item]) for seed in self.seeds(row, level)
        ]

    def sample(self, row: str, where: str, level: str, decision: str) -> Sample | None:
        """The F1 of a row on a place or source; none where it was not trained or has no answers at the level."""
        if not self.seeds(row, level):
            return None
        key = (row, where, level, decision)
        if key not in self._samples:
            study = self.study.drawn_as or self.study.name
            drawn_as = next((each.drawn_as for each in self.study.rows if each.name == row), '') or row
            if where not in self._draws:
                self._draws[where] = draw_songs(self.counts(where)[2], _rng(study, where))
            self._samples[key] = sample(self.confusions(*key), self._draws[where], _rng(study, drawn_as, 'seeds'))
        return self._samples[key]

    def _parts_of(self, where: str) -> np.ndarray:
        chosen: np.ndarray = (self._test_set.place == where) | (self._test_set.source == where)
        return chosen
