"""Why a part is, or is not, like a class: what can be measured, and nothing else.

* *Features*: a few that have names, and where the part lies among real parts of each class.
* *Evidence of a measure*: what it adds to the log-odds of the class, on the average over selections of measures that
  are joined and run, with it and without it (a Banzhaf value). Up to EVERY measures all selections are run; of more,
  some that are drawn, of a quarter of the measures each, and a straight line is fitted. A single measure that is left
  out changes little where another says the same; so what changes when only it is cut out is told beside.
* *Evidence of a note*: log-odds of the part less log-odds without the note, by running the network again. The notes of
  a long part (more than EXACT, as notes times parts that are run) are left out by groups that follow one another, and
  share what their group adds; how far that is from the exact numbers is measured on some notes, and said.
* *Counterfactuals*: a few changes that are tried, each with the score that it gives.

All of it is of the part by itself, also where it was classified together with others.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import Asked, InstrumentLikelihood, Measure
from music21_kdic.answers.likeness import Likeness, class_named, likeness_by, weighted_log_odds, weights_of
from music21_kdic.classes import CLASSES
from music21_kdic.errors import NoteError
from music21_kdic.features.evidence import windows_to_classify
from music21_kdic.features.musical import MUSICAL_FEATURES, MusicalFeature, musical_features
from music21_kdic.features.number_names import CHORD
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.model.session import log_softmax
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence
from music21_kdic.statuses import CLASSIFIED, Status

if TYPE_CHECKING:
    from music21 import instrument

    from music21_kdic.reading.streams import AnyStream

EXACT = 1_000_000  # notes times parts: about two seconds
EVERY = 8  # measures, of which every selection is run
SELECTIONS, SHARE = 256, 0.25  # of more measures: how many at least, and how much of them each holds
CHECKED = 64  # notes by which the error of an approximation is measured
UNUSUAL = 0.9  # of the real parts have less of a feature, or have more
AT_ONCE = 200_000  # notes of parts that are run at a time
FOR, AGAINST = '#0072B2', '#D55E00'  # blue and vermilion, which stay apart for colour-blind readers


@dataclass(frozen=True)
class FeatureValue:
    """A feature of the part, and where it lies among real parts.

    Attributes:
        feature: its name and unit.
        value: of this part.
        less, more: for each class, which share of its real parts have less of it, and more.
    """

    feature: MusicalFeature
    value: float
    less: dict[str, float]
    more: dict[str, float]

    def unusual(self, name: str) -> float:
        """Which share of the real parts of a class lie on one side of it, the larger of both."""
        return max(self.less[name], self.more[name])

    def sentence(self, name: str) -> str:
        """The value, and where it lies among real parts of a class."""
        text = f'{self.feature.name} {_shown(self.value, self.feature.unit)}'
        if self.less[name] >= UNUSUAL:
            return f'{text}: {self.feature.more} than in {100 * self.less[name]:.0f} % of {name} parts'
        if self.more[name] >= UNUSUAL:
            return f'{text}: {self.feature.less} than in {100 * self.more[name]:.0f} % of {name} parts'
        return f'{text}: usual in {name} parts'


@dataclass(frozen=True)
class MeasureEvidence:
    """What a measure adds.

    Attributes:
        measure: its number, as the score has it.
        start, end: in quarter lengths from the start of the part.
        evidence: what it adds to the log-odds, on the average over selections of measures: above 0 it speaks for the
            class. NaN where no selection can be classified.
        left_out: log-odds of the part less log-odds of the part when this measure is cut out. NaN where nothing can
            be classified without it.
    """

    measure: Measure
    start: float
    end: float
    evidence: float
    left_out: float


@dataclass(frozen=True)
class Counterfactual:
    """A change that was tried.

    Attributes:
        change: in words.
        likeness: of the changed part.
    """

    change: str
    likeness: Likeness


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Why a part is, or is not, like a class.

    Attributes:
        like: the class.
        likeness: of the part by itself.
        features: of MUSICAL_FEATURES, in their order; none where the model does not say what real parts are like.
        measures: those in which notes begin, in their order.
        notes: evidence of each note, in the order of the part's notes, shape (notes,).
        error: root mean square of how far ``notes`` are from the exact numbers; 0 where they are exact.
        counterfactuals: what was tried, the best first.
        range: facts about the range of a named instrument, '' where none was named.
    """

    like: str
    likeness: Likeness
    features: tuple[FeatureValue, ...]
    measures: tuple[MeasureEvidence, ...]
    notes: FloatArray
    error: float
    counterfactuals: tuple[Counterfactual, ...]
    range: str = ''

    @property
    def unusual(self) -> list[FeatureValue]:
        """The features that lie beyond nine tenths of the real parts of the class, the farthest out first."""
        return unusual_features(self.features, self.like)

    def against(self) -> list[MeasureEvidence]:
        """The measures, those first that speak most against the class."""
        return sorted(self.measures, key=lambda one: (np.isnan(one.evidence), one.evidence))

    def __str__(self) -> str:
        score = self.likeness.score
        assert score is not None
        lines = [f'{self.like} {score:.2f} ({self.likeness.status})']
        lines += [_sentence(one.sentence(self.like)) for one in self.unusual]
        lines += [self.range] if self.range else []
        against = [one for one in self.against() if one.evidence < 0][:3]
        if against:
            told = ', '.join(f'{one.measure} ({one.evidence:+.2f})' for one in against)
            lines.append(f'Measures that speak most against it (log-odds): {told}.')
        for one in self.counterfactuals:
            became = one.likeness.status if one.likeness.score is None else f'{one.likeness.score:.2f}'
            lines.append(f'{_sentence(one.change)[:-1]}: {became}.')
        return '\n'.join(lines)

    __repr__ = __str__


