"""What a musician can say of each kind without hearing it: register, one voice or chords, note values."""

import numpy as np
import pytest

from export.data.generators import TAUGHT, TESTED
from export.data.instruments import INSTRUMENTS, instruments_of
from music21_kdic.classes import CLASSES, class_of_program

KINDS = {**TAUGHT, **TESTED}
# Sounding ranges of the instruments (MIDI pitches), widely: a bass guitar from E1 (five strings: from B0), a concert
# flute to D7, a guitar from E2, a trumpet to D6, an alto saxophone from D flat 3, a clarinet from D3.
RANGES = {
    'walking bass': (28, 60), 'scale bass': (23, 60), 'root bass': (28, 60), 'modulo bass': (28, 60),
    'strummed guitar': (40, 76), 'picked guitar': (40, 76), 'flute melody': (60, 98), 'piccolo runs': (60, 108),
    'fanfare': (52, 86), 'sax line': (49, 88), 'clarinet arpeggios': (50, 94), 'violin crossings': (55, 100),
}  # fmt: skip
ONE_VOICE = ('walking bass', 'scale bass', 'modulo bass', 'fanfare', 'flute melody', 'violin crossings', 'sax line')


def written(kind, count=20):
    return [KINDS[kind][0](np.random.default_rng(seed)) for seed in range(count)]


def test_at_least_sixteen_kinds_of_all_classes_half_of_them_only_tested():
    assert len(TAUGHT) >= 8
    assert len(TESTED) >= 8
    assert {name for _, name in TAUGHT.values()} == {name for _, name in TESTED.values()} == set(CLASSES)


@pytest.mark.parametrize('kind', RANGES)
def test_they_lie_where_the_instrument_can_play(kind):
    low, high = RANGES[kind]
    for part in written(kind):
        assert low <= part.pitches.min()
        assert part.pitches.max() <= high


@pytest.mark.parametrize('kind', ONE_VOICE)
def test_lines_are_of_one_voice(kind):
    for part in written(kind, 5):
        assert (np.diff(part.onsets) > 0).all()
        assert (part.ends[:-1] <= part.onsets[1:] + 1e-9).all()


@pytest.mark.parametrize('kind', KINDS)
def test_notes_lie_in_their_bars(kind):
    for part in written(kind, 5):
        assert 4 <= part.bars.size - 1 <= 16
        assert part.onsets.max() < part.bars[-1]


def test_the_instruments_share_out_the_programs_of_their_classes():
    programs = [program for one in INSTRUMENTS for program in one.programs]
    assert len(programs) == len(set(programs))
    assert all(class_of_program(program) == one.class_name for one in INSTRUMENTS for program in one.programs)
    unnamed = [program for program in range(128) if class_of_program(program) and program not in programs]
    assert unnamed == []


def test_music21_has_a_class_of_every_name():
    from music21 import instrument

    assert [one.music21 for one in INSTRUMENTS if not hasattr(instrument, one.music21)] == []


def test_a_program_of_another_class_than_the_label_is_no_instrument_of_it():
    assert instruments_of(np.array([3, 0]), np.array([40, 40])).tolist() == [10, -1]
