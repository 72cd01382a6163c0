"""What the fields of ABC say: the accidentals of a key, and the properties of a voice or a key."""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

_PROPERTY = re.compile(
    r'\b(clef|middle|m|transpose|t|octave|stafflines|staffscale|style|score|sound|shift|stem|cue|name|nm|subname|snm)'
    r'\s*=\s*("[^"]*"|\S+)',
    re.I,
)
_CLEF = re.compile(
    r'(?<!\S)(?:clef\s*=\s*)?(treble|bass|alto|tenor|perc|(?<==)none|[GCFP](?=[1-5]))[1-5]?([+-]8)?(?!\S)', re.I
)
_FIFTHS = 'FCGDAEB'
_MODES = {'maj': 0, 'ion': 0, 'm': -3, 'min': -3, 'aeo': -3, 'mix': -1, 'dor': -2, 'phr': -4, 'lyd': 1, 'loc': -5}
_KEY = re.compile(r'([A-Ga-g])([#b]?)\s*(maj|ion|min|aeo|mix|dor|phr|lyd|loc|m(?![a-z]))?', re.I)
_ALTERED = re.compile(r'(?<![\w\'",])(\^{1,2}|_{1,2}|=)([A-Ga-g])(?!\w)')
_UNICODE = str.maketrans('♯♭♮', '#b ')
_UNICODE_ALTERED = re.compile(r'(?<!\S)[♯♭♮](?=[A-Ga-g](?!\w))')
SEMITONES = {'^': 1, '^^': 2, '_': -1, '__': -2, '=': 0}
Accidentals = dict[str, int]  # by step, in semitones


def properties_in(text: str) -> dict[str, str]:
    """The properties of a voice or a key, by name.

    >>> properties_in('clef=bass Name="Double Bass"')
    {'clef': 'bass', 'name': 'Double Bass'}
    """
    return {key.lower(): value.strip('"') for key, value in _PROPERTY.findall(text)}


def accidentals_in(value: str) -> Accidentals | None:
    """What a key alters; None where a field names a clef alone.

    Accidentals of Unicode, which the standard does not have, are read as they are meant.

    >>> accidentals_in('Dmix exp ^f _b clef=bass'), accidentals_in('Am'), accidentals_in('bass'), accidentals_in('B♭')
    ({'F': 1, 'B': -1}, {}, None, {'B': -1, 'E': -1})
    """
    value = _UNICODE_ALTERED.sub(lambda sign: {'♯': '^', '♭': '_', '♮': '='}[sign[0]], value).translate(_UNICODE)
    value = _CLEF.sub('', _PROPERTY.sub('', value)).strip()
    if value.lower().startswith('hp'):  # the Highland pipes, which sound so whether or not it is written
        return {'F': 1, 'C': 1}
    found = _KEY.match(value)
    altered = {step.upper(): SEMITONES[sign] for sign, step in _ALTERED.findall(value)}
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


@dataclass(frozen=True)
class PitchLevel:
    """How far above what is written a voice sounds, and whether it is of drums, by the fields read so far.

    What a field gives holds from where it stands, in place of what was given before, by whichever field; what it leaves
    out stays as it is, as abc2midi and abcm2ps have it: the standard (4.6) does not say. The key of the header is that
    of all voices: what a V: field gives is added to its octave and transposition, and a voice's clef is its own.

    Attributes:
        of_key: what the key of the header gives: octaves ('octave', and 'clef' for its 8) and semitones ('transpose').
        of_voice: what is given besides.
        for_drums: whether the clef is for percussion.
        on_drum_channel: whether the channel of MIDI is.
    """

    of_key: dict[str, int] = field(default_factory=dict)
    of_voice: dict[str, int] = field(default_factory=dict)
    for_drums: bool = False
    on_drum_channel: bool = False

    @property
    def is_drum(self) -> bool:
        """Whether what is written is strokes, and no pitches."""
        return self.for_drums or self.on_drum_channel

    @cached_property
    def octaves(self) -> int:
        """Those of octave= and of the 8 of a clef."""
        return sum(given.get(name, 0) for given in (self.of_key, self.of_voice) for name in ('octave', 'clef'))

    @cached_property
    def semitones(self) -> int:
        """Those of transpositions."""
        return self.of_key.get('transpose', 0) + self.of_voice.get('transpose', 0)

    def after(self, letter: str, value: str, in_header: bool = False) -> 'PitchLevel':
        """The level from a K: or V: field on.

        >>> head = PitchLevel().after('V', 'clef=treble-8').after('K', 'C octave=1 bass', in_header=True)
        >>> head.octaves, head.after('K', 'D').octaves, head.after('K', 'C octave=2 clef=bass').octaves
        (0, 0, 2)
        """
        given, for_drums = _level_in(value)
        if letter == 'K' and in_header:
            if 'clef' in self.of_voice:
                return replace(self, of_key={name: by for name, by in given.items() if name != 'clef'})
            return replace(self, of_key=given, for_drums=for_drums)
        of_key = {
            name: by for name, by in self.of_key.items() if name not in given or (letter == 'V' and name != 'clef')
        }
        of_voice = self.of_voice | given
        return replace(
            self, of_key=of_key, of_voice=of_voice, for_drums=for_drums if 'clef' in given else self.for_drums
        )

    def transposed(self, by: int, relative: bool) -> 'PitchLevel':
        """The level from a transposition of MIDI on, by so many semitones, or by so many more."""
        before = self.of_voice.get('transpose', 0) if relative else 0
        return replace(self, of_voice=self.of_voice | {'transpose': before + by})


def _level_in(value: str) -> tuple[dict[str, int], bool]:
    """What a field gives of a level: octaves and semitones by name, and whether its clef is for percussion."""
    properties = properties_in(value)
    given: dict[str, int] = {}
    for name, said in (
        ('octave', properties.get('octave', '')),
        ('transpose', properties.get('transpose', properties.get('t', ''))),
    ):
        if re.fullmatch(r'[+-]?\d{1,2}', said):
            given[name] = int(said)
    # A name may hold the words of a clef: name="First Tenor".
    plain = _PROPERTY.sub(lambda found: found[0].replace('"', '') if found[1].lower() == 'clef' else '', value)
    clefs = list(_CLEF.finditer(plain))
    if not clefs:
        return given, False
    name, octave = clefs[-1][1].lower(), clefs[-1][2] or ''
    return given | {'clef': {'+8': 1, '-8': -1}.get(octave, 0)}, name in ('perc', 'p')
