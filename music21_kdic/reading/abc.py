"""ABC by its standard (2.1): each voice of each tune becomes a :class:`~music21_kdic.reading.notes.NoteSequence`.

music21 takes the voices of a tune for one part, or each line of a voice for a part; it passes over fields in mid-line,
rests of several bars, invisible rests and the accidentals of a bar, loses a bar after ``::``, reads remarks as chords,
and sounds a bass clef two octaves lower. So ABC is read here. As everywhere, repeats are read once, and what does not
sound (lyrics, chord symbols, decorations, grace notes) is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading.notes import MAX_NOTES, NoteSequence, bars_from_meters

_FIELD = re.compile(r'([A-Za-z]):\s*(.*)')
_COMMENT = re.compile(r'(?<!\\)%.*')
_SCORE = re.compile(r'(?:%%|I:\s*)(?:score|staves)\s+(.*)')
_PROPERTY = re.compile(
    r'\b(clef|middle|m|transpose|t|octave|stafflines|staffscale|style|score|sound|shift|stem|cue|name|nm|subname|snm)'
    r'\s*=\s*("[^"]*"|\S+)',
    re.I,
)
_MIDI = re.compile(r'(?:%%|I:\s*)MIDI[ =]+(channel|r?transpose)\s*([+-]?\d{1,2})', re.I)
_PROPAGATION = re.compile(r'(?:%%|I:\s*)propagate-accidentals\s+(not|octave|pitch)')
_BLOCK = re.compile(r'%%(begin|end)(?:text|ps|svg|js|ml)\b', re.I)
_DRUM_CHANNEL = 10
_ANY = 'any'  # octave
_CLEF = re.compile(
    r'(?<!\S)(?:clef\s*=\s*)?(treble|bass|alto|tenor|perc|none|[GCFP](?=[1-5]))[1-5]?([+-]8)?(?!\S)', re.I
)
_LENGTH = r'(?P<number>\d{0,6})(?P<slashes>/{0,9})(?P<by>\d{0,6})'
_TOKEN = re.compile(
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
_FIFTHS = 'FCGDAEB'
_STEPS = {'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
_MODES = {'maj': 0, 'ion': 0, 'm': -3, 'min': -3, 'aeo': -3, 'mix': -1, 'dor': -2, 'phr': -4, 'lyd': 1, 'loc': -5}
_KEY = re.compile(r'([A-Ga-g])([#b]?)\s*(maj|ion|min|aeo|mix|dor|phr|lyd|loc|m(?![a-z]))?', re.I)
_ALTERED = re.compile(r'(?<![\w\'",])(\^{1,2}|_{1,2}|=)([A-Ga-g])(?!\w)')
_SEMITONES = {'^': 1, '^^': 2, '_': -1, '__': -2, '=': 0}
_IN_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # so many notes; others in that of two beats, three in a compound meter
Accidentals = dict[str, int]


@dataclass
class Voice:
    """A voice of a tune.

    Attributes:
        name: what it is called; '' where it has no name.
        notes: what it sounds; strokes of a percussion clef are counted in ``unpitched``.
        tune: the title of its tune.
        tune_number: place of its tune in the file, from 0; titles may be alike.
        instrument: voices of a tune with the same number are staves of one instrument.
    """

    name: str
    notes: NoteSequence
    tune: str
    tune_number: int
    instrument: str


@dataclass
class _Reading:
    """A voice while it is read; times in quarter lengths."""

    key: Accidentals = field(default_factory=dict)
    meter: Fraction = Fraction(4)
    compound: bool = False
    unit: Fraction | None = None
    properties: str = ''
    offset: Fraction = Fraction(0)
    farthest: Fraction = Fraction(0)  # where the longest of the overlays of a bar ends
    bars: list[Fraction] = field(default_factory=lambda: [Fraction(0)])
    notes: list[list[Fraction | int]] = field(default_factory=list)  # onset, end, pitch
    in_bar: dict[tuple[str, str], int] = field(default_factory=dict)
    propagation: str = 'octave'  # which notes of a bar an accidental holds for
    last: tuple[int, Fraction] = (0, Fraction(0))  # the first of the notes that were read last, and their length
    next_factor: Fraction = Fraction(1)  # of broken rhythm
    tuplet: tuple[Fraction, int] = (Fraction(1), 0)  # how much shorter, and how many notes more
    # For each note or rest of a chord its pitch, step, octave and whether it is tied, none for a rest; and its length.
    chord: list[tuple[list[tuple[int, str, str, bool]], Fraction]] | None = None
    tied: dict[tuple[str, str], int] = field(default_factory=dict)  # the note that goes on


def read_abc(text: str) -> list[Voice]:
    """Read the voices of all tunes, in order; those without notes are left out.

    Raises:
        UnreadableError: where there is no tune, or an overlay of several bars.
        NoteError: where it holds more notes or bars than are read.

    >>> tune = chr(10).join(['X:1', 'T:Duo', 'L:1/4', 'V:F name="Flute"', 'K:G', '[V:F] f2 g2 |', '[V:B] C,4 |'])
    >>> [(voice.name, voice.notes.pitches.tolist()) for voice in read_abc(tune)]
    [('Flute', [78, 79]), ('B', [48])]
    """
    lines = text.lstrip('\ufeff').splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(r'X:\s*\d', line)]
    if not starts:
        raise UnreadableError('no tune, which would begin with X: and a number')
    before = [line for line in lines[: starts[0]] if re.match(r'[LMIV]:|%%|%abc-', line)]
    voices: list[Voice] = []
    for number, (start, end) in enumerate(pairwise([*starts, len(lines)])):
        voices += _Tune([*before, *_without_text(lines[start:end])], number).voices()
    return voices


def _without_text(lines: list[str]) -> Iterator[str]:
    """The lines of a tune without text: in a block of its own, or after an empty line."""
    ended = in_block = False
    for line in lines:
        block = _BLOCK.match(line)
        in_block = block[1].lower() == 'begin' if block else in_block
        if block or in_block:
            continue
        ended = ended or not line.strip()
        if not ended or re.match(r'%%|\[?[A-Za-z]:', line) or '|' in line:
            yield line


class _Tune:
    """One tune, read line by line."""

    def __init__(self, lines: list[str], number: int) -> None:
        self.title, self.number = '', number
        self.all = _Reading()  # what holds for every voice
        self.by_id: dict[str, _Reading] = {}
        self.current = ''
        self.score = ''
        self.in_header = True
        self.key_properties = ''
        for line in lines:
            self._line(line)

    def _line(self, line: str) -> None:
        score = _SCORE.match(line)
        if score is not None:
            self.score = score[1]
        self._directive(line)
        if line.startswith('%%'):
            return
        line = _COMMENT.sub('', line).rstrip()
        found = _FIELD.match(line)
        if found is not None and not line.startswith(('[', '|')):
            self._field(found[1], found[2].strip())
        elif not line.startswith('+:') and (not self.in_header or '|' in line):
            self.in_header = False  # some have no key, with which a header ends
            self._music(line)

    def _directive(self, line: str) -> None:
        midi, propagation = _MIDI.match(line), _PROPAGATION.match(line)
        if propagation is not None or line.startswith('%abc-2.1'):
            for voice in [self.all, *self.by_id.values()]:
                voice.propagation = 'pitch' if propagation is None else propagation[1]  # the default of 2.1
        elif midi is not None:
            is_channel = midi[1].lower() == 'channel'
            if not is_channel or int(midi[2]) == _DRUM_CHANNEL:
                voice = self.all if self.in_header and not self.by_id else self._voice()
                voice.properties += ' clef=perc' if is_channel else f' transpose={midi[2]}'

    def _field(self, letter: str, value: str) -> None:
        if letter == 'T' and not self.title:
            self.title = value
        elif letter == 'V':
            name, _, properties = value.partition(' ')
            if name and name != '*':
                voice = self._voice(name)
                voice.properties += f' {properties}'
                if not self.in_header:
                    self.current = name
                    if '|' in properties and not set('"=') & set(properties):  # music, where properties would stand
                        self._music(properties)
        elif letter in 'KLM':
            if letter == 'K' and self.in_header:
                self.key_properties = value
            for voice in [self._voice()] if self._has_music() else [self.all, *self.by_id.values()]:
                _set(voice, letter, value)
            if letter == 'K':
                self.in_header = False

    def _has_music(self) -> bool:
        return self.current in self.by_id

    def _voice(self, name: str | None = None) -> _Reading:
        """The voice of that name; where none is given, the one that is read: before any is named, the first."""
        if name is None:
            self.current = self.current or next(iter(self.by_id), '')
            name = self.current
        if name not in self.by_id:
            every = self.all
            self.by_id[name] = _Reading(every.key, every.meter, every.compound, every.unit, every.properties)
            self.by_id[name].propagation = every.propagation
        return self.by_id[name]

    def _music(self, line: str) -> None:
        for token in _TOKEN.finditer(line):
            if token['field']:
                self._field(token['field'], token['value'].strip())
            elif token['silent'] is None:
                _read_token(self._voice(), token)

    def voices(self) -> Iterator[Voice]:
        """The voices that have notes."""
        together = [set(re.findall(r'[^\s(){}\[\]|*]+', group)) for group in re.findall(r'\{([^}]*)\}', self.score)]
        for name, read in self.by_id.items():
            if not read.notes:
                continue
            properties = {key.lower(): value.strip('"') for key, value in _PROPERTY.findall(read.properties)}
            called = properties.get('name', properties.get('nm', '' if name.isdigit() else name))
            number = next((i for i, names in enumerate(together) if name in names), None)
            yield Voice(
                name=' '.join(called.replace('\\n', ' ').split()),
                notes=_note_sequence(read, self.key_properties),
                tune=self.title,
                tune_number=self.number,
                instrument=name if number is None else f'{{{number}}}',
            )


def _set(voice: _Reading, letter: str, value: str) -> None:
    if letter == 'L':
        found = re.match(r'(\d{1,4})(?:/(\d{1,4}))?', value)
        if found is not None and int(found[1]) and int(found[2] or 1):
            voice.unit = Fraction(4 * int(found[1]), int(found[2] or 1))
    elif letter == 'M':
        found = re.match(r'\(?([\d+ ]{1,40})\)?/(\d{1,4})', value)
        if found is not None and int(found[2]):
            beats = sum(int(each) for each in re.findall(r'\d{1,4}', found[1]))
            voice.meter = Fraction(4 * beats, int(found[2])) if beats else voice.meter
            voice.compound = beats in (6, 9, 12) and found[2] == '8'
        elif value.startswith('C'):
            voice.meter, voice.compound = Fraction(4), False
    else:
        key = _accidentals(value)
        voice.key = voice.key if key is None else key


def _accidentals(value: str) -> Accidentals | None:
    """What a key alters; None where a field names a clef alone.

    >>> _accidentals('Dmix exp ^f _b clef=bass'), _accidentals('Am'), _accidentals('bass')
    ({'F': 1, 'B': -1}, {}, None)
    """
    value = _CLEF.sub('', _PROPERTY.sub('', value)).strip()
    if value.lower().startswith('hp'):  # the Highland pipes, which sound so whether or not it is written
        return {'F': 1, 'C': 1}
    found = _KEY.match(value)
    altered = {step.upper(): _SEMITONES[sign] for sign, step in _ALTERED.findall(value)}
    if found is None or value.lower().startswith('none') or re.search(r'\bexp\b', value):
        return altered if value else None
    fifths = (
        _FIFTHS.index(found[1].upper())
        - 1
        + {'': 0, '#': 7, 'b': -7}[found[2].lower()]
        + _MODES[(found[3] or 'maj').lower()]
    )
    names = _FIFTHS if fifths >= 0 else _FIFTHS[::-1]
    return dict.fromkeys(names[: abs(fifths)], 1 if fifths >= 0 else -1) | altered


def _read_token(voice: _Reading, token: re.Match[str]) -> None:
    if token['note']:
        _read_note(voice, token)
    elif token['bar']:
        _end_bar(voice)
    elif token['bars']:
        _end_bar(voice)
        for _ in range(int(token['count'] or 1)):
            voice.offset += voice.meter
            _end_bar(voice)
    elif token['tuplet']:
        number = int(token['tuplet'])
        time = int(token['time'] or 0) or _IN_TIME_OF.get(number, 3 if voice.compound else 2)
        voice.tuplet = Fraction(time, number or 1), int(token['notes'] or number)
    elif token['begin']:
        _sound_one_by_one(voice)
        voice.chord = []
    elif token['end'] is not None and voice.chord is not None:
        chord, voice.chord = voice.chord, None
        length = chord[0][1] if chord else Fraction(0)
        factor = _factor(token['chord_number'], token['chord_slashes'], token['chord_by'])
        tie = bool(token['chord_tie'])
        together = [(pitch, step, octave, tied or tie) for notes, _ in chord for pitch, step, octave, tied in notes]
        _sound(voice, together, length * factor)
    elif token['broken']:
        first, length = voice.last
        longer = 2 - Fraction(1, 2 ** len(token['broken']))
        this, voice.next_factor = (longer, 2 - longer) if token['broken'][0] == '>' else (2 - longer, longer)
        for note in voice.notes[first:]:
            note[1] += length * (this - 1)
        voice.offset += length * (this - 1)
    elif token['overlay']:
        if token['overlay'] != '&':
            raise UnreadableError(f'an overlay of several bars ({token["overlay"]}), wanted one bar at a time (&)')
        voice.farthest = max(voice.farthest, voice.offset)
        voice.offset, voice.in_bar, voice.tied = voice.bars[-1], {}, {}


def _sound_one_by_one(voice: _Reading) -> None:
    """Sound what a chord that does not end has held so far: it was none."""
    notes, voice.chord = voice.chord or [], None
    for note, length in notes:
        _sound(voice, note, length)


def _read_note(voice: _Reading, token: re.Match[str]) -> None:
    unit = voice.unit or (Fraction(1, 4) if voice.meter < 3 else Fraction(1, 2))
    length = unit * _factor(token['number'], token['slashes'], token['by'])
    notes = []
    if token['step']:
        step, octave = token['step'].upper(), token['octave'] + ('^' if token['step'].islower() else '')
        if token['accidental']:
            altered = _SEMITONES[token['accidental']]
            if voice.propagation != 'not':
                voice.in_bar[step, octave if voice.propagation == 'octave' else _ANY] = altered
        else:
            in_bar = voice.in_bar.get((step, octave), voice.in_bar.get((step, _ANY)))
            altered = voice.key.get(step, 0) if in_bar is None else in_bar
        marks = token['octave']
        pitch = 60 + _STEPS[step] + 12 * (marks.count("'") - marks.count(',') + token['step'].islower()) + altered
        if (step, octave) in voice.tied and not token['accidental']:
            pitch = int(voice.notes[voice.tied[step, octave]][2])
        notes = [(pitch, step, octave, bool(token['tie']))]
    if voice.chord is None:
        _sound(voice, notes, length)
    else:
        voice.chord.append((notes, length))


def _factor(number: str, slashes: str, by: str) -> Fraction:
    return Fraction(int(number or 1), int(by or 2 ** len(slashes)) or 1) if slashes else Fraction(int(number or 1))


def _sound(voice: _Reading, notes: list[tuple[int, str, str, bool]], length: Fraction) -> None:
    """Add notes that begin together, or none for a rest, and go on by their length."""
    shorter, left = voice.tuplet
    if left:
        length *= shorter
        voice.tuplet = shorter, left - 1
    first = len(voice.notes)
    whole = length * voice.next_factor
    voice.next_factor = Fraction(1)
    end = voice.offset + whole
    tied: dict[tuple[str, str], int] = {}
    for pitch, step, octave, tie in notes:
        number = voice.tied.get((step, octave), -1)
        if number >= 0 and voice.notes[number][1:] == [voice.offset, pitch]:
            voice.notes[number][1] = end
            first = min(first, number)
        else:
            number = len(voice.notes)
            voice.notes.append([voice.offset, end, pitch])
        if tie:
            tied[step, octave] = number
    if len(voice.notes) > MAX_NOTES:
        raise NoteError(f'more than {MAX_NOTES} notes in one part: at most that many are read')
    voice.offset, voice.tied, voice.last = end, tied, (first, length)


def _end_bar(voice: _Reading) -> None:
    _sound_one_by_one(voice)
    voice.offset = voice.farthest = max(voice.offset, voice.farthest)
    voice.in_bar = {}
    if voice.offset > voice.bars[-1]:
        voice.bars.append(voice.offset)


def _note_sequence(voice: _Reading, of_key: str) -> NoteSequence:
    _end_bar(voice)
    semitones, is_drum = _transposition(of_key, voice.properties)
    bars = [float(bar) for bar in voice.bars]
    meter = float(voice.meter)
    if len(bars) == 2 and bars[1] > 2 * meter:  # without barlines
        bars = bars_from_meters([(0.0, meter)], until=bars[1]).tolist()
    elif len(bars) > 1:
        bars[-1] = max(bars[-1], bars[-2] + meter)
    pickup = len(bars) > 2 and bars[1] < meter
    sounding = [note for note in voice.notes if note[1] > note[0]] if not is_drum else []
    return NoteSequence(
        onsets=np.array([float(note[0]) for note in sounding]),
        ends=np.array([float(note[1]) for note in sounding]),
        pitches=np.array([int(note[2]) + semitones for note in sounding], dtype=np.int64),
        bars=np.array(bars),
        measure_numbers=tuple(str(i + (not pickup)) for i in range(len(bars) - 1)),
        unpitched=len(voice.notes) if is_drum else 0,
    )


def _transposition(of_key: str, of_voice: str) -> tuple[int, bool]:
    """How many semitones above what is written a voice sounds, and whether its clef is for percussion."""
    semitones = 0
    clef: re.Match[str] | None = None
    for text in (of_key, of_voice):
        properties = {key.lower(): value for key, value in _PROPERTY.findall(text)}
        for name, size in (('octave', 12), ('transpose', 1), ('t', 1)):
            number = re.fullmatch(r'[+-]?\d{1,2}', properties.get(name, ''))
            semitones += size * int(number[0]) if number else 0
        found = list(_CLEF.finditer(text))
        clef = found[-1] if found else clef
    if clef is None:
        return semitones, False
    return semitones + {'+8': 12, '-8': -12}.get(clef[2] or '', 0), clef[1].lower() in ('perc', 'p')
