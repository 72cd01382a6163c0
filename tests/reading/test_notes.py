from fractions import Fraction

import numpy as np
import pytest

from music21_kdic.errors import NoteError
from music21_kdic.reading.notes import MAX_BARS, NoteSequence, bars_from_meters


def test_notes_come_out_sorted_by_onset_pitch_and_end():
    notes = NoteSequence(onsets=[1, 0, 0], ends=[2, 3, 1], pitches=[60, 64, 62], bars=[0, 4])
    assert notes.onsets.tolist() == [0, 0, 1]
    assert notes.pitches.tolist() == [62, 64, 60]
    assert notes.ends.tolist() == [1, 3, 2]


@pytest.mark.parametrize('unit', [1 / 480, 1 / 3, 1 / 7, 60 / 95 / 16])
def test_what_floating_point_adds_to_times_changes_nothing(unit):
    rng = np.random.default_rng(1)
    units = rng.integers(0, 2000, 300)
    pitches, lengths = rng.integers(30, 90, 300), rng.integers(1, 90, 300)
    bars = 2000 * unit * np.arange(6)

    def noise(size):
        return rng.uniform(-1e-12, 1e-12, size)

    def jittered(of):
        times = (units * unit, (units + lengths) * unit, bars)
        onsets, ends, lines = (each + of(each.size) for each in times)
        return NoteSequence(onsets, ends, pitches, lines)

    exact, noisy = jittered(np.zeros), jittered(noise)
    for name in ('onsets', 'ends', 'pitches', 'bars'):
        assert getattr(noisy, name).tobytes() == getattr(exact, name).tobytes()
    assert np.abs(exact.onsets - np.sort(units * unit)).max() < 1e-9


def test_notes_that_begin_together_but_for_rounding_are_by_pitch():
    notes = NoteSequence(onsets=[1e-13, 0, -1e-13], ends=[1, 2, 3], pitches=[60, 62, 64], bars=[0, 4])
    assert notes.pitches.tolist() == [60, 62, 64]
    assert notes.onsets.tolist() == [0, 0, 0]


def test_a_note_and_a_bar_last_however_short_they_are():
    notes = NoteSequence(onsets=[0, 1], ends=[1e-12, 2], pitches=[60, 60], bars=[0, 4, 4 + 1e-12, 4 + 2e-12, 8])
    assert (notes.ends > notes.onsets).all()
    assert (np.diff(notes.bars) > 0).all()
    np.testing.assert_allclose(notes.bars, [0, 4, 4, 4, 8], atol=1e-8)


def test_measure_numbers_may_be_numbers():
    assert NoteSequence([0], [1], [60], [0, 4, 8], measure_numbers=(7, '7a')).measure(0) == 7


def test_the_callers_arrays_stay_the_callers():
    bars = np.array([0.0, 4.0])
    NoteSequence(onsets=[0], ends=[1], pitches=[60], bars=bars)
    bars[1] = 3.0


