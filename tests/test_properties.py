"""Properties that hold for whatever hypothesis draws: of notes, windows, piano-rolls, priors and the two readers.

In CI the drawing is the same every time (the profile ``ci`` of tests/conftest.py). Many more, and other ones, by hand:

    pytest tests/test_properties.py tests/test_properties_streams.py --hypothesis-profile=many
"""

import contextlib
import copy
import unicodedata
from fractions import Fraction

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from music21 import converter, instrument, interval, midi, pitch, stream

from music21_kdic import CLASSES, PriorError
from music21_kdic.collection.engine.tables import read_table, write_table
from music21_kdic.features.window_numbers import window_numbers
from music21_kdic.features.windows import TOLERANCE, WindowGrid, cut_windows, piano_roll
from music21_kdic.one_line import one_line
from music21_kdic.priors import check_priors
from music21_kdic.reading.midi import parse_midi
from music21_kdic.reading.streams import note_sequence
from tests.drawn import EIGHTH, bar_lines, lines, notes, part_of, sequence

FIELDS = ('onsets', 'ends', 'pitches', 'bars')
FINE = WindowGrid(32, ('sounding', 'onset'))
# Denominators that the 10,080 ticks of a quarter note in music21's MIDI files hold exactly; no 64th notes, whose sums
# with thirds may end on the very edge of the tolerance, where one bit of a floating-point number decides.
MIDI_LENGTHS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, Fraction(1, 3), Fraction(2, 3), Fraction(2, 5), Fraction(3, 7))


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in FIELDS)


def close(one, other):
    return all(getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9) for name in FIELDS[:3])


@given(notes(), bar_lines(), st.data())
def test_the_order_of_notes_does_not_matter(found, bars, data):
    shuffled = data.draw(st.permutations(found))
    assert same(sequence(found, bars), sequence(shuffled, bars))


@given(lines(), st.data())
def test_the_order_in_which_a_stream_was_made_does_not_matter(line, data):
    part = part_of(line)
    other = stream.Part()
    for element in data.draw(st.permutations(part.elements)):
        other.insert(part.elementOffset(element), copy.deepcopy(element))
    assert same(note_sequence(part), note_sequence(other))


@given(lines(), st.data())
def test_velocity_does_not_matter_to_a_stream(line, data):
    part = part_of(line)
    before = note_sequence(part)
    for element in part.notes:
        element.volume.velocity = data.draw(st.integers(0, 127))
    assert same(before, note_sequence(part))


def midi_file(line, velocities):
    """A line as a MIDI file: of each pitch the end before the next beginning."""
    events, now = [], 0
    for length, pitches in line:
        ends = now + int(length * 96)
        for number in pitches:
            on = mido.Message('note_on', note=number, velocity=next(velocities))
            events += [(now, 1, on), (ends, 0, mido.Message('note_off', note=number))]
        now = ends
    track, last = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - last))
        last = tick
    return mido.MidiFile(type=1, ticks_per_beat=96, tracks=[track])


def midi_content(file, path):
    file.save(path)
    return path.read_bytes()


@given(lines(), st.data())
def test_velocity_does_not_matter_to_a_midi_file(tmp_path_factory, line, data):
    path = tmp_path_factory.getbasetemp() / 'velocity.mid'
    drawn = iter(lambda: data.draw(st.integers(1, 127)), None)
    found = [
        parse_midi(midi_content(midi_file(line, velocities), path), path) for velocities in (iter([64] * 99), drawn)
    ]
    assert len(found[0]) == len(found[1]) == any(pitches for _, pitches in line)
    assert all(same(one.notes, other.notes) for one, other in zip(*found, strict=True))


@given(notes(), bar_lines(), st.integers(1, 9), st.sampled_from([0.5, 2.0, 3.0, 3.5, 4.0]))
def test_shifting_a_part_by_whole_windows_shifts_its_windows(found, bars, count, bar):
    """As many windows of two bars before it; bars of at most four quarter lengths, so that two do fit."""
    shift = 2 * count * bar
    ahead = [bar * i for i in range(2 * count)]
    before = cut_windows(sequence(found, bars))
    after = cut_windows(
        sequence([(on + shift, end + shift, p) for on, end, p in found], [*ahead, *(line + shift for line in bars)])
    )
    assert (after.starts - shift).tolist() == before.starts.tolist()
    assert (after.ends - shift).tolist() == before.ends.tolist()
    assert (after.bars - 2 * count).tolist() == before.bars.tolist()
    assert np.array_equal(piano_roll(after, FINE), piano_roll(before, FINE))
    assert np.array_equal(window_numbers(after), window_numbers(before))


