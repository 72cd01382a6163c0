"""``sanity``: does a part become less like its instrument when its notes become what the instrument would not play?

Parts of the test split are classified as they are and transformed, as users have them classified
(:func:`music21_kdic.answers.classify.classify`, whole parts, equal priors). The likeness of the part's own class is
compared. Transposition by octaves, chords that no hands hold and notes out of order should lower it; a whole tone, a
shift by whole bars or playing it all twice should hardly change it.
"""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from export.data.sources import ManifestFile
from export.data.window_table import write_json
from export.evaluation.whole_parts import whole_parts
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.errors import KdicError
from music21_kdic.features.evidence import windows_to_classify
from music21_kdic.features.windows import TOLERANCE
from music21_kdic.model.session import Model
from music21_kdic.reading.notes import IntArray, NoteSequence

MOST = 300  # parts of a class
LEAST_WINDOWS = 4
CHORD = 3  # tones that are struck together
LEAST_CHORDS = 0.25  # of all strokes: from so many on, widening chords says something of a part
RESAMPLES = 2000
SIXTEENTH = 0.25

Transform = Callable[[NoteSequence, np.random.Generator], NoteSequence]


def _with(notes: NoteSequence, onsets: Any = None, ends: Any = None, pitches: Any = None) -> NoteSequence:
    return NoteSequence(
        notes.onsets if onsets is None else onsets,
        notes.ends if ends is None else ends,
        notes.pitches if pitches is None else into_range(pitches),
        notes.bars,
    )


def into_range(pitches: IntArray) -> IntArray:
    """Pitches beyond MIDI's, brought in by octaves."""
    low = np.where(pitches < 0, pitches % 12, pitches)
    moved: IntArray = np.where(low > 127, 127 - (127 - low) % 12, low)
    return moved


def transposed(notes: NoteSequence, rng: np.random.Generator, semitones: int) -> NoteSequence:
    """The same, higher or lower."""
    return _with(notes, pitches=notes.pitches + semitones)