def explain(
    answer: InstrumentLikelihood, like: str | None = None, player: 'instrument.Instrument | str | None' = None
) -> Explanation:
    """Say why a part is, or is not, like a class.

    Args:
        answer: to the part.
        like: the class; the likeliest where it is left out.
        player: an instrument, whose range is then told beside: a music21 Instrument or its name.

    Raises:
        ClassNameError: where ``like`` is no class.
        NoteError: where there was nothing to go by.
    """
    alone = answer.alone
    if alone.asked is None or alone.status not in CLASSIFIED:
        raise NoteError(f'nothing to explain: the part is {alone.status}')
    asked = alone.asked
    name = alone.ranked()[0][0] if like is None else class_named(like)
    weights = weights_of(name)
    measures = measure_evidence(asked, weights)
    notes, error = _note_evidence(asked, weights)
    worst = min((one for one in measures if one.evidence < 0), key=lambda one: one.evidence, default=None)
    return Explanation(
        like=name,
        likeness=likeness_by(alone, weights, asked.model.contract),
        features=feature_values(answer),
        measures=tuple(measures),
        notes=notes,
        error=error,
        counterfactuals=tuple(_counterfactuals(asked, weights, worst)),
        range=_range(asked.part, player),
    )


def feature_values(answer: InstrumentLikelihood) -> tuple[FeatureValue, ...]:
    """The musical features of a part that was classified; none where its model has no reference."""
    asked = answer.asked
    if asked is None or asked.model.reference is None or answer.status not in CLASSIFIED:
        return ()
    values = musical_features(asked.part, windows_to_classify([asked.part])[0][0])
    less, more = asked.model.reference.place(values)
    return tuple(
        FeatureValue(
            feature,
            float(values[row]),
            dict(zip(CLASSES, less[:, row].tolist(), strict=True)),
            dict(zip(CLASSES, more[:, row].tolist(), strict=True)),
        )
        for row, feature in enumerate(MUSICAL_FEATURES)
    )


