"""Render windows to log-mel spectrograms, by a synthesizer or from recorded stems.

Synthesis is FluidSynth's, dry, with the part's own General MIDI program and a soundfont drawn per part, all notes at
one velocity. A Slakh window is cut from the recorded stem. :mod:`export.data.spectrograms` says what is made of audio.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from tqdm import tqdm

from export.arguments import add_jobs, add_training
from export.data.files import check_plan, write_atomically, write_npz
from export.data.spectrograms import FRAMES, HOP, MEL_BINS, SAMPLE_RATE, log_mel
from export.data.window_table import shard_paths
from export.recipe import Recipe, load_recipe
from music21_kdic.reading.general_midi import DRUM_CHANNEL

VELOCITY = 100
ALL_SOUND_OFF, PAN, REVERB = 120, 10, 91  # MIDI controllers
CENTRE = 64  # of PAN
DRUMS = 128  # in place of a program: a drum kit
BLOCK = 64  # samples that FluidSynth renders at a time
SOUNDFONT_FOLDERS = (Path('/usr/share/sounds/sf2'), Path('/usr/share/sounds/sf3'))  # Debian's

Shard = dict[str, np.ndarray]
# (shard, its number) -> the rows to be rendered, rising, and the soundfont of each part
Choice = Callable[[Shard, int], tuple[np.ndarray, list[str]]]


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``render``."""
    add_training(parser)
    add_jobs(parser)


def run(args: Namespace) -> None:
    """Run ``render``."""
    recipe = load_recipe(args.recipe)
    print(f'wrote {render_in_soundfonts(args.work, recipe, args.jobs, args.shards)} shards to {args.work}/mel')


def render_in_soundfonts(work: Path, recipe: Recipe, jobs: int, shards: int = 0) -> int:
    """Render all windows, each part in one of a recipe's soundfonts; see :func:`render`.

    Raises:
        FileExistsError: where the folder holds spectrograms of other soundfonts, or of another seed.
    """
    check_plan(work / 'mel' / 'plan.json', {'soundfonts': list(recipe.soundfonts), 'seed': recipe.seed})
    return render(work, partial(draw_soundfonts, recipe.soundfonts, recipe.seed), jobs, shards)


def draw_soundfonts(soundfonts: tuple[str, ...], seed: int, shard: Shard, number: int) -> tuple[np.ndarray, list[str]]:
    """All windows, and a soundfont for each part, drawn at random: a Choice."""
    rng = np.random.default_rng([seed, number])
    fonts = [soundfonts[i] for i in rng.integers(len(soundfonts), size=shard['part_label'].size)]
    return np.arange(shard['part'].size), fonts


def soundfont_path(name: str) -> Path:
    """Where a soundfont is installed.

    Raises:
        FileNotFoundError: where it is not.
    """
    for folder in SOUNDFONT_FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f'{name}: no such soundfont in {" or ".join(map(str, SOUNDFONT_FOLDERS))}')