def tones(notes: NoteSequence) -> tuple[IntArray, IntArray]:
    """Of each note, its rank among those that are struck with it, the lowest 0, and how many they are."""
    # Notes are sorted by onset: a stroke begins where the last one is longer ago than a hair.
    stroke = np.cumsum(np.diff(notes.onsets, prepend=notes.onsets[:1]) > TOLERANCE)
    order = np.lexsort((notes.pitches, stroke))
    sizes = np.bincount(stroke)
    rank = np.empty_like(stroke)
    rank[order] = np.arange(stroke.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank, sizes[stroke]


def chords(notes: NoteSequence) -> float:
    """The share of strokes that are chords of at least CHORD tones."""
    rank, sizes = tones(notes)
    return float((sizes[rank == 0] >= CHORD).mean())


def opened(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Chords pulled apart: the lower half of the tones an octave down, the upper half an octave up."""
    rank, sizes = tones(notes)
    moved = np.where(rank < sizes // 2, -12, np.where(rank >= (sizes + 1) // 2, 12, 0))
    return _with(notes, pitches=notes.pitches + moved * (sizes >= 2))


def spread(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Each tone of a chord an octave further from the one below: more than an octave lies between any two."""
    rank, sizes = tones(notes)
    return _with(notes, pitches=notes.pitches + 12 * (rank - (sizes - 1) // 2))


def thickened(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Chords doubled two octaves down and two octaves up: nine tones and more over more than four octaves."""
    _, sizes = tones(notes)
    chord = sizes >= CHORD
    onsets, ends = (np.concatenate([times, times[chord], times[chord]]) for times in (notes.onsets, notes.ends))
    inner = notes.pitches[chord]
    return _with(notes, onsets, ends, np.concatenate([notes.pitches, inner - 24, inner + 24]))


def pitches_shuffled(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """The same rhythm, the same pitches, but any pitch anywhere in the part."""
    return _with(notes, pitches=rng.permutation(notes.pitches))


def onsets_shuffled(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Each note on any sixteenth of its bar, as long as before: the bar's pitches without its rhythm and its chords."""
    bar = np.clip(np.searchsorted(notes.bars, notes.onsets, side='right') - 1, 0, notes.bars.size - 2)
    sixteenths = np.maximum(1, np.round(np.diff(notes.bars)[bar] / SIXTEENTH))
    onsets = notes.bars[bar] + SIXTEENTH * np.floor(rng.random(bar.size) * sixteenths)
    return _with(notes, onsets, onsets + (notes.ends - notes.onsets))


def all_shuffled(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Both."""
    return pitches_shuffled(onsets_shuffled(notes, rng), rng)


def later(notes: NoteSequence, rng: np.random.Generator, bars: int) -> NoteSequence:
    """Some empty bars before it."""
    before = notes.bars[0] + (notes.bars[1] - notes.bars[0]) * np.arange(bars)
    step = bars * (notes.bars[1] - notes.bars[0])
    moved = np.concatenate([before, notes.bars + step])
    return NoteSequence(notes.onsets + step, notes.ends + step, notes.pitches, moved)


def repeated(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Played twice."""
    step = notes.bars[-1] - notes.bars[0]
    onsets, ends = (np.concatenate([times, times + step]) for times in (notes.onsets, notes.ends))
    return NoteSequence(onsets, ends, np.tile(notes.pitches, 2), np.concatenate([notes.bars, notes.bars[1:] + step]))


OCTAVES: dict[str, Transform] = {
    'an octave down': partial(transposed, semitones=-12),
    'an octave up': partial(transposed, semitones=12),
}
CHORDS: dict[str, Transform] = {'chords opened': opened, 'chords spread': spread, 'chords thickened': thickened}
CONTROLS: dict[str, Transform] = {
    'a whole tone down': partial(transposed, semitones=-2),
    'a whole tone up': partial(transposed, semitones=2),
    'a bar later': partial(later, bars=1),
    'two bars later': partial(later, bars=2),
    'played twice': repeated,
}
TRANSFORMS: dict[str, Transform] = {
    **OCTAVES,
    'two octaves down': partial(transposed, semitones=-24),
    'two octaves up': partial(transposed, semitones=24),
    **CHORDS,
    'pitches shuffled': pitches_shuffled,
    'onsets shuffled': onsets_shuffled,
    'pitches and onsets shuffled': all_shuffled,
    **CONTROLS,
}


def mean_interval(values: np.ndarray, songs: np.ndarray, rng: np.random.Generator) -> list[float]:
    """95 % interval of a mean over parts, by drawing whole songs with replacement (percentile bootstrap)."""
    _, song = np.unique(songs, return_inverse=True)
    sums, counts = np.bincount(song, values), np.bincount(song)
    drawn = rng.integers(0, counts.size, (RESAMPLES, counts.size))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return [round(float(bound), 4) for bound in np.quantile(means, [0.025, 0.975])]


def compare(
    before: list[InstrumentLikelihood], after: list[InstrumentLikelihood], name: str, songs: np.ndarray, seed: int
) -> dict[str, Any]:
    """What a transformation does to the likeness of a class.

    Args:
        before, after: answers to the same parts, at least one.
        name: the class that they are of.
        songs: what each part is from, shape (parts,).
        seed: of the bootstrap.

    Returns:
        ``parts``, ``songs``; mean likeness ``before`` and ``after``, ``change`` and its 95 % ``interval``; ``fell``,
        the share of parts whose likeness fell, and ``fell_interval``; ``named_before`` and ``named_after``, the share
        whose answer is this class; ``fell_of_named``, as ``fell``, of those that were named so before;
        ``unclassified``, the share that is not classified any more (beyond every instrument's range, say): their
        likeness is the prior's.
    """
    old, new = (np.array([one[name] for one in answers]) for answers in (before, after))
    fell = (new < old).astype(float)
    named = np.array([one.best == name for one in before])
    rng = np.random.default_rng(seed)
    found = {
        'before': old.mean(),
        'after': new.mean(),
        'change': (new - old).mean(),
        'fell': fell.mean(),
        'fell_of_named': fell[named].mean() if named.any() else 0.0,
        'named_before': named.mean(),
        'named_after': np.mean([one.best == name for one in after]),
        'unclassified': np.mean([not len(one.matrix) for one in after]),
    }
    return {
        'parts': old.size,
        'songs': int(np.unique(songs).size),
        **{key: round(float(value), 4) for key, value in found.items()},
        'interval': mean_interval(new - old, songs, rng),
        'fell_interval': mean_interval(fell, songs, rng),
    }


def draw_parts(files: Iterable[ManifestFile], most: int, seed: int) -> dict[str, list[tuple[str, NoteSequence]]]:
    """By class, (song, notes) of up to ``most`` parts of at least LEAST_WINDOWS windows, of files in any order."""
    ordered = sorted(files, key=lambda file: zlib.crc32(f'{seed} {file.name}'.encode()))
    found: dict[str, list[tuple[str, NoteSequence]]] = defaultdict(list)
    for file in tqdm(ordered, desc='read', unit='file'):
        for part in file.read().parts:
            parts = found[CLASSES[part.label]]
            try:
                if len(parts) < most and len(windows_to_classify(part.notes)[0]) >= LEAST_WINDOWS:
                    parts.append((file.group, part.notes))
            except KdicError:  # more windows than are read
                continue
        if len(found) == len(CLASSES) and all(len(parts) >= most for parts in found.values()):
            break
    return found


def sanity(files: list[ManifestFile], model_path: Path, out: Path, most: int, seed: int) -> Path:
    """Judge parts of the test split as they are and transformed; write ``out``."""
    model = Model(model_path)
    content: dict[str, Any] = {
        'model': {'name': model_path.stem, 'sha256': hashlib.sha256(model_path.read_bytes()).hexdigest()},
        'whole_parts': whole_parts(files, model),
        'classes': {},
    }
    drawn = draw_parts([file for file in files if file.split == 'test'], most, seed)
    for name in tqdm([name for name in CLASSES if name in drawn], desc='sanity', unit='class'):
        transforms = TRANSFORMS if name == 'Guitar' else OCTAVES
        songs, parts = np.array([song for song, _ in drawn[name]]), [notes for _, notes in drawn[name]]
        before = classify_each(parts, model)
        struck = np.array([chords(notes) >= LEAST_CHORDS for notes in parts])
        rows = {}
        for title, transform in transforms.items():
            chosen = np.flatnonzero(struck) if title in CHORDS else np.arange(len(parts))
            if not chosen.size:
                continue
            rng = np.random.default_rng([seed, zlib.crc32(title.encode())])
            after = classify_each([transform(parts[i], rng) for i in chosen], model)
            rows[title] = compare([before[i] for i in chosen], after, name, songs[chosen], seed)
        content['classes'][name] = rows
    write_json(out, content)
    return out


def classify_each(parts: list[NoteSequence], model: Model) -> list[InstrumentLikelihood]:
    """Answers to parts, one by one: together they may be more than is read at once."""
    return [answer for notes in parts for answer in classify([notes], model)]
