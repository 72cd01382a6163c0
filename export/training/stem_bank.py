"""Mixtures to learn from, drawn from the stems that ``mixes`` rendered: of one song, or of several."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from export.networks.separators import SAMPLES
from export.training.fit import device
from music21_kdic.sound.networks import TARGETS

OF_ONE_SONG = 0.5  # of the training mixtures; the others are of stems of different songs
SOUNDS = 0.4  # of the targets in those
GAIN = 6.0  # dB up or down, of a stem in training
# Of mixtures that are varied, so that more is known than synthesizers: the share of those of one target alone, how
# strongly each stem is filtered, and how far below the mixture there is noise, in dB.
SOLOS, FILTER, NOISE = 0.2, 0.7, (25.0, 70.0)


class StemBank:
    """The stems of a split, in the device's memory.

    Args:
        work: the working folder.
        split: a folder of ``mixes``.
        rate: of the audio, Hz.
        lead: two targets, the lead melody and the accompaniment, of the songs that have a lead.

    Attributes:
        names: of the songs.
        targets: how many.

    Raises:
        FileNotFoundError: where there are no mixes.
    """

    def __init__(self, work: Path, split: str, rate: int, *, lead: bool = False) -> None:
        self.targets = 2 if lead else len(TARGETS)
        rows: list[np.ndarray] = []
        tables, self.names = [], []
        paths = sorted((work / 'mixes' / split).glob('*.npz'))
        for path in tqdm(paths, desc=f'{split}, {rate} Hz', unit='song', leave=False):
            with np.load(path) as file:
                is_lead = file['lead']
                if lead and not 0 < is_lead.sum() < is_lead.size:
                    continue
                audio, of = file[str(rate)], np.where(is_lead, 0, 1) if lead else file['targets']
            self.names.append(path.stem)
            table = np.zeros(self.targets, dtype=np.int64)
            for target in np.unique(of):
                rows.append(np.clip(audio[of == target].sum(axis=0, dtype=np.int32), -32768, 32767).astype(np.int16))
                table[target] = len(rows)  # row 0 is silence
            tables.append(table)
        if not rows:
            raise FileNotFoundError(f'{work}/mixes/{split}: no stems there; run `python -m export mixes` first')
        self._table = np.stack(tables)
        self._samples = rows[0].size
        silence = np.zeros_like(rows[0])
        self._audio = torch.from_numpy(np.stack([silence, *rows])).to(device()).flatten()
        self._sounding = [column[column > 0] for column in self._table.T]

    def __len__(self) -> int:
        return len(self.names)

    def song(self, number: int) -> Tensor:
        """The stems of a song, whole: float32, shape (targets, samples)."""
        there = torch.from_numpy(self._table[number]).to(device())
        return self._audio.view(-1, self._samples)[there].float() / 32768

    def patches(self, batch_size: int) -> Iterator[Tensor]:
        """The two patches of each song, undrawn, some at a time: see :meth:`batch`."""
        numbers = np.arange(2 * len(self))
        return (self.batch(some, None) for some in np.array_split(numbers, -(-numbers.size // batch_size)))

    def batch(self, numbers: np.ndarray, rng: np.random.Generator | None, *, varied: bool = False) -> Tensor:
        """Stems of mixtures, float32, shape (mixtures, targets, SAMPLES).

        Without a generator, patch n is one of song n // 2: its first, or its second half. With one, they are drawn.
        ``varied``: some are solos, stems are filtered at random, and the last target has noise in it.
        """
        count = numbers.size
        shape = (count, self.targets)
        gain = np.ones(shape, dtype=np.float32)
        if rng is None:
            rows = self._table[numbers // 2]
            start = np.broadcast_to((numbers % 2 * (self._samples - SAMPLES))[:, None], shape)
        else:
            rows = self._table[rng.integers(len(self), size=count)]
            start = np.broadcast_to(rng.integers(self._samples - SAMPLES, size=(count, 1)), shape).copy()
            mixed = np.flatnonzero(rng.random(count) >= OF_ONE_SONG)
            drawn = [some[rng.integers(some.size, size=mixed.size)] if some.size else 0 for some in self._sounding]
            present = rng.random((mixed.size, self.targets)) < SOUNDS
            if varied:
                alone = rng.random(mixed.size) < SOLOS / (1 - OF_ONE_SONG)
                present[alone] = np.eye(self.targets, dtype=bool)[rng.integers(self.targets, size=alone.sum())]
            rows[mixed] = np.where(present, np.stack(np.broadcast_arrays(*drawn), axis=1), 0)
            start[mixed] = rng.integers(self._samples - SAMPLES, size=(mixed.size, self.targets))
            gain = 10 ** (rng.uniform(-GAIN, GAIN, shape) / 20).astype(np.float32)
        first = torch.from_numpy(rows * self._samples + start).to(device())
        audio: Tensor = self._audio[first[..., None] + torch.arange(SAMPLES, device=device())].float() / 32768
        audio *= torch.from_numpy(gain).to(device())[..., None]
        return _varied(audio, rng) if varied and rng is not None else audio


def _varied(stems: Tensor, rng: np.random.Generator) -> Tensor:
    """Stems, each through a filter of first order that lifts or lowers its highs, the last one with white noise."""
    filters = rng.uniform(-FILTER, FILTER, stems.shape[:2]).astype(np.float32)
    weights = torch.from_numpy(filters / np.sqrt(1 + filters**2)).to(stems.device)[..., None]
    filtered = stems / torch.sqrt(1 + weights**2)
    filtered[..., 1:] -= weights * stems[..., :-1]
    loud = filtered.sum(dim=1).square().mean(dim=-1).sqrt()
    below = torch.from_numpy(10 ** (-rng.uniform(*NOISE, len(stems)) / 20)).float().to(stems.device)
    generator = torch.Generator(stems.device).manual_seed(int(rng.integers(2**31)))
    noise = torch.randn(stems.shape[::2], generator=generator, device=stems.device)
    filtered[:, -1] += (loud * below)[:, None] * noise
    return filtered
