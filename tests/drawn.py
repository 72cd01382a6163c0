"""What hypothesis draws for the property tests: lines of notes, scores, and streams of every kind.

All lengths and offsets of ``lines`` are multiples of an eighth of a quarter length, so that sums of them are exact in
floating point and a property can ask for equality to the bit.
"""

from fractions import Fraction

from hypothesis import strategies as st
from music21 import (
    bar,
    base,
    chord,
    clef,
    dynamics,
    harmony,
    instrument,
    interval,
    meter,
    note,
    percussion,
    pitch,
    spanner,
    stream,
    tie,
    variant,
)

from music21_kdic.reading.notes import NoteSequence

EIGHTH = 0.125  # of a quarter length


@st.composite
def bar_lines(draw, most=12):
    """Barlines from 0 on, of bars that any two of are no longer than 20 quarter lengths."""
    lengths = draw(st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.0, 3.5, 4.0, 5.0, 6.0, 10.0, 20.0]), max_size=most))
    lines = [0.0]
    for length in lengths or [4.0]:
        lines.append(lines[-1] + length)
    return lines


def notes(until=64, lowest=0, highest=127):
    """(onset, end, pitch), in no order, sounding over one another as they like."""
    onset = st.integers(0, 8 * until).map(lambda eighths: eighths * EIGHTH)
    length = st.integers(1, 100).map(lambda eighths: eighths * EIGHTH)
    one = st.tuples(onset, length, st.integers(lowest, highest))
    return st.lists(one.map(lambda note: (note[0], note[0] + note[1], note[2])), min_size=1, max_size=40)


def sequence(found, bars):
    """A NoteSequence of (onset, end, pitch)."""
    onsets, ends, pitches = zip(*found, strict=True) if found else ((), (), ())
    return NoteSequence(onsets=onsets, ends=ends, pitches=pitches, bars=bars)


@st.composite
def lines(draw, lengths=(0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0), lowest=40, highest=80, most=24):
    """A line of one voice: (length, pitches), a rest where there are none; a pitch never sounds twice at a time."""
    pitches = st.lists(st.integers(lowest, highest), max_size=3, unique=True)
    return draw(st.lists(st.tuples(st.sampled_from(lengths), pitches), min_size=1, max_size=most))


def sounding(length, pitches):
    """A Note, a Chord or a Rest."""
    if not pitches:
        return note.Rest(quarterLength=length)
    return (
        chord.Chord(pitches, quarterLength=length) if len(pitches) > 1 else note.Note(pitches[0], quarterLength=length)
    )


def part_of(line, ratio='4/4'):
    """A Part without Measures."""
    part = stream.Part()
    part.insert(0, meter.TimeSignature(ratio))
    now = 0.0
    for length, pitches in line:
        part.insert(now, sounding(length, pitches))
        now += Fraction(length)
    return part


# What music21 lets be built: lengths of every denominator, none, and less than none; offsets before the start.
USUAL = st.sampled_from([0.25, 0.5, 1.0, 1.0, 2.0, 4.0])
LENGTHS = st.one_of(
    USUAL,
    USUAL,
    st.fractions(-1, 9, max_denominator=12),
    st.integers(1, 60).map(lambda count: Fraction(count, 7)),
    st.sampled_from([0.0, -1.0, -0.25, 1e-9, 1e-3, 97.3, 1000.0]),
)
OFFSETS = st.one_of(
    st.integers(0, 64).map(lambda eighths: eighths / 2),
    st.fractions(-3, 30, max_denominator=12),
    st.integers(-20, 200).map(lambda count: Fraction(count, 7)),
)
FAR = st.sampled_from([-1e17, -1000.0, 1e5, 1e9, 1e10, 1e17, 1e300])  # one stream in twelve has it in one place
SPACES = st.one_of(
    st.integers(36, 84), st.integers(36, 84), st.floats(-300, 400), st.sampled_from([-0.5, 60.5, 127.5, 1e6, -1e6])
)
RATIOS = st.sampled_from(
    ['4/4', '4/4', '3/4', '6/8', '5/4', '255/128', '1/1024', '4/3', '-3/4', '20/8', '3/8+2/8', '1/32']
)
TRANSPOSITIONS = st.sampled_from(
    [
        *(None, 'M2', 'P-15', -3, 'no interval', 3.5, (), object),
        *(
            interval.Interval('m3'),
            interval.ChromaticInterval(0.5),
            interval.GenericInterval(2),
            interval.Interval(-24),
        ),
    ]
)
INSTRUMENTS = st.sampled_from(
    [
        *(instrument.Clarinet, instrument.Horn, instrument.Piccolo, instrument.Guitar, instrument.Woodblock),
        *(instrument.Instrument, instrument.Contrabass, instrument.UnpitchedPercussion),
    ]
)
NUMBERS = st.sampled_from([0, 1, 2, 7, -1, None, '12', 3.5, 10**30])
SUFFIXES = st.sampled_from([*[None] * 8, '', 'a', 3, ('b',)])


