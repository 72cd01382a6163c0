"""Hand-made features of a window: numbers that describe it, used by gradient boosting and the fast student.

Where the notes lie, how many sound together and how they are spaced, how the outer voices move, how long notes last
and when they begin. All are computed with torch from the piano-roll, so they export to ONNX with the student.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

LAGS = 24  # semitones: intervals up to two octaves
VOICES = 7  # columns of 0, 1, ... 6 notes
QUANTILES = (0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999)
STEPS = (0, 1, 2, 3, 4, 5, 7, 12)  # melodic steps in semitones that are counted
PHASE = 8  # columns: two quarter lengths on a grid of 32
FEATURES = 119
FEATURES_WITHOUT_INTERVALS = FEATURES - LAGS


def hand_made_features(rolls: Tensor, intervals: bool = True) -> Tensor:
    """The features of windows.

    Args:
        rolls: float 0 or 1, shape (windows, planes, 128, columns), columns a multiple of 8; the first plane is what
            sounds, the second, if there is one, the onsets. Without it a note begins where a pitch starts to sound.
        intervals: count how often each interval sounds, which takes as long as all the rest.

    Returns:
        float, shape (windows, 119), without intervals (windows, 95).
    """
    sounding = rolls[:, 0]
    onset = rolls[:, 1] if rolls.shape[1] > 1 else sounding * (1 - functional.pad(sounding, (1, 0))[:, :, :-1])
    # How many columns each pitch fills, and how many pitches each column holds.
    lengths, strokes = sounding.sum(dim=2), onset.sum(dim=2)
    voices, attacks = sounding.sum(dim=1), onset.sum(dim=1)
    begins = (attacks > 0).to(onset.dtype)  # 1 in columns where something begins
    blocks = [
        *_heights(lengths),
        *_heights(strokes),
        *_densities(voices),
        *_densities(attacks),
        *(_total(sounding[:, lag:] * sounding[:, :-lag]) for lag in range(1, LAGS * intervals + 1)),
        *_outer_voices(onset, begins),
        *_durations(sounding, onset, begins, voices, lengths, strokes),
    ]
    return torch.cat(blocks, dim=1)


# Below, a block is a tensor of some features, shape (windows, features). Few operations on large tensors rather than
# many on small ones: in onnxruntime each costs a microsecond or two, whatever it does.


def _total(x: Tensor) -> Tensor:
    """Sum over pitches and columns: (windows, 1)."""
    return x.sum(dim=(1, 2)).unsqueeze(1)


def _at_least_one(x: Tensor) -> Tensor:
    return torch.clamp(x, min=1.0)


def _constants(values: Sequence[float], like: Tensor) -> Tensor:
    """Some numbers to compare with, shape (1, numbers, 1)."""
    return torch.tensor(values, dtype=like.dtype, device=like.device).view(1, -1, 1)


def _heights(weight: Tensor) -> list[Tensor]:
    """How many cells; mean, deviation and quantiles of their pitch; how many pitches: 11 numbers."""
    height = torch.arange(weight.shape[1], dtype=weight.dtype, device=weight.device)
    cells = weight.sum(dim=1, keepdim=True)
    total = _at_least_one(cells)
    mean = (weight * height).sum(dim=1, keepdim=True) / total
    spread = torch.clamp((weight * height * height).sum(dim=1, keepdim=True) / total - mean * mean, min=0.0)
    share = torch.cumsum(weight, dim=1) / total
    quantiles = (share.unsqueeze(1) < _constants(QUANTILES, weight)).to(weight.dtype).sum(dim=2)
    return [cells, mean, torch.sqrt(spread), quantiles, (weight > 0).to(weight.dtype).sum(dim=1, keepdim=True)]


def _densities(voices: Tensor) -> list[Tensor]:
    """Notes a column: most, mean where there are any, deviation, share of columns with 0 to 6: 10 numbers."""
    active = _at_least_one((voices > 0).to(voices.dtype).sum(dim=1, keepdim=True))
    mean = voices.mean(dim=1, keepdim=True)
    deviation = torch.sqrt(((voices - mean) ** 2).mean(dim=1, keepdim=True))
    shares = (voices.unsqueeze(1) == _constants(range(VOICES), voices)).to(voices.dtype).mean(dim=2)
    return [voices.amax(dim=1, keepdim=True), voices.sum(dim=1, keepdim=True) / active, deviation, shares]


def _outer_voices(onset: Tensor, begins: Tensor) -> list[Tensor]:
    """How the lowest and the highest onsets move from one to the next, and their widest distance: 21 numbers."""
    height = torch.arange(onset.shape[1], dtype=onset.dtype, device=onset.device).view(1, -1, 1)
    silent = (1 - onset) * onset.shape[1]
    lowest = (height * onset + silent).amin(dim=1)
    highest = (height * onset - silent).amax(dim=1)
    count = torch.cumsum(begins, dim=1)
    before = (count - begins).unsqueeze(1)  # how many such columns there are before each
    # follows[i, j] is 1 where i is the last column before j in which something begins.
    follows = begins.unsqueeze(2) * (count.unsqueeze(2) == before).to(onset.dtype)
    move = begins * (before.squeeze(1) > 0).to(onset.dtype)
    moves = _at_least_one(move.sum(dim=1, keepdim=True))
    blocks: list[Tensor] = []
    for line in (lowest, highest):
        step = (line - torch.bmm(line.unsqueeze(1), follows).squeeze(1)) * move
        size = step.abs()
        counted = (size.unsqueeze(1) == _constants(STEPS, onset)).to(onset.dtype) * move.unsqueeze(1)
        blocks += [size.sum(dim=1, keepdim=True) / moves, step.sum(dim=1, keepdim=True) / moves]
        blocks.append(counted.sum(dim=2) / moves)
    widest = torch.where(begins > 0, highest - lowest, torch.zeros_like(lowest)).amax(dim=1, keepdim=True)
    return [*blocks, widest]


def _durations(
    sounding: Tensor, onset: Tensor, begins: Tensor, voices: Tensor, lengths: Tensor, strokes: Tensor
) -> list[Tensor]:
    """When notes begin, how long they last, how the halves differ, which pitch classes and registers: 32 numbers."""
    phases = begins.reshape(begins.shape[0], -1, PHASE).mean(dim=1)
    cells, notes = lengths.sum(dim=1, keepdim=True), strokes.sum(dim=1, keepdim=True)
    silence = 1 - (voices > 0).to(voices.dtype).mean(dim=1, keepdim=True)
    held = _total(sounding[:, :, 1:] * sounding[:, :, :-1] * (1 - onset[:, :, 1:]))
    half = sounding.shape[2] // 2
    changed = _total((sounding[:, :, :half] - sounding[:, :, half:]).abs())
    octaves = functional.pad(strokes, (0, 4)).reshape(onset.shape[0], -1, 12)
    classes = octaves.sum(dim=1)
    registers = lengths.reshape(sounding.shape[0], 16, 8).sum(dim=2) / _at_least_one(cells)
    return [
        begins.mean(dim=1, keepdim=True),
        phases,
        cells / _at_least_one(notes),
        silence,
        held,
        held / _at_least_one(cells),
        changed / _at_least_one(cells),
        (classes > 0).to(onset.dtype).sum(dim=1, keepdim=True),
        classes.amax(dim=1, keepdim=True) / _at_least_one(notes),
        registers,
    ]