class Synthesizer:
    """FluidSynth with one soundfont, offline.

    Args:
        soundfont: the name of its file.
        sample_rate: of what it plays, in Hz.
        reverb: whether there is any; each part says how much.
    """

    def __init__(self, soundfont: str, sample_rate: int = SAMPLE_RATE, *, reverb: bool = False) -> None:
        import fluidsynth  # binds the system's libfluidsynth on import

        self._rate = sample_rate
        self._synth: Any = fluidsynth.Synth(gain=0.4, samplerate=float(sample_rate))
        self._synth.setting('synth.reverb.active', int(reverb))
        self._synth.setting('synth.chorus.active', 0)
        self._font: int = self._synth.sfload(str(soundfont_path(soundfont)))

    def play(
        self,
        program: int,
        begin: np.ndarray,
        end: np.ndarray,
        pitches: np.ndarray,
        seconds: float,
        *,
        velocities: np.ndarray | None = None,
        pan: int = CENTRE,
        reverb: int = 0,
    ) -> np.ndarray:
        """Play notes and return mono float samples, the mean of left and right, ``seconds`` long.

        Args:
            program: General MIDI, from 0; DRUMS is a drum kit.
            begin, end: in seconds from the start, shape (notes,).
            pitches: MIDI pitches, shape (notes,).
            seconds: how long to play.
            velocities: 1 to 127, shape (notes,); VELOCITY where left out.
            pan, reverb: MIDI controllers, 0 to 127.
        """
        channel, bank, preset = (DRUM_CHANNEL, DRUMS, 0) if program == DRUMS else (0, 0, program)
        # A reset alone lets released notes ring into the next window; two blocks later nothing is left of them.
        for used in (0, DRUM_CHANNEL):
            self._synth.cc(used, ALL_SOUND_OFF, 0)
        self._synth.get_samples(2 * BLOCK)
        self._synth.system_reset()
        self._synth.program_select(channel, self._font, bank, preset)
        self._synth.cc(channel, PAN, pan)
        self._synth.cc(channel, REVERB, reverb)
        # At one moment, notes end before others begin: a repeated note is struck again.
        loud = np.full(pitches.shape, VELOCITY) if velocities is None else velocities
        events = sorted(
            [(float(t), 1, int(p), int(v)) for t, p, v in zip(begin, pitches, loud, strict=True)]
            + [(float(t), 0, int(p), 0) for t, p in zip(end, pitches, strict=True)]
        )
        chunks: list[np.ndarray] = []
        now, total = 0, max(HOP, round(seconds * self._rate))
        for time, is_on, pitch, velocity in events:
            then = min(total, round(time * self._rate))
            if then > now:
                chunks.append(self._synth.get_samples(then - now))
                now = then
            if is_on:
                self._synth.noteon(channel, pitch, velocity)
            else:
                self._synth.noteoff(channel, pitch)
        # FluidSynth works in blocks: whole ones are asked for, lest the next window begin with the rest of this one.
        rest = total - now
        chunks.append(self._synth.get_samples(rest + -total % BLOCK)[: 2 * rest])
        left, right = np.concatenate(chunks).astype(np.float32).reshape(-1, 2).T
        mono: np.ndarray = (left + right) / 65536.0
        return mono


_synthesizer = cache(Synthesizer)


def render(work: Path, choose: Choice, jobs: int, shards: int = 0) -> int:
    """Write the spectrograms of every shard that has none yet (of the first few, or all); say how many shards.

    Args:
        work: the working folder.
        choose: what is rendered of a shard, and in which soundfonts; it is called in other processes.
        jobs: processes.
        shards: only the first so many; 0 is all.
    """
    todo = [path for path in shard_paths(work)[: shards or None] if not (work / 'mel' / path.name).exists()]
    with ProcessPoolExecutor(jobs) as pool:
        write = partial(_render_shard, work, choose)
        for _ in tqdm(pool.map(write, todo), total=len(todo), desc='render', unit='shard'):
            pass
    return len(todo)


def _render_shard(work: Path, choose: Choice, path: Path) -> None:
    with np.load(path) as file:
        shard = dict(file)
    rows, fonts = choose(shard, int(path.stem))
    mels = [np.zeros((MEL_BINS, 0), np.uint8)] * shard['part'].size
    for row, mel in zip(rows, _spectrograms(shard, rows, fonts), strict=True):
        mels[row] = mel
    flat = np.concatenate([np.zeros(0, np.uint8), *(mel.ravel() for mel in mels)])
    frames = np.array([mel.shape[1] for mel in mels], dtype=np.int64)
    values = work / 'mel' / f'{path.stem}.npy'
    write_atomically(values, lambda part: np.save(part, flat))
    write_npz(values.with_suffix('.npz'), {'frames': frames})


def _spectrograms(shard: Shard, rows: np.ndarray, soundfonts: list[str]) -> Iterator[np.ndarray]:
    """The spectrograms of some windows of a shard, whose parts sound through the soundfonts given."""
    lengths = shard['ends'] - shard['starts']
    edges = np.searchsorted(shard['window'], np.arange(lengths.size + 1))
    longest = FRAMES * HOP / SAMPLE_RATE
    for row in rows:
        first, past = edges[row], edges[row + 1]
        part = shard['part'][row]
        seconds = min(longest, float(shard['seconds'][row]))
        if shard['part_audio'][part]:
            audio, _ = librosa.load(
                shard['part_audio'][part], sr=SAMPLE_RATE, offset=float(shard['begin_second'][row]), duration=seconds
            )
        else:
            pace = float(shard['seconds'][row]) / lengths[row]  # seconds a quarter, over the window
            audio = _synthesizer(soundfonts[part]).play(
                int(shard['part_program'][part]),
                np.maximum(0.0, shard['onsets'][first:past]) * pace,
                np.minimum(shard['ends_in_window'][first:past], lengths[row]) * pace,
                shard['pitches'][first:past],
                seconds,
            )
        yield log_mel(audio)
