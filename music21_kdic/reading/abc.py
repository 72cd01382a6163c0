"""ABC by its standard (2.1): each voice of each tune becomes a :class:`~music21_kdic.reading.notes.NoteSequence`.

music21 takes the voices of a tune for one part, or each line of a voice for a part; it passes over fields in mid-line,
rests of several bars, invisible rests and the accidentals of a bar, loses a bar after ``::``, reads remarks as chords,
and sounds a bass clef two octaves lower. So ABC is read here. As everywhere, repeats are read once, and what does not
sound (lyrics, chord symbols, decorations, grace notes) is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.abc_fields import properties_in
from music21_kdic.reading.abc_voice import TOKEN, VoiceReading
from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.notes import NoteSequence

_FIELD = re.compile(r'([A-Za-z]):\s*(.*)')
# The standard has no fields of these letters in the body of a tune (3), where they are notes, rests and spaces. Books
# have such fields there; what goes on with a barline is music.
_NOTE_AND_BAR = re.compile(r'[A-GX-Za-gx-z]:[|:\]]')
_COMMENT = re.compile(r'(?<!\\)%.*')
_SCORE = re.compile(r'(?:%%|I:\s*)(?:score|staves)\s+(.*)')
_MIDI = re.compile(r'(?:%%|I:\s*)MIDI[ =]+(channel|r?transpose)\s*([+-]?\d{1,2})', re.I)
_PROPAGATION = re.compile(r'(?:%%|I:\s*)propagate-accidentals\s+(not|octave|pitch)')
_TUNE = re.compile(r'X:\s*(?:\d|%|$)')  # its number, which some books leave out
# Accidentals of Unicode, which ABC does not have (4.2); double ones, too.
_UNICODE_ACCIDENTALS = '♯♭♮𝄪𝄫'
_BLOCK = re.compile(r'%%(begin|end)(?:text|ps|svg|js|ml)\b', re.I)


@dataclass
class Voice:
    """A voice of a tune.

    Attributes:
        name: what it is called; '' where it has no name.
        notes: what it sounds; strokes of a percussion clef are counted in ``unpitched``.
        tune: the title of its tune.
        tune_number: place of its tune in the file, from 0; titles may be alike.
        instrument: voices of a tune with the same text here are staves of one instrument: the id of a lone voice, or
            ``{0}`` for the first brace.
    """

    name: str
    notes: NoteSequence
    tune: str
    tune_number: int
    instrument: str


def read_abc(text: str) -> list[Voice]:
    """Read the voices of all tunes, in order; those without notes are left out.

    Raises:
        UnreadableError: where there is no tune, or in one an overlay of several bars, or an accidental of Unicode among
            the notes.
        NoteError: where it holds more notes or bars than are read.

    >>> tune = chr(10).join(['X:1', 'T:Duo', 'L:1/4', 'V:F name="Flute"', 'K:G', '[V:F] f2 g2 |', '[V:B] C,4 |'])
    >>> [(voice.name, voice.notes.pitches.tolist()) for voice in read_abc(tune)]
    [('Flute', [78, 79]), ('B', [48])]
    """
    lines = text.lstrip('\ufeff').splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(_TUNE, line)]
    if not starts:
        raise UnreadableError('no tune, which would begin with X:')
    before = [line for line in lines[: starts[0]] if re.match(r'[LMIV]:|%%|%abc-', line)]
    voices: list[Voice] = []
    for number, (start, end) in enumerate(pairwise([*starts, len(lines)])):
        voices += _Tune([*before, *_without_text(lines[start:end])], number).voices()
    return voices


def _without_text(lines: list[str]) -> Iterator[str]:
    """The lines of a tune without text: in a block of its own, or after an empty line.

    After an empty line there may be more music, though a tune ends there by the standard (2.2.1).
    """
    ended = in_block = False
    for line in lines:
        block = _BLOCK.match(line)
        in_block = block[1].lower() == 'begin' if block else in_block
        if block or in_block:
            continue
        ended = ended or not line.strip()
        if not ended or re.match(r'%%|\[?[A-Za-z]:', line) or _is_music(line):
            yield line


def _is_music(line: str) -> bool:
    """Whether a line has a barline, and more than twice as much to play as letters and signs that are not played.

    >>> _is_music('C2 TDE|F>G A|'), _is_music('From a book | page 3, by Abe')
    (True, False)
    """
    tokens = [token for token in TOKEN.finditer(_COMMENT.sub('', line)) if not token[0].isspace()]
    strange = sum(
        (token.lastgroup is None and token[0] not in _UNICODE_ACCIDENTALS) or (token['silent'] or '').isalpha()
        for token in tokens
    )
    return '|' in line and 3 * strange < len(tokens)


class _Tune:
    """One tune, read line by line."""

    def __init__(self, lines: list[str], number: int) -> None:
        self.title, self.number = '', number
        self.all = VoiceReading()  # what holds for every voice
        self.by_id: dict[str, VoiceReading] = {}
        self.current = ''
        self.score = ''
        self.in_header = True
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
        if found is not None and (self.in_header or not _NOTE_AND_BAR.match(line)):
            self._field(found[1], found[2].strip())
        elif not line.startswith('+:') and (not self.in_header or '|' in line):
            self._end_header()  # some have no key, with which a header ends
            self._music(line)

    def _directive(self, line: str) -> None:
        midi, propagation = _MIDI.match(line), _PROPAGATION.match(line)
        if propagation is not None or line.startswith('%abc-2.1'):
            for voice in [self.all, *self.by_id.values()]:
                voice.propagation = 'pitch' if propagation is None else propagation[1]  # the default of 2.1
        elif midi is not None:
            kind, number = midi[1].lower(), int(midi[2])
            voice = self.all if self.in_header and not self.by_id else self._voice()
            if kind == 'channel':
                voice.set_level(replace(voice.level, on_drum_channel=number == DRUM_CHANNEL + 1))
            else:
                voice.set_level(voice.level.transposed(number, relative=kind == 'rtranspose'))

    def _field(self, letter: str, value: str) -> None:
        if letter == 'T' and not self.title:
            self.title = value
        elif letter == 'V':
            name, properties = (*value.split(maxsplit=1), '', '')[:2]
            if name and name != '*':
                voice = self._voice(name)
                if not self.in_header:
                    self.current = name
                    if '|' in properties and not set('"=') & set(properties):  # music, where properties would stand
                        self._music(properties)
                        return
                voice.properties += f' {properties}'
                voice.set_level(voice.level.after(letter, properties))
        elif letter in 'KLM':
            of_one = self._has_music() and not self.in_header
            for voice in [self._voice()] if of_one else [self.all, *self.by_id.values()]:
                voice.set_field(letter, value)
                if letter == 'K':
                    voice.set_level(voice.level.after(letter, value, self.in_header))
            if letter == 'K':
                self._end_header()

    def _end_header(self) -> None:
        if self.in_header:
            self.in_header = False
            for voice in (self.all, *self.by_id.values()):
                voice.end_header()

    def _has_music(self) -> bool:
        return self.current in self.by_id

    def _voice(self, name: str | None = None) -> VoiceReading:
        """The voice of that name; where none is given, the one that is read: before any is named, the first."""
        if name is None:
            self.current = self.current or next(iter(self.by_id), '')
            name = self.current
        if name not in self.by_id:
            self.by_id[name] = self.all.another()
        return self.by_id[name]

    def _music(self, line: str) -> None:
        for token in TOKEN.finditer(line):
            if token['field']:
                self._directive(f'{token["field"]}:{token["value"]}')
                self._field(token['field'], token['value'].strip())
            elif token.lastgroup is None and token[0] in _UNICODE_ACCIDENTALS:
                raise UnreadableError(f'{token[0]!r} among the notes, wanted ^, _ or = before the note that it alters')
            elif token['silent'] is None:
                self._voice().read(token)

    def voices(self) -> Iterator[Voice]:
        """The voices that have notes."""
        together = [set(re.findall(r'[^\s(){}\[\]|*]+', group)) for group in re.findall(r'\{([^}]*)\}', self.score)]
        for name, read in self.by_id.items():
            if not read.notes:
                continue
            properties = properties_in(read.properties)
            called = properties.get('name', properties.get('nm', '' if name.isdigit() else name))
            number = next((i for i, names in enumerate(together) if name in names), None)
            yield Voice(
                name=' '.join(called.replace('\\n', ' ').split()),
                notes=read.note_sequence(),
                tune=self.title,
                tune_number=self.number,
                instrument=name if number is None else f'{{{number}}}',
            )