def test_there_is_no_room_for_the_answer():
    assert set(NoteSequence.__dataclass_fields__) == {
        'onsets', 'ends', 'pitches', 'bars', 'measure_numbers', 'unpitched',
    }  # fmt: skip


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'ends': [1.0]}, 'three arrays of one length'),
        ({'ends': [0.0, 2.0]}, 'onset < end'),
        ({'ends': [1.0, np.inf]}, 'onset < end'),
        ({'onsets': [np.nan, 1.0]}, 'onset < end'),
        ({'pitches': [60, 128]}, '0 to 127'),
        ({'pitches': [-1, 60]}, '0 to 127'),
        ({'pitches': [60, 61.5]}, r'pitch 61\.5: wanted whole MIDI pitches'),
        ({'pitches': [60, np.nan]}, 'pitch nan: wanted whole MIDI pitches'),
        ({'bars': [0.0, 4.0, 4.0]}, 'rising'),
        ({'bars': []}, 'rising'),
        ({'bars': np.arange(MAX_BARS + 2)}, f'at most {MAX_BARS}'),
        ({'measure_numbers': ('1', '2')}, 'wanted one each'),
        ({'pitches': [Fraction(121, 2), 60]}, 'pitch 60.5: wanted whole MIDI pitches, 0 to 127'),
        ({'pitches': ['60', '61']}, r"pitches \['60', '61'\]: wanted whole MIDI pitches, 0 to 127"),
        ({'pitches': [{}, 60]}, r'pitches \[{}, 60\]: wanted whole MIDI pitches'),
        ({'onsets': [-1e10, 1.0]}, r'a note at -1e\+10 quarter lengths: wanted at most 4294967296'),
        ({'ends': [1.0, 1e10]}, r'a note at 1e\+10'),
        ({'onsets': np.ma.array([0.0, 1.0], mask=[0, 1])}, '(?s)onsets .*: some are masked'),
        ({'pitches': [60, np.ma.masked]}, '(?s)pitches .*: some are masked'),
        ({'bars': np.ma.array([0, 4], mask=[0, 1])}, '(?s)bars .*: some are masked'),
        ({'ends': [1, 10**400]}, r'ends \[1, 10+\.\.\.: wanted numbers, in quarter lengths'),
        ({'onsets': [0, 'a']}, r"onsets \[0, 'a'\]: wanted numbers, in quarter lengths"),
        ({'onsets': ['0', '1']}, r"onsets \['0', '1'\]: wanted numbers"),
        ({'onsets': [[0], [0, 1]]}, r'onsets \[\[0\], \[0, 1\]\]: wanted numbers'),
        ({'onsets': [0, 1j]}, r'onsets \[0, 1j\]: wanted numbers'),
        ({'onsets': (place for place in (0, 1))}, 'onsets <generator .*: wanted numbers'),
        ({'pitches': [60, 10**400]}, r'pitches \[60, 10+\.\.\.: wanted whole MIDI pitches, 0 to 127'),
        ({'pitches': np.array([60, 2**64 - 1], np.uint64)}, r'pitch 1\.8\d+e\+19: wanted whole MIDI pitches'),
        ({'measure_numbers': 5}, 'measure numbers 5: wanted a list, one for each bar'),
        ({'measure_numbers': '5'}, "measure numbers '5': wanted a list"),
        ({'unpitched': 'x'}, "unpitched 'x': wanted a whole number of strokes, at least 0"),
        ({'unpitched': -1}, 'unpitched -1: wanted a whole number'),
        ({'unpitched': 0.5}, r'unpitched 0\.5: wanted a whole number'),
        ({'bars': [1e17, 1e17 + 32]}, r'a barline at 1e\+17'),  # in windows of 8: adding 8 changes nothing there
    ],
)
def test_what_is_no_music_is_refused(change, message):
    good = {'onsets': [0.0, 1.0], 'ends': [1.0, 2.0], 'pitches': [60, 62], 'bars': [0.0, 4.0]}
    with pytest.raises(NoteError, match=message):
        NoteSequence(**{**good, **change})


@pytest.mark.parametrize(
    ('meters', 'until', 'wanted'),
    [
        ([], 8.0, [0, 4, 8]),
        ([], 0.0, [0, 4]),
        ([(0.0, 3.0)], 7.0, [0, 3, 6, 9]),
        ([(0.0, 4.0), (8.0, 3.0)], 14.0, [0, 4, 8, 11, 14]),
        ([(0.0, 4.0), (6.0, 3.0)], 12.0, [0, 4, 6, 9, 12]),  # a change in mid-bar cuts the bar
        ([(0.0, 4.0), (0.0, 3.0)], 6.0, [0, 3, 6]),  # of two at one offset the last one holds
        ([(4.0, 3.0)], 7.0, [0, 4, 7]),  # 4/4 until the first meter
        ([(0.0, 4.0), (100.0, 3.0)], 4.0, [0, 4]),  # a meter after the music
    ],
)
def test_barlines_follow_the_meters(meters, until, wanted):
    assert bars_from_meters(meters, until).tolist() == wanted


@pytest.mark.parametrize('length', [0.0, -1.0, np.inf])
def test_a_bar_has_a_length(length):
    with pytest.raises(NoteError, match='positive length'):
        bars_from_meters([(0.0, length)], until=8.0)


def test_a_part_of_too_many_bars_is_refused_before_they_are_made():
    with pytest.raises(NoteError, match=f'more than {MAX_BARS} bars'):
        bars_from_meters([(0.0, 1e-3)], until=1e9)