def unusual_features(features: Sequence[FeatureValue], name: str) -> list[FeatureValue]:
    """Those that lie beyond nine tenths of the real parts of a class, the farthest out first."""
    return sorted((one for one in features if one.unusual(name) >= UNUSUAL), key=lambda one: -one.unusual(name))


def why(answer: InstrumentLikelihood, like: str | None = None, most: int = 3) -> str:
    """In one line what is unusual about a part among real parts of a class, the likeliest where it is left out."""
    if answer.status not in CLASSIFIED:
        return ''
    name = answer.ranked()[0][0] if like is None else like
    unusual = unusual_features(feature_values(answer), name)[:most]
    return '; '.join(one.sentence(name) for one in unusual) or f'nothing unusual among {name} parts'


def colored(explanation: Explanation, asked: Asked, s: 'AnyStream') -> 'AnyStream':
    """A copy of the stream that was classified, its notes coloured by their evidence: FOR and AGAINST the class.

    The more a note adds, the fuller its colour; what adds next to nothing stays black.

    Raises:
        NoteError: where the stream is another than was classified.
    """
    from music21_kdic.reading.streams import notes_and_elements
    from music21_kdic.reading.walk import inside

    part, elements = notes_and_elements(s)
    same = len(part) == len(asked.part) and all(
        np.array_equal(getattr(part, name), getattr(asked.part, name)) for name in ('onsets', 'ends', 'pitches')
    )
    if not same:
        raise NoteError(f'{type(s).__name__} of {len(part)} notes: wanted the stream that was classified')
    color_of = {
        id(element): color
        for tied, color in zip(elements, _colors(explanation.notes), strict=True)
        for element in tied
        if color
    }
    painted = copy.deepcopy(s)
    for (_, own, _), (_, other, _) in zip(inside(s), inside(painted), strict=True):
        for element, twin in zip(_sounding(own), _sounding(other), strict=True):
            if id(element) in color_of:
                twin.style.color = color_of[id(element)]
    return painted


def _sounding(element: Any) -> list[Any]:
    """The notes of an element: itself, or those of a chord."""
    inner = getattr(element, 'notes', ()) if 'Chord' in element.classes else ()
    return [element, *inner]


def _colors(evidence: FloatArray) -> list[str]:
    """A colour for each note, '' for those that add less than a tenth of what the strongest do."""
    known = np.nan_to_num(evidence)
    strongest = float(np.quantile(np.abs(known), 0.95)) if known.size else 0.0
    colors = []
    for value in known.tolist():
        strength = min(1.0, abs(value) / strongest) if strongest else 0.0
        full = FOR if value > 0 else AGAINST
        parts = [int(full[first : first + 2], 16) for first in (1, 3, 5)]
        colors.append('#' + ''.join(f'{round(strength * c):02X}' for c in parts) if strength >= 0.1 else '')
    return colors


def _shown(value: float, unit: str) -> str:
    if unit == 'MIDI pitch':
        names = ('C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B')
        pitch = int(np.rint(value))
        return f'{names[pitch % 12]}{pitch // 12 - 1}'
    if unit == 'share':
        return f'{100 * value:.0f} %'
    return f'{value:.3g}' + ('' if unit == 'count' else f' {unit}')


def _sentence(text: str) -> str:
    return f'{text[:1].upper()}{text[1:]}.'


def _log_odds(parts: Sequence[NoteSequence], asked: Asked, weights: FloatArray) -> FloatArray:
    """The log-odds of some parts; NaN where one cannot be classified."""
    found = np.full(len(parts), np.nan)
    first = 0
    while first < len(parts):
        past, notes = first, 0
        while past < len(parts) and (notes < AT_ONCE or past == first):
            notes += len(parts[past])
            past += 1
        cut = windows_to_classify(parts[first:past])
        given = [place for place, (_, status) in enumerate(cut) if status == Status.OK]
        if given:
            numbers = part_numbers([parts[first + place] for place in given], [cut[place][0] for place in given])
            probabilities = np.exp(log_softmax(asked.model.answer(numbers).logs + np.log(asked.priors)))
            for place, row in zip(given, probabilities, strict=True):
                found[first + place] = weighted_log_odds(row, weights)
        first = past
    return found