@st.composite
def _notes(draw):
    found = note.Note(pitch.Pitch(ps=draw(SPACES)), quarterLength=draw(LENGTHS))
    found.tie = draw(st.sampled_from([*[None] * 12, tie.Tie('start'), tie.Tie('continue'), tie.Tie('stop'), 'start']))
    if draw(st.booleans()):
        found.pitch.microtone = draw(st.sampled_from([-50, -33.3, 20, 50, 1200]))
    return found.getGrace() if draw(st.integers(0, 9)) == 0 else found


@st.composite
def _chords(draw):
    found = chord.Chord([pitch.Pitch(ps=space) for space in draw(st.lists(SPACES, max_size=5))])
    found.quarterLength = draw(LENGTHS)
    for inner in found.notes:
        inner.tie = draw(st.sampled_from([None, tie.Tie('stop')]))
    return found


@st.composite
def _symbols(draw):
    found = harmony.ChordSymbol(draw(st.sampled_from(['C', 'F#m7', 'B-/D'])), quarterLength=draw(LENGTHS))
    found.writeAsChord = draw(st.booleans())
    return found


@st.composite
def _instruments(draw):
    found = draw(INSTRUMENTS)()
    if draw(st.booleans()):
        found.transposition = draw(TRANSPOSITIONS)
    return found


@st.composite
def _meters(draw):
    found = meter.TimeSignature(draw(RATIOS))
    if draw(st.integers(0, 4)) == 0:
        found.barDuration = note.Note(quarterLength=draw(LENGTHS)).duration
    return found


ELEMENTS = st.one_of(
    *[_notes()] * 6,
    _notes(),
    _chords(),
    _symbols(),
    _instruments(),
    _meters(),
    LENGTHS.map(lambda length: note.Rest(quarterLength=length)),
    LENGTHS.map(lambda length: note.Unpitched(quarterLength=length)),
    LENGTHS.map(lambda length: percussion.PercussionChord([note.Unpitched(), note.Note()], quarterLength=length)),
    st.sampled_from([clef.PercussionClef, dynamics.Dynamic, bar.Barline, harmony.NoChord]).map(lambda kind: kind()),
    st.sampled_from([meter.SenzaMisuraTimeSignature, base.ElementWrapper]).map(lambda kind: kind('music')),
    st.just('').map(lambda _: variant.Variant([note.Note()])),
)
KINDS = st.sampled_from(
    [stream.Stream, stream.Part, stream.Part, stream.Measure, stream.Voice, stream.Score, stream.Opus]
)


@st.composite
def _streams_of(draw, elements, least=0):
    found = draw(KINDS)()
    found.atSoundingPitch = draw(st.sampled_from(['unknown', 'unknown', True, False]))
    if isinstance(found, stream.Measure):
        found.number, found.numberSuffix = draw(NUMBERS), draw(SUFFIXES)
    elif draw(st.booleans()):
        found.id = draw(st.sampled_from(['Violin', '=1+1', '\n\0', ('a', 1), 7]))
    if isinstance(found, stream.Part):
        found.partName = draw(st.sampled_from([None, 'Viola', 3, '']))
    for element in draw(st.lists(elements, min_size=draw(st.integers(0, least)), max_size=12)):
        if isinstance(element, bar.Barline):
            found.storeAtEnd(element)
        else:
            found.insert(draw(OFFSETS), element)
    if draw(st.integers(0, 11)) == 0:
        found.insert(draw(FAR), draw(ELEMENTS))
    spanned = [element for element in found.elements if isinstance(element, note.NotRest)]
    if spanned and draw(st.integers(0, 3)) == 0:
        ottava = spanner.Ottava(spanned[:2], type=draw(st.sampled_from(['8va', '15mb', '22da'])))
        ottava.transposing = draw(st.booleans())
        found.insert(0, ottava)
    return found


# A stream of elements, or of streams and elements, several deep.
STREAMS = st.recursive(
    _streams_of(ELEMENTS), lambda inner: _streams_of(st.one_of(inner, inner, ELEMENTS)), max_leaves=12
)