@given(notes(lowest=30, highest=90), bar_lines(), st.integers(-30, 37))
def test_transposing_shifts_the_pitch_axis(found, bars, steps):
    before = piano_roll(cut_windows(sequence(found, bars)), FINE)
    after = piano_roll(cut_windows(sequence([(on, end, p + steps) for on, end, p in found], bars)), FINE)
    assert np.array_equal(after, np.roll(before, steps, axis=2))  # nothing at the edges that could come round


@given(lines(), st.integers(-30, 37))
def test_transposing_a_stream_shifts_the_pitch_axis(line, steps):
    part = part_of(line)
    before = piano_roll(cut_windows(note_sequence(part)))
    after = piano_roll(cut_windows(note_sequence(part.transpose(steps))))
    assert np.array_equal(after, np.roll(before, steps, axis=2))


@given(lines(lowest=40, highest=59), lines(lowest=60, highest=80), st.data())
def test_splitting_a_note_with_ties_changes_nothing(low, high, data):
    """Two voices that share no pitch: where they did, which of two notes goes on would be anyone's guess."""
    whole, split = stream.Part(), stream.Part()
    for line in (low, high):
        voice, pieces = stream.Voice(), stream.Voice()
        for element in part_of(line).notesAndRests:
            voice.insert(element.offset, element)
            rest, now = copy.deepcopy(element), float(element.offset)
            while rest.quarterLength > EIGHTH and data.draw(st.booleans()):
                at = data.draw(st.integers(1, int(rest.quarterLength / EIGHTH) - 1)) * EIGHTH
                first, rest = rest.splitAtQuarterLength(at)
                pieces.insert(now, first)
                now += at
            pieces.insert(now, rest)
        whole.insert(0, voice)
        split.insert(0, pieces)
    assert same(note_sequence(whole), note_sequence(split))


@given(
    st.lists(lines(lengths=MIDI_LENGTHS, most=12), min_size=1, max_size=3),
    st.sampled_from(['4/4', '3/4', '7/8', '12/8']),
    st.sampled_from([None, instrument.Clarinet, instrument.Contrabass]),
)
def test_a_stream_and_its_midi_at_both_doors_agree(drawn, ratio, player):
    """What a MIDI file of music21 carries: no grace notes, no pickups, no repeats, and a pitch once at a time.

    All parts end together, since the bars of a MIDI file go on to the end of the file. And it is the Score
    that says whether it is at written pitch: music21 asks nothing else before it writes.
    """
    score = stream.Score()
    score.atSoundingPitch = player is None
    longest = max(sum(length for length, _ in line) for line in drawn)
    for line in drawn:
        silence = longest - sum(length for length, _ in line)
        part = part_of([*line, *([(silence, [])] if silence else []), (1.0, [60])], ratio)
        if player is not None:
            part.insert(0, player())
        part.makeMeasures(inPlace=True)
        part.makeTies(inPlace=True)
        score.insert(0, part)
    content = midi.translate.music21ObjectToMidiFile(score).writestr()
    slow = [note_sequence(part) for part in midi.translate.midiStringToStream(content, quantizePost=False).parts]
    fast = [part.notes for part in parse_midi(content, 'drawn.mid')]
    for part, one, other in zip(score.parts, slow, fast, strict=True):
        assert close(note_sequence(part), one)
        assert close(one, other)
        windows = [cut_windows(notes) for notes in (note_sequence(part), one, other)]
        rolls = [piano_roll(some, FINE) for some in windows]
        assert windows[0].bars.tolist() == windows[1].bars.tolist() == windows[2].bars.tolist()
        assert np.array_equal(rolls[0], rolls[1])
        assert np.array_equal(rolls[1], rolls[2])
        numbers = [window_numbers(some) for some in windows]
        assert np.array_equal(numbers[0], numbers[1])
        assert np.array_equal(numbers[1], numbers[2])


def slow_spans(bars, begins):
    """Bars in windows, as the docstring of windows.py says it: (start, end, first bar, one past the last).

    The first window begins with the bar in which the part does, at ``begins``.
    """
    spans, first = [], max(0, sum(line <= begins + TOLERANCE for line in bars) - 1)
    while first < len(bars) - 1:
        past = first + 2 if first + 2 < len(bars) and bars[first + 2] - bars[first] <= 8 else first + 1
        start = bars[first]
        while bars[past] - start > 8:
            spans.append((start, start + 8, first, past))
            start += 8
        spans.append((start, bars[past], first, past))
        first = past
    return spans


