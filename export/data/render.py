"""``render``: every window becomes a log-mel spectrogram, as the paper has it.

22050 Hz, FFT window and hop of 512 samples, 128 mel bins (librosa), decibels below the window's own maximum down
to -80. A window lasts as long as its tempo says and is padded with silence to 528 frames (12.3 s: two bars at
39 beats a minute); what is slower is cut there. Synthesis is FluidSynth's, dry, with the part's own General MIDI
program and a soundfont drawn per part, all notes at one velocity. A Slakh window is cut from the recorded stem.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from tqdm import tqdm

from export.data.window_table import shard_paths, write_atomically, write_npz

SAMPLE_RATE = 22050
HOP = 512
MEL_BINS = 128
FRAMES = 528
FLOOR_DB = 80.0
VELOCITY = 100
ALL_SOUND_OFF = 120  # MIDI controller
BLOCK = 64  # samples that FluidSynth renders at a time
SOUNDFONT_FOLDERS = (Path('/usr/share/sounds/sf2'), Path('/usr/share/sounds/sf3'))  # Debian's


def log_mel(audio: np.ndarray) -> np.ndarray:
    """Log-mel spectrogram of float samples at 22050 Hz.

    Returns:
        uint8, shape (128, frames) with at most 528 frames: 255 is the loudest bin, 0 is 80 dB below it or silence.
    """
    power = librosa.feature.melspectrogram(
        y=audio, sr=SAMPLE_RATE, n_fft=HOP, hop_length=HOP, win_length=HOP, n_mels=MEL_BINS
    )[:, :FRAMES]
    if power.max() <= 0.0:
        return np.zeros(power.shape, dtype=np.uint8)
    decibels = librosa.power_to_db(power, ref=np.max, top_db=FLOOR_DB)
    return np.round((decibels + FLOOR_DB) * (255.0 / FLOOR_DB)).astype(np.uint8)


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
    """FluidSynth with one soundfont, offline."""

    def __init__(self, soundfont: str) -> None:
        import fluidsynth  # binds the system's libfluidsynth on import

        self._synth: Any = fluidsynth.Synth(gain=0.4, samplerate=float(SAMPLE_RATE))
        self._synth.setting('synth.reverb.active', 0)
        self._synth.setting('synth.chorus.active', 0)
        self._font: int = self._synth.sfload(str(soundfont_path(soundfont)))

    def play(self, program: int, begin: np.ndarray, end: np.ndarray, pitches: np.ndarray, seconds: float) -> np.ndarray:
        """Play notes (in seconds from the start) and return mono float samples, ``seconds`` long."""
        # A reset alone lets released notes ring into the next window; two blocks later nothing is left of them.
        self._synth.cc(0, ALL_SOUND_OFF, 0)
        self._synth.get_samples(2 * BLOCK)
        self._synth.system_reset()
        self._synth.program_select(0, self._font, 0, program)
        # At one moment, notes end before others begin: a repeated note is struck again.
        events = sorted(
            [(float(t), 1, int(p)) for t, p in zip(begin, pitches, strict=True)]
            + [(float(t), 0, int(p)) for t, p in zip(end, pitches, strict=True)]
        )
        chunks: list[np.ndarray] = []
        now, total = 0, max(HOP, round(seconds * SAMPLE_RATE))
        for time, is_on, pitch in events:
            then = min(total, round(time * SAMPLE_RATE))
            if then > now:
                chunks.append(self._synth.get_samples(then - now))
                now = then
            if is_on:
                self._synth.noteon(0, pitch, VELOCITY)
            else:
                self._synth.noteoff(0, pitch)
        # FluidSynth works in blocks: whole ones are asked for, lest the next window begin with the rest of this one.
        rest = total - now
        chunks.append(self._synth.get_samples(rest + -total % BLOCK)[: 2 * rest])
        left, right = np.concatenate(chunks).astype(np.float32).reshape(-1, 2).T
        mono: np.ndarray = (left + right) / 65536.0
        return mono


_synthesizer = cache(Synthesizer)


def render(work: Path, soundfonts: tuple[str, ...], seed: int, jobs: int, shards: int = 0, heard: int = 0) -> int:
    """Write the spectrograms of every shard that has none yet (of the first few, or all); say how many shards.

    Args:
        work: the working folder.
        soundfonts: one is drawn for each part.
        seed: of all that is drawn.
        jobs: processes.
        shards: only the first so many; 0 is all.
        heard: only so many windows of each part, drawn at random; 0 is all.
    """
    todo = [path for path in shard_paths(work)[: shards or None] if not (work / 'mel' / path.name).exists()]
    with ProcessPoolExecutor(jobs) as pool:
        write = partial(_render_shard, work, soundfonts, seed, heard)
        for _ in tqdm(pool.map(write, todo), total=len(todo), desc='render', unit='shard'):
            pass
    return len(todo)


def _render_shard(work: Path, soundfonts: tuple[str, ...], seed: int, heard: int, path: Path) -> None:
    with np.load(path) as file:
        shard = dict(file)
    rng = np.random.default_rng([seed, int(path.stem)])
    if 'part_soundfont' in shard:  # export.studies.renderings
        fonts = shard['part_soundfont'].tolist()
    else:
        fonts = [soundfonts[i] for i in rng.integers(len(soundfonts), size=shard['part_label'].size)]
    rows = _some_of_each(shard['part'], heard, rng)
    mels = [np.zeros((MEL_BINS, 0), np.uint8)] * shard['part'].size
    for row, mel in zip(rows, _spectrograms(shard, rows, fonts), strict=True):
        mels[row] = mel
    flat = np.concatenate([np.zeros(0, np.uint8), *(mel.ravel() for mel in mels)])
    frames = np.array([mel.shape[1] for mel in mels], dtype=np.int64)
    values = work / 'mel' / f'{path.stem}.npy'
    write_atomically(values, lambda part: np.save(part, flat))
    write_npz(values.with_suffix('.npz'), {'frames': frames})


def _some_of_each(parts: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most so many rows of each part, drawn at random, in rising order; 0 is all."""
    if not most:
        return np.arange(parts.size)
    shuffled = rng.permutation(parts.size)
    by_part = shuffled[np.argsort(parts[shuffled], kind='stable')]
    rank = np.arange(parts.size) - np.searchsorted(parts[by_part], parts[by_part])
    return np.sort(by_part[rank < most])


