"""What a program writes that uses the package. `python -m mypy` reads it as strictly as the package itself."""

from typing import assert_type

import numpy as np
import pytest
from music21 import corpus, stream

from music21_kdic import (
    CLASSES,
    InstrumentLikelihood,
    Likeness,
    NoteSequence,
    ScoreLikelihood,
    Scorer,
    instrument_likelihood,
    label,
    rank,
)

LINE = [(0.5 * eighth, 0.5, pitch) for eighth, pitch in enumerate([40, 40, 43, 43, 45, 45, 47, 47] * 2)]
PIECE = 'corpus:bwv66.6'


def test_notes_by_lists_and_by_arrays() -> None:
    notes = NoteSequence(onsets=[0, 1], ends=[1, 2], pitches=[60, 64], bars=[0, 4], measure_numbers=[1])
    again = NoteSequence(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([60, 64]), np.array([0, 4]))
    assert (notes.onsets == again.onsets).all()
    assert notes.measure_numbers == again.measure_numbers


def test_one_part_has_one_answer_and_a_score_has_several() -> None:
    score: stream.Score = corpus.parse('bwv66.6')
    assert_type(instrument_likelihood(score.parts[0]), InstrumentLikelihood)
    assert_type(instrument_likelihood(score), ScoreLikelihood)
    assert_type(instrument_likelihood(np.array(LINE, np.float64)), InstrumentLikelihood)
    named: str | None = instrument_likelihood(LINE, priors=dict.fromkeys(CLASSES, 1)).best
    assert named == 'Bass'
    names: list[str] = [part.name for part in instrument_likelihood(PIECE, together=False)]
    assert names == [part.partName for part in score.parts]


def test_a_candidate_has_one_score_and_several_have_a_list() -> None:
    scorer = Scorer('bass', priors=np.ones(8))
    found = scorer(LINE)
    assert_type(found, Likeness)
    assert max(scorer([LINE, LINE])) == found
    assert_type(scorer(np.array(LINE, np.float64)), Likeness | list[Likeness])
    with pytest.raises(AttributeError):
        print(found.scoer)  # type: ignore[attr-defined]


def test_rows_have_their_columns() -> None:
    assert [row.stream is LINE for row in rank([LINE], like='bass', top=1)] == [True]
    ranked = rank(PIECE, quiet=True, jobs=1)
    assert [row.stream for row in ranked] == [None] * 4
    assert 'stream' not in ranked[0]
    labelled: list[str] = [row.label for row in label(PIECE, quiet=True, jobs=1)]
    assert len(labelled) == 4
