"""Log-mel spectrograms of audio, as the paper has them, and those that ``render`` has stored.

22050 Hz, FFT window and hop of 512 samples, 128 mel bins (librosa), decibels below the window's own maximum down
to -80. A window lasts as long as its tempo says and is padded with silence to 528 frames (12.3 s: two bars at
39 beats a minute); what is slower is cut there.
"""

from pathlib import Path

import librosa
import numpy as np

from export.data.window_table import shard_paths

SAMPLE_RATE = 22050
HOP = 512
MEL_BINS = 128
FRAMES = 528
FLOOR_DB = 80.0


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
    mel: np.ndarray = np.round((decibels + FLOOR_DB) * (255.0 / FLOOR_DB)).astype(np.uint8)
    return mel


class Spectrograms:
    """The rendered windows of a working folder, read from disk as they are asked for.

    Args:
        work: the folder.
        shards: only the first few shards; 0 is all.
        frames: what is longer is cut there.

    Attributes:
        rendered: the rows of the window table that were rendered.

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
        self.rendered = np.flatnonzero(self._frames_flat)

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