def _kept(part: NoteSequence, keep: Any) -> NoteSequence:
    return _changed(part, part.onsets[keep], part.ends[keep], part.pitches[keep])


def _changed(part: NoteSequence, onsets: FloatArray, ends: FloatArray, pitches: IntArray) -> NoteSequence:
    return NoteSequence(onsets, ends, pitches, part.bars, part.measure_numbers, part.unpitched)


def _bar_of(part: NoteSequence) -> IntArray:
    """The bar in which each note begins, or the nearest."""
    bar = np.searchsorted(part.bars, part.onsets + CHORD / 2, side='right') - 1
    inside: IntArray = np.clip(bar, 0, part.bars.size - 2)
    return inside


def _joined(part: NoteSequence, bar: IntArray, keep: Any) -> NoteSequence:
    """Some measures of a part, one after the other; ``bar`` is that of each note, ``keep`` which ones are kept."""
    length = np.where(keep, np.diff(part.bars), 0)
    start = np.concatenate([[0.0], np.cumsum(length)])
    kept = keep[bar]
    onsets, ends = ((times - part.bars[bar] + start[bar])[kept] for times in (part.onsets, part.ends))
    numbers = tuple(number for number, wanted in zip(part.measure_numbers, keep.tolist(), strict=True) if wanted)
    ends = np.maximum(np.minimum(ends, start[-1]), onsets + 2.0**-20)
    return NoteSequence(onsets, ends, part.pitches[kept], np.unique(start), numbers)


def measure_evidence(asked: Asked, weights: FloatArray) -> list[MeasureEvidence]:
    """What each measure in which notes begin adds to the log-odds of classes of some weights."""
    part = asked.part
    bar = _bar_of(part)
    played = np.unique(bar)
    without = ~np.eye(part.bars.size - 1, dtype=bool)[played]
    odds = _log_odds([part, *(_joined(part, bar, keep) for keep in without if keep.any())], asked, weights)
    left_out = odds[0] - odds[1:] if part.bars.size > 2 else np.full(played.size, np.nan)
    evidence = _selected(part, bar, played, asked, weights)
    found = []
    for place, row in enumerate(played.tolist()):
        number = part.measure_numbers[row]
        name = int(number) if number.isdecimal() else number
        start, end = float(part.bars[row]), float(part.bars[row + 1])
        found.append(MeasureEvidence(name, start, end, float(evidence[place]), float(left_out[place])))
    return found


def _selected(part: NoteSequence, bar: IntArray, played: IntArray, asked: Asked, weights: FloatArray) -> FloatArray:
    """What each measure that is played adds on the average over selections of them."""
    size = played.size
    if size <= EVERY:
        chosen = (np.arange(1, 2**size)[:, None] >> np.arange(size)) & 1 == 1
    else:
        chosen = np.random.default_rng(0).random((max(SELECTIONS, 4 * size), size)) < SHARE
        chosen = chosen[chosen.any(axis=1)]
    keep = np.zeros((len(chosen), part.bars.size - 1), dtype=bool)
    keep[:, played] = chosen
    odds = _log_odds([_joined(part, bar, each) for each in keep], asked, weights)
    known = ~np.isnan(odds)
    if not known.any():
        return np.full(size, np.nan)
    table = np.column_stack([chosen[known].astype(float), np.ones(known.sum())])
    ridge = 1e-3 * np.eye(size + 1)
    added: FloatArray = np.linalg.solve(table.T @ table + ridge, table.T @ odds[known])[:size]
    return added