class Spectrograms:
    """The rendered windows of a working folder, read from disk as they are asked for.

    Args:
        work: the folder.
        shards: only the first few shards; 0 is all.
        frames: what is longer is cut there.

    Attributes:
        heard: the rows of the window table that were rendered.

    Raises:
        FileNotFoundError: where a shard has windows but no spectrograms yet.
    """

    def __init__(self, work: Path, shards: int = 0, frames: int = FRAMES) -> None:
        self._width = frames
        self._values: list[np.ndarray] = []
        self._frames: list[np.ndarray] = []
        for path in shard_paths(work)[: shards or None]:
            facts = work / 'mel' / path.name
            if not facts.exists():
                raise FileNotFoundError(f'{facts}: not rendered yet; run `python -m export render` first')
            self._values.append(np.load(facts.with_suffix('.npy'), mmap_mode='r'))
            with np.load(facts) as file:
                self._frames.append(file['frames'])
        ends = [np.cumsum(frames) * MEL_BINS for frames in self._frames]
        self._ends = np.concatenate(ends)
        self._shard = np.repeat(np.arange(len(ends)), [end.size for end in ends])
        self._frames_flat = np.concatenate(self._frames)
        self.heard = np.flatnonzero(self._frames_flat)

    def batch(self, rows: np.ndarray) -> np.ndarray:
        """Spectrograms of some windows, padded with silence: float32 in [0, 1], shape (rows, 1, 128, frames)."""
        out = np.zeros((rows.size, 1, MEL_BINS, self._width), dtype=np.float32)
        for i, row in enumerate(rows):
            frames = self._frames_flat[row]
            end = self._ends[row]
            values = self._values[self._shard[row]][end - frames * MEL_BINS : end]
            width = min(frames, self._width)
            out[i, 0, :, :width] = values.reshape(MEL_BINS, frames)[:, :width]
        out /= 255.0
        return out


def _spectrograms(shard: dict[str, np.ndarray], rows: np.ndarray, soundfonts: list[str]) -> Iterator[np.ndarray]:
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