@given(notes(), bar_lines(), st.sampled_from([WindowGrid(), FINE, WindowGrid(64, ('onset',))]))
def test_windows_and_rolls_against_a_slow_drawing(found, bars, grid):
    """Note by note, column by column; eighths of a quarter length and 16ths for the tolerance are exact."""
    width = 8 / grid.columns
    wanted = []
    for start, end, first, past in slow_spans(bars, min((onset for onset, *_ in found), default=0.0)):
        roll = np.zeros(grid.shape, dtype=np.uint8)
        heard = 0
        for onset, stop, number in found:
            if onset + TOLERANCE >= bars[-1]:
                continue
            begins = start <= onset + TOLERANCE < end
            held = onset + TOLERANCE < start < stop - TOLERANCE
            heard += begins or held
            for column in range(grid.columns):
                left, right = start + column * width, start + (column + 1) * width
                if left >= end:
                    break
                here = begins and left <= onset + TOLERANCE < right
                sounds_on = onset + TOLERANCE < left < stop - TOLERANCE
                for plane, name in enumerate(grid.planes):
                    roll[plane, number, column] |= here if name == 'onset' else here or sounds_on
        if heard >= 2:
            wanted.append(((start, end, first, past), roll))
    windows = cut_windows(sequence(found, bars))
    rows = zip(windows.starts.tolist(), windows.ends.tolist(), *windows.bars.T.tolist(), strict=True)
    assert list(rows) == [span for span, _ in wanted]
    assert np.array_equal(piano_roll(windows, grid), np.array([roll for _, roll in wanted]).reshape(-1, *grid.shape))


@given(st.lists(st.floats(1e-140, 1e140), min_size=8, max_size=8), st.integers(-20, 20), st.permutations(range(8)))
def test_priors_are_proportions(values, power, order):
    found = check_priors(values)
    assert found.sum() == pytest.approx(1)
    assert ((found > 0) & (found <= 1)).all()
    assert found * values[0] == pytest.approx(np.array(values) * found[0])
    assert check_priors([value * 2.0**power for value in values]).tolist() == found.tolist()
    assert check_priors([values[i] for i in order]) == pytest.approx(found[list(order)])
    assert check_priors(dict(zip(CLASSES, values, strict=True))).tolist() == found.tolist()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.sampled_from([*CLASSES, 1]), inner, max_size=8),
)


@given(ANYTHING)
def test_what_is_no_prior_is_a_prior_error(priors):
    found = None
    with contextlib.suppress(PriorError):
        found = check_priors(priors)
    assert found is None or (found.shape == (8,) and (found > 0).all() and found.sum() == pytest.approx(1))


@given(st.text())
def test_a_name_is_one_printable_line_of_the_same_length(text):
    line = one_line(text)
    assert line.isprintable()
    assert len(line) == len(text)
    assert all(one == other for one, other in zip(text, line, strict=True) if one.isprintable())
    assert one_line(line) == line
    # Zs of Unicode: what separates words, the no-break and the ideographic space among them.
    assert all(other == ' ' for one, other in zip(text, line, strict=True) if unicodedata.category(one) == 'Zs')


@pytest.mark.parametrize('space', [chr(0xA0), chr(0x3000)])
def test_a_space_in_a_name_is_a_space(space):
    assert one_line(f'\u30a8\u30ec\u30ad{space}\u30ae\u30bf\u30fc') == '\u30a8\u30ec\u30ad \u30ae\u30bf\u30fc'


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.sampled_from(['.csv', '.jsonl']))
def test_a_table_holds_any_text(tmp_path_factory, texts, ending):
    path = tmp_path_factory.mktemp('tables') / f'table{ending}'
    write_table(path, {'name': str, 'again': str}, [{'name': text, 'again': text} for text in texts])
    found = [row['name'] for row in read_table(path, ['name', 'again'])]
    assert found == [text.encode('utf-8', 'backslashreplace').decode() for text in texts]


@given(st.floats(-2000, 3000))
def test_any_register_comes_in_as_music21_brings_it_in(space):
    part = part_of([(1.0, [60])])
    part.notes.first().pitch = drawn = pitch.Pitch(ps=space)
    assert note_sequence(part).pitches.tolist() == [drawn.midi]


@given(st.integers(-40, 160), st.sampled_from(['M-9', 'P-15', 'm3', 'P8']))
def test_a_transposed_register_too(number, name):
    part = part_of([(1.0, [60])])
    part.notes.first().pitch = drawn = pitch.Pitch(ps=number)
    player = instrument.Instrument()
    player.transposition = interval.Interval(name)
    part.insert(0, player)
    part.atSoundingPitch = False
    assert note_sequence(part).pitches.tolist() == [drawn.transpose(name).midi]


def test_a_drawn_midi_file_is_read_by_music21_as_it_was_meant(tmp_path):
    """The file that the velocity property draws, for once by the other reader."""
    path = tmp_path / 'line.mid'
    midi_content(midi_file([(1.0, [60, 64]), (0.5, [60]), (1.0, []), (0.25, [72])], iter([64] * 9)), path)
    (part,) = (note_sequence(part) for part in converter.parse(path, quantizePost=False).parts)
    assert part.onsets.tolist() == [0, 0, 1, 2.5]
    assert part.ends.tolist() == [1, 1, 1.5, 2.75]
    assert part.pitches.tolist() == [60, 64, 60, 72]