def _without(asked: Asked, weights: FloatArray, groups: IntArray) -> FloatArray:
    """Log-odds of the part less log-odds without each group of notes, numbered from 0 on, shape (groups,)."""
    parts = [asked.part, *(_kept(asked.part, groups != group) for group in range(int(groups.max()) + 1))]
    odds = _log_odds(parts, asked, weights)
    added: FloatArray = odds[0] - odds[1:]
    return added


def _note_evidence(asked: Asked, weights: FloatArray) -> tuple[FloatArray, float]:
    """Of each note, and how far that is from the exact numbers."""
    size = len(asked.part)
    most = max(1, EXACT // size)
    if most >= size:
        return _without(asked, weights, np.arange(size)), 0.0
    groups = np.arange(size) * most // size
    added = _without(asked, weights, groups)
    each = (added / np.bincount(groups))[groups]
    some = np.sort(np.random.default_rng(0).choice(size, CHECKED, replace=False))
    parts = [asked.part, *(_kept(asked.part, np.arange(size) != row) for row in some)]
    odds = _log_odds(parts, asked, weights)
    return each, float(np.sqrt(np.nanmean((each[some] - (odds[0] - odds[1:])) ** 2)))


def _counterfactuals(asked: Asked, weights: FloatArray, worst: MeasureEvidence | None) -> list[Counterfactual]:
    part = asked.part
    changes: dict[str, NoteSequence] = {}
    for words, semitones in (('an octave higher', 12), ('an octave lower', -12)):
        pitches = part.pitches + semitones
        if pitches.min() >= 0 and pitches.max() <= 127:
            changes[words] = _changed(part, part.onsets, part.ends, pitches)
    outer = _outer_notes(part)
    if not outer.all():
        changes['with only the lowest and the highest note of each chord'] = _kept(part, outer)
    for words, factor in (('notes half as long', 0.5), ('notes twice as long', 2.0)):
        ends = part.onsets + factor * (part.ends - part.onsets)
        changes[words] = _changed(part, part.onsets, ends, part.pitches)
    if worst is not None:
        bar = _bar_of(part)
        keep = part.bars[:-1] != worst.start
        if keep[bar].any():
            changes[f'without measure {worst.measure}'] = _joined(part, bar, keep)
    answers = classify(list(changes.values()), asked.model, asked.priors.tolist())
    tried = [
        Counterfactual(words, likeness_by(one, weights, asked.model.contract))
        for words, one in zip(changes, answers, strict=True)
    ]
    return sorted(tried, key=lambda one: one.likeness, reverse=True)


def _outer_notes(part: NoteSequence) -> Any:
    """Which notes are the lowest or the highest of those that begin together."""
    outer = np.zeros(len(part), dtype=bool)
    first = np.flatnonzero(np.concatenate([[True], np.diff(part.onsets) > CHORD]))
    for begin, past in zip(first, [*first[1:], len(part)], strict=True):
        pitches = part.pitches[begin:past]
        outer[[begin + pitches.argmin(), begin + pitches.argmax()]] = True
    return outer


def _range(part: NoteSequence, player: 'instrument.Instrument | str | None') -> str:
    """What music21 knows of the range of an instrument, and how many notes lie below it."""
    if player is None:
        return ''
    from music21 import instrument

    known = instrument.fromString(player) if isinstance(player, str) else player
    name = known.instrumentName or type(known).__name__
    lowest = [known.lowestNote] if known.lowestNote is not None else []
    strings = list(getattr(known, 'stringPitches', None) or ())
    facts = [f'lowest note {lowest[0].nameWithOctave}'] if lowest else []
    if strings:
        facts.append(f'strings {" ".join(string.nameWithOctave for string in strings)}')
    pitches = [pitch.midi for pitch in (*lowest, *strings)]
    if not pitches:
        return f'{name}: music21 knows no range of it.'
    below = int((part.pitches < min(pitches)).sum())
    return f'{name}: {", ".join(facts)}; {below} of {len(part)} notes are lower.'
