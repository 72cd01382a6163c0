"""One voice of an ABC tune while it is read: what its fields set, and what its tokens sound."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading.abc_fields import SEMITONES, Accidentals, PitchLevel, accidentals_in
from music21_kdic.reading.notes import MAX_NOTES, NoteSequence, bars_from_meters

_ANY = None  # octave
_LENGTH = r'(?P<number>\d{0,6})(?P<slashes>/{0,9})(?P<by>\d{0,6})'
TOKEN = re.compile(
    r'(?P<silent>"[^"]*"|![^!\s|]*!|\+[A-Za-z.<>(){}0-9]+\+|\{[^}]*\}|y\d*|[~.HIJ-WYh-w`$*!\\\s])'
    r'|\[(?P<field>[A-Za-z]):(?P<value>[^\]]*)\]'
    r'|(?P<bars>[ZX])(?P<count>\d{0,4})'
    r'|(?P<bar>(?:\[(?=\|)|[|:])[:|\]]*(?:\[(?=\d))?|\[(?=\d))(?:\d[\d,.-]*)?'
    r'|(?P<accidental>\^{1,2}|_{1,2}|=)?(?P<note>(?P<step>[A-Ga-g])(?P<octave>[,\']*)|[xz])' + _LENGTH
    + r'(?P<tie>(?:\.?-)?)'
    r'|\((?P<tuplet>\d)(?::(?P<time>\d?)(?::(?P<notes>\d?))?)?'
    r'|(?P<begin>\[)'
    r'|\](?P<end>)' + _LENGTH.replace('?P<', '?P<chord_') + r'(?P<chord_tie>(?:\.?-)?)'
    r'|(?P<broken>[<>]{1,4})'
    r'|(?P<overlay>\(?&+\)?)'
    r'|.',
    re.S,
)  # fmt: skip
_STEPS = {'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
_IN_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # so many notes; others in that of two beats, three in a compound meter
_Tied = dict[tuple[str, int], int]  # by step and octave: the note that goes on
_Notes = list[tuple[int, str, int, bool]]  # pitch, step, octave, whether it is tied; none for a rest


@dataclass
class VoiceReading:
    """A voice while it is read: what holds at the moment, and the notes so far; times in quarter lengths."""

    key: Accidentals = field(default_factory=dict)
    meter: Fraction = Fraction(4)
    compound: bool = False
    unit: Fraction = Fraction(1, 2)
    unit_is_given: bool = False
    properties: str = ''
    level: PitchLevel = field(default_factory=PitchLevel)
    propagation: str = 'octave'  # which notes of a bar an accidental holds for
    meters: dict[Fraction, Fraction] = field(init=False)  # by the offset from which they hold
    offset: Fraction = Fraction(0)
    farthest: Fraction = Fraction(0)  # where the longest of the overlays of a bar ends
    bars: list[Fraction] = field(default_factory=lambda: [Fraction(0)])
    notes: list[list[Fraction | int]] = field(default_factory=list)  # onset, end, pitch
    strokes: set[int] = field(default_factory=set)  # which of the notes are a drum's
    in_bar: dict[tuple[str, int | None], int] = field(default_factory=dict)
    last: list[int] = field(default_factory=list)  # which of the notes were read last
    last_length: Fraction = Fraction(0)
    next_factor: Fraction = Fraction(1)  # of broken rhythm
    tuplet: tuple[Fraction, int] = (Fraction(1), 0)  # how much shorter, and how many notes more
    # What a chord has so far, each with its length.
    chord: list[tuple[_Notes, Fraction]] | None = None
    tied: _Tied = field(default_factory=dict)
    tied_before: _Tied = field(default_factory=dict)  # over the barline at which the bar began
    tied_in_overlays: _Tied = field(default_factory=dict)  # at the end of what the bar has held before its last overlay

    def __post_init__(self) -> None:
        self.meters = {self.offset: self.meter}

    def another(self) -> 'VoiceReading':
        """A voice of which the same holds, without notes."""
        return VoiceReading(
            key=self.key,
            meter=self.meter,
            compound=self.compound,
            unit=self.unit,
            unit_is_given=self.unit_is_given,
            properties=self.properties,
            level=self.level,
            propagation=self.propagation,
        )

    def end_header(self) -> None:
        """Where no unit length is given, take it from the meter: a meter in the body does not change it (3.1.7)."""
        if not self.unit_is_given:
            self.unit = Fraction(1, 4) if self.meter < 3 else Fraction(1, 2)

    def set_field(self, letter: str, value: str) -> None:
        """Set the unit length (L), the meter (M) or the key (K); what cannot be read changes nothing."""
        if letter == 'L':
            found = re.match(r'(\d{1,4})(?:/(\d{1,4}))?', value)
            if found is not None and int(found[1]) and int(found[2] or 1):
                self.unit, self.unit_is_given = Fraction(4 * int(found[1]), int(found[2] or 1)), True
        elif letter == 'M':
            found = re.match(r'\(?([\d+ ]{1,40})\)?/(\d{1,4})', value)
            if found is not None and int(found[2]):
                beats = sum(int(each) for each in re.findall(r'\d{1,4}', found[1]))
                self.meter = Fraction(4 * beats, int(found[2])) if beats else self.meter
                self.compound = beats in (6, 9, 12) and found[2] == '8'
            elif value.startswith('C'):
                self.meter, self.compound = Fraction(4), False
            self.meters[self.offset] = self.meter
        else:
            key = accidentals_in(value)
            self.key = self.key if key is None else key

    def set_level(self, level: PitchLevel) -> None:
        """Read what follows at this level; a transposed note is no longer that to which it would be tied."""
        if (level.semitones, level.is_drum) != (self.level.semitones, self.level.is_drum):
            self.tied, self.tied_before, self.tied_in_overlays = {}, {}, {}
        self.level = level

    def read(self, token: re.Match[str]) -> None:
        """Read a token of the music (TOKEN), of which the voice sounds something or which sets something for it.

        Raises:
            UnreadableError: where it is an overlay of several bars.
            NoteError: where the voice has more than MAX_NOTES notes.
        """
        if token['note']:
            self._read_note(token)
        elif token['bar']:
            self._end_bar()
        elif token['bars']:
            self._end_bar()
            for _ in range(int(token['count'] or 1)):
                self.offset += self.meter
                self._end_bar()
        elif token['tuplet']:
            number = int(token['tuplet'])
            time = int(token['time'] or 0) or _IN_TIME_OF.get(number, 3 if self.compound else 2)
            self.tuplet = Fraction(time, number or 1), int(token['notes'] or number)
        elif token['begin']:
            self._sound_one_by_one()
            self.chord = []
        elif token['end'] is not None and self.chord is not None:
            self._end_chord(token, self.chord)
        elif token['broken']:
            self._break_rhythm(token['broken'])
        elif token['overlay']:
            self._begin_overlay(token['overlay'])

    def _sound_one_by_one(self) -> None:
        """Sound what a chord that does not end has held so far: it was none."""
        notes, self.chord = self.chord or [], None
        for note, length in notes:
            self._sound(note, length)

    def _read_note(self, token: re.Match[str]) -> None:
        length = self.unit * _factor(token['number'], token['slashes'], token['by'])
        notes: _Notes = []
        if token['step']:
            # The octave that sounds: after octave=-1, c is what C was before, and may be tied to it.
            step, marks = token['step'].upper(), token['octave']
            octave = marks.count("'") - marks.count(',') + token['step'].islower() + self.level.octaves
            if token['accidental']:
                altered = SEMITONES[token['accidental']]
                if self.propagation != 'not':
                    self.in_bar[step, octave if self.propagation == 'octave' else _ANY] = altered
            else:
                in_bar = self.in_bar.get((step, octave), self.in_bar.get((step, _ANY)))
                altered = self.key.get(step, 0) if in_bar is None else in_bar
            pitch = 60 + _STEPS[step] + 12 * octave + altered + self.level.semitones
            if (step, octave) in self.tied and not token['accidental']:
                pitch = int(self.notes[self.tied[step, octave]][2])
            notes = [(pitch, step, octave, bool(token['tie']))]
        if self.chord is None:
            self._sound(notes, length)
        else:
            self.chord.append((notes, length))

    def _end_chord(self, token: re.Match[str], chord: list[tuple[_Notes, Fraction]]) -> None:
        """Sound a chord, as long as its first note is written."""
        self.chord = None
        length = chord[0][1] if chord else Fraction(0)
        factor = _factor(token['chord_number'], token['chord_slashes'], token['chord_by'])
        tie = bool(token['chord_tie'])
        together = [(pitch, step, octave, tied or tie) for notes, _ in chord for pitch, step, octave, tied in notes]
        self._sound(together, length * factor)

    def _break_rhythm(self, marks: str) -> None:
        """Make what was read last longer (``>``) or shorter (``<``), and what is read next the other."""
        length = self.last_length
        longer = 2 - Fraction(1, 2 ** len(marks))
        this, self.next_factor = (longer, 2 - longer) if marks[0] == '>' else (2 - longer, longer)
        for number in self.last:
            self.notes[number][1] += length * (this - 1)
        self.offset += length * (this - 1)

    def _begin_overlay(self, marks: str) -> None:
        """Begin the bar again, for notes that sound with those that are read."""
        if marks != '&':
            raise UnreadableError(f'an overlay of several bars ({marks}), wanted one bar at a time (&)')
        self.farthest = max(self.farthest, self.offset)
        self.tied_in_overlays = self.tied | self.tied_in_overlays
        self.offset, self.in_bar = self.bars[-1], {}
        self.tied = {key: note for key, note in self.tied_before.items() if self.notes[note][1] == self.offset}

    def _sound(self, notes: _Notes, length: Fraction) -> None:
        """Add notes that begin together, or none for a rest, and go on by their length."""
        shorter, left = self.tuplet
        if left:
            length *= shorter
            self.tuplet = shorter, left - 1
        sounded: list[int] = []
        whole = length * self.next_factor
        self.next_factor = Fraction(1)
        end = self.offset + whole
        tied: _Tied = {}
        for pitch, step, octave, tie in notes:
            number = self.tied.get((step, octave), -1)
            if number >= 0 and self.notes[number][1:] == [self.offset, pitch]:
                self.notes[number][1] = end
            else:
                number = len(self.notes)
                self.notes.append([self.offset, end, pitch])
                if self.level.is_drum:
                    self.strokes.add(number)
            sounded.append(number)
            if tie:
                tied[step, octave] = number
        if len(self.notes) > MAX_NOTES:
            raise NoteError(f'more than {MAX_NOTES} notes in one part: at most that many are read')
        self.offset, self.tied, self.last, self.last_length = end, tied, sounded, length

    def _end_bar(self) -> None:
        self._sound_one_by_one()
        self.offset = self.farthest = max(self.offset, self.farthest)
        self.in_bar = {}
        self.tied = self.tied_before = self.tied | self.tied_in_overlays
        self.tied_in_overlays = {}
        if self.offset > self.bars[-1]:
            self.bars.append(self.offset)

    def note_sequence(self) -> NoteSequence:
        """What the voice sounds; call it once, at the end."""
        self._end_bar()
        bars = [float(bar) for bar in self.bars]
        first, meter = float(self.meters[Fraction(0)]), float(self.meter)
        if len(bars) == 2 and bars[1] > 2 * first:  # without barlines
            meters = [(float(offset), float(length)) for offset, length in self.meters.items()]
            bars = bars_from_meters(meters, until=bars[1]).tolist()
        elif len(bars) > 1:
            bars[-1] = max(bars[-1], bars[-2] + meter)
        pickup = len(bars) > 2 and bars[1] < first
        pitched = (note for number, note in enumerate(self.notes) if number not in self.strokes)
        sounding = [note for note in pitched if note[1] > note[0]]
        return NoteSequence(
            onsets=np.array([float(note[0]) for note in sounding]),
            ends=np.array([float(note[1]) for note in sounding]),
            pitches=np.array([int(note[2]) for note in sounding], dtype=np.int64),
            bars=np.array(bars),
            measure_numbers=tuple(str(i + (not pickup)) for i in range(len(bars) - 1)),
            unpitched=len(self.strokes),
        )


def _factor(number: str, slashes: str, by: str) -> Fraction:
    return Fraction(int(number or 1), int(by or 2 ** len(slashes)) or 1) if slashes else Fraction(int(number or 1))
