"""Why a part is, or is not, like a class: what can be measured, and nothing else.

* *Features*, see :mod:`.unusual`: a few that have names, and where the part lies among real parts of each class.
* *Evidence* of measures and of notes, see :mod:`.attribution`.
* *Counterfactuals*: a few changes that are tried, each with the score that it gives.

All of it is of the part by itself, also where it was classified together with others.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.answers.attribution import (
    MeasureEvidence,
    changed,
    joined_measures,
    kept,
    measure_evidence,
    note_evidence,
)
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import Asked, InstrumentLikelihood
from music21_kdic.answers.likeness import Likeness, class_named, likeness_by, weights_of
from music21_kdic.answers.unusual import FeatureValue, feature_values, unusual_features
from music21_kdic.classes import class_of_program
from music21_kdic.errors import ClassNameError, NoteError, shown
from music21_kdic.features.musical import first_of_chords
from music21_kdic.features.windows import bar_of
from music21_kdic.reading.names import class_of_name
from music21_kdic.reading.notes import FloatArray, NoteSequence
from music21_kdic.statuses import CLASSIFIED

if TYPE_CHECKING:
    from music21 import instrument

# Words beside the name of an instrument that say another size of it, with another range.
_OTHER_SIZE = re.compile(
    r'piccolo|sopranino|sopran[oe]?|alto?|contralto|tenore?|bariton[eo]?|bass[eo]?|basset(?:to)?'
    r'|[ck]ontra(?:bass[eo]?)?|subcontrabass|double|great|d?amore|caccia|gamba|descant|octave|garklein'
)


# "5-string", "six strings", "7-saitige"; names have the numbers of strings that instruments have.
_NUMBERS = {'four': 4, 'five': 5, 'six': 6, 'seven': 7, 'eight': 8, 'nine': 9, 'ten': 10, 'twelve': 12}
_SO_MANY_STRINGS = re.compile(
    rf'(?<!\d)(\d{{1,2}}|{"|".join(_NUMBERS)})[\W_]*(?:str(?:ing(?:s|ed)?)?|sait\w+)(?![^\W\d_])', re.I
)


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
        measure_error: root mean square of how far ``left_out`` of ``measures`` is from the exact numbers; 0 where it is
            exact.
        note_error: the same of ``notes``.
        counterfactuals: what was tried, the best first.
        range: facts about the range of a named instrument, '' where none was named.
    """

    like: str
    likeness: Likeness
    features: tuple[FeatureValue, ...]
    measures: tuple[MeasureEvidence, ...]
    notes: FloatArray
    measure_error: float
    note_error: float
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
        lines = [f'{self.like} {score:.2f} ({self.likeness.status}), the part by itself']
        lines += [_sentence(one.sentence(self.like)) for one in self.unusual]
        lines += [self.range] if self.range else []
        against = [one for one in self.against() if one.evidence < 0][:3]
        if against:
            told = ', '.join(f'{one.measure} ({one.evidence:+.2f})' for one in against)
            lines.append(f'Measures that speak most against it (log-odds): {told}.')
        for things, error in (('Measures', self.measure_error), ('Notes', self.note_error)):
            if error > 0:
                lines.append(f'{things} were left out in groups: what one adds is off by about {error:.2f} (log-odds).')
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
        player: an instrument, whose range is then told beside: a music21 Instrument or its name. Of what music21 knows
            in another size alone (a bass flute), or with another number of strings (a 5-string bass), no range is told.

    Raises:
        ClassNameError: where ``like`` is no class, or music21 knows no instrument of the name ``player``.
        NoteError: where there was nothing to go by.
    """
    alone = answer.alone
    if alone.asked is None or alone.status not in CLASSIFIED:
        raise NoteError(f'nothing to explain: the part is {alone.status}')
    asked = alone.asked
    name = answer.ranked()[0][0] if like is None else class_named(like)
    told = _range(asked.part, player)  # soonest, for it may be no instrument
    weights = weights_of(name)
    measures, measure_error = measure_evidence(asked, weights)
    notes, note_error = note_evidence(asked, weights)
    # Of those without which the part is the likelier; what a measure says by itself is not all that it does.
    harmful = [one for one in measures if one.evidence < 0 and one.left_out < 0]
    worst = min(harmful, key=lambda one: one.evidence, default=None)
    return Explanation(
        like=name,
        likeness=likeness_by(alone, weights, asked.model.contract),
        features=feature_values(answer),
        measures=tuple(measures),
        notes=notes,
        measure_error=measure_error,
        note_error=note_error,
        counterfactuals=tuple(_counterfactuals(asked, weights, worst)),
        range=told,
    )


def _sentence(text: str) -> str:
    return f'{text[:1].upper()}{text[1:]}.'


def _counterfactuals(asked: Asked, weights: FloatArray, worst: MeasureEvidence | None) -> list[Counterfactual]:
    part = asked.part
    changes: dict[str, NoteSequence] = {}
    for words, semitones in (('an octave higher', 12), ('an octave lower', -12)):
        pitches = part.pitches + semitones
        if pitches.min() >= 0 and pitches.max() <= 127:
            changes[words] = changed(part, part.onsets, part.ends, pitches)
    outer = _outer_notes(part)
    if not outer.all():
        changes['with only the lowest and the highest note of each chord'] = kept(part, outer)
    for words, factor in (('notes half as long', 0.5), ('notes twice as long', 2.0)):
        ends = part.onsets + factor * (part.ends - part.onsets)
        changes[words] = changed(part, part.onsets, ends, part.pitches)
    if worst is not None:
        bar = bar_of(part, part.onsets)
        keep = part.bars[:-1] != worst.start
        if keep[bar].any():
            changes[f'without measure {worst.measure}'] = joined_measures(part, bar, np.flatnonzero(keep))
    answers = classify(list(changes.values()), asked.model, asked.priors.tolist())
    tried = [
        Counterfactual(words, likeness_by(one, weights, asked.model.contract))
        for words, one in zip(changes, answers, strict=True)
    ]
    return sorted(tried, key=lambda one: one.likeness, reverse=True)


def _outer_notes(part: NoteSequence) -> Any:
    """Which notes are the lowest or the highest of their chord."""
    outer = np.zeros(len(part), dtype=bool)
    first = first_of_chords(part)
    for begin, past in zip(first, [*first[1:], len(part)], strict=True):
        pitches = part.pitches[begin:past]
        outer[[begin + pitches.argmin(), begin + pitches.argmax()]] = True
    return outer


def _range(part: NoteSequence, player: 'instrument.Instrument | str | None') -> str:
    """What music21 knows of the range of an instrument, and how many notes lie below it."""
    if player is None:
        return ''
    from music21 import instrument

    known = _instrument_named(player) if isinstance(player, str) else player
    if not isinstance(known, instrument.Instrument):
        raise TypeError(f'{shown(player)}: wanted a music21 Instrument or the name of one')
    kind = type(known).__name__
    name = known.instrumentName or kind
    lowest, strings = _reach(known)
    if lowest is None or _is_another_size(known) or _has_other_strings(known, len(strings)):
        return f'{name}: music21 knows no range of it.'
    if re.sub(r'[\W_]', '', name).lower() != kind.lower():
        name += f' ({kind} in music21)'
    if known.transposition and not strings:  # music21 has the lowest note as it is written, the strings as they sound
        lowest = lowest.transpose(known.transposition)
    facts = f'lowest {"sounding " if known.transposition else ""}note {lowest.nameWithOctave}'
    if strings:
        facts += f', strings {" ".join(string.nameWithOctave for string in strings)}'
    below = int((part.pitches < lowest.midi).sum())
    return f'{name}: {facts}; {below} of {len(part)} notes are lower.'


def _reach(known: 'instrument.Instrument') -> tuple[Any, list[Any]]:
    """The lowest note of an instrument, None where music21 knows none, and its strings."""
    try:
        strings = list(getattr(known, 'stringPitches', ()))
    except TypeError:  # a Harp has strings, of which music21 knows nothing
        strings = []
    return min(strings, default=known.lowestNote), strings


def _is_another_size(known: 'instrument.Instrument') -> bool:
    """Is this an instrument of music21 under the name of another size, with a range that nobody has given it?

    "Bass flute" is one: music21 knows the word "flute" and no more.
    """
    from music21 import instrument
    from music21.languageExcerpts.instrumentLookup import allToClassName

    kind = type(known)
    if kind.__module__ != instrument.__name__ or _reach(known) != _reach(kind()):
        return False
    words = re.findall(r'[^\W\d_]+', (known.instrumentName or '').lower())
    spans = [(begin, end) for begin in range(len(words)) for end in range(begin + 1, len(words) + 1)]
    named = [each for each in spans if allToClassName.get(' '.join(words[slice(*each)])) == kind.__name__]
    if not named:
        return False
    begin, end = max(named, key=lambda each: each[1] - each[0])
    beside = words[:begin] + words[end:]
    own = 'alto' if kind is instrument.Recorder else ''  # music21's recorder is an alto one
    return any(_OTHER_SIZE.fullmatch(word) for word in beside if word != own)


def _has_other_strings(known: 'instrument.Instrument', count: int) -> bool:
    """Does the name say another number of strings than music21 has? Those of a guitar may be doubled, of a bass not."""
    found = _SO_MANY_STRINGS.search(known.instrumentName or '')
    if found is None:
        return False
    number = found[1].lower()
    told = _NUMBERS[number] if number in _NUMBERS else int(number)
    is_bass = known.midiProgram is not None and class_of_program(known.midiProgram) == 'Bass'
    return told != count and (is_bass or told != 2 * count)


def _instrument_named(name: str) -> 'instrument.Instrument':
    """The instrument of a name, as music21 knows it; it takes a "Bass Guitar" for a guitar, or a voice."""
    from music21 import exceptions21, instrument

    is_bass = class_of_name(name) == 'Bass'
    try:
        known = instrument.fromString(name)
    except exceptions21.Music21Exception as error:
        if is_bass:
            return _bass(name)
        raise ClassNameError(f'{shown(name)}: wanted an instrument that music21 knows') from error
    of_bass = known.midiProgram is not None and class_of_program(known.midiProgram) == 'Bass'
    return _bass(name) if is_bass and not of_bass else known


def _bass(name: str) -> 'instrument.Instrument':
    """The bass that music21 has, under the name that was asked for."""
    from music21 import instrument

    is_acoustic = re.search(r'upright|acoustic|double', name, re.I)
    known: instrument.Instrument = instrument.AcousticBass() if is_acoustic else instrument.ElectricBass()
    known.instrumentName = name
    return known
