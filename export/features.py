"""Hand-made features of a window: the numbers that people reach for, used by the baseline and the compact student.

Where the notes lie, how many sound together and how they are spaced, how the outer voices move, how long notes last
and when they begin. All are computed with torch from the piano-roll, so they export to ONNX with the student.
"""

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
    """Describe windows by numbers.

    Args:
        rolls: float 0 or 1, shape (windows, planes, 128, columns), columns a multiple of 8; the first plane is what
            sounds, the second, if there is one, the onsets. Without it a note begins where a pitch starts to sound.
        intervals: count how often each interval sounds, which takes as long as all the rest.

    Returns:
        float, shape (windows, 119), without intervals (windows, 95).
    """
    sounding = rolls[:, 0]
    onset = rolls[:, 1] if rolls.shape[1] > 1 else sounding * (1 - functional.pad(sounding, (1, 0))[:, :, :-1])
    features = [
        *_heights(sounding),
        *_heights(onset),
        *_densities(sounding),
        *_densities(onset),
        *((sounding[:, lag:] * sounding[:, :-lag]).sum(dim=(1, 2)) for lag in range(1, LAGS * intervals + 1)),
        *_outer_voices(onset),
        *_durations(sounding, onset),
    ]
    return torch.stack(features, dim=1)


def _at_least_one(x: Tensor) -> Tensor:
    return torch.clamp(x, min=1.0)


def _heights(plane: Tensor) -> list[Tensor]:
    """How many cells; mean, deviation and quantiles of their pitch; how many pitches: 11 numbers."""
    height = torch.arange(plane.shape[1], dtype=plane.dtype, device=plane.device)
    weight = plane.sum(dim=2)
    cells = weight.sum(dim=1)
    total = _at_least_one(cells)
    mean = (weight * height).sum(dim=1) / total
    spread = torch.clamp((weight * height * height).sum(dim=1) / total - mean * mean, min=0.0)
    share = torch.cumsum(weight, dim=1) / total.unsqueeze(1)
    quantiles = [(share < q).to(plane.dtype).sum(dim=1) for q in QUANTILES]
    return [cells, mean, torch.sqrt(spread), *quantiles, (weight > 0).to(plane.dtype).sum(dim=1)]


def _densities(plane: Tensor) -> list[Tensor]:
    """Notes a column: most, mean where there are any, deviation, share of columns with 0 to 6: 10 numbers."""
    voices = plane.sum(dim=1)
    active = _at_least_one((voices > 0).to(plane.dtype).sum(dim=1))
    mean = voices.mean(dim=1, keepdim=True)
    deviation = torch.sqrt(((voices - mean) ** 2).mean(dim=1))
    shares = [(voices == count).to(plane.dtype).mean(dim=1) for count in range(VOICES)]
    return [voices.amax(dim=1), voices.sum(dim=1) / active, deviation, *shares]


def _outer_voices(onset: Tensor) -> list[Tensor]:
    """How the lowest and the highest onsets move from one to the next, and their widest distance: 21 numbers."""
    height = torch.arange(onset.shape[1], dtype=onset.dtype, device=onset.device).view(1, -1, 1)
    silent = (1 - onset) * onset.shape[1]
    lowest = (height * onset + silent).amin(dim=1)
    highest = (height * onset - silent).amax(dim=1)
    begins = onset.amax(dim=1)  # 1 in columns where something begins
    features: list[Tensor] = []
    for line in (lowest, highest):
        before, seen = line[:, 0], begins[:, 0]
        steps, moves = [], []
        for column in range(1, onset.shape[2]):
            here = begins[:, column]
            moves.append(here * seen)
            steps.append((line[:, column] - before) * moves[-1])
            before = torch.where(here > 0, line[:, column], before)
            seen = torch.maximum(seen, here)
        step, move = torch.stack(steps, dim=1), torch.stack(moves, dim=1)
        count = _at_least_one(move.sum(dim=1))
        size = step.abs()
        features += [size.sum(dim=1) / count, step.sum(dim=1) / count]
        features += [((size == semitones) * move).sum(dim=1) / count for semitones in STEPS]
    widest = torch.where(begins > 0, highest - lowest, torch.zeros_like(lowest)).amax(dim=1)
    return [*features, widest]


def _durations(sounding: Tensor, onset: Tensor) -> list[Tensor]:
    """When notes begin, how long they last, how the halves differ, which pitch classes and registers: 32 numbers."""
    begins = onset.amax(dim=1)
    phases = begins.reshape(begins.shape[0], -1, PHASE).mean(dim=1)
    cells, notes = sounding.sum(dim=(1, 2)), onset.sum(dim=(1, 2))
    silence = 1 - sounding.amax(dim=1).mean(dim=1)
    held = (sounding[:, :, 1:] * sounding[:, :, :-1] * (1 - onset[:, :, 1:])).sum(dim=(1, 2))
    half = sounding.shape[2] // 2
    changed = (sounding[:, :, :half] - sounding[:, :, half:]).abs().sum(dim=(1, 2))
    octaves = functional.pad(onset.sum(dim=2), (0, 4)).reshape(onset.shape[0], -1, 12)
    classes = octaves.sum(dim=1)
    registers = sounding.sum(dim=2).reshape(sounding.shape[0], 16, 8).sum(dim=2) / _at_least_one(cells).unsqueeze(1)
    return [
        begins.mean(dim=1),
        *phases.unbind(dim=1),
        cells / _at_least_one(notes),
        silence,
        held,
        held / _at_least_one(cells),
        changed / _at_least_one(cells),
        (classes > 0).to(onset.dtype).sum(dim=1),
        classes.amax(dim=1) / _at_least_one(notes),
        *registers.unbind(dim=1),
    ]
