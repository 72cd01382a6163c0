import mido
import pytest

from export.data.tempo_map import tempo_map


def tempo(time, microseconds):
    return time, mido.MetaMessage('set_tempo', tempo=microseconds)


@pytest.mark.parametrize(
    ('changes', 'offsets', 'tempos'),
    [
        ([], [0], [120]),
        ([(96, 1_000_000), (192, 250_000)], [0, 1, 2], [120, 60, 240]),
        ([(0, 250_000), (0, 1_000_000)], [0], [60]),  # of several at once the last one holds
        ([(0, 1_000_000), (48, 0)], [0], [60]),  # a tempo of 0 is none
    ],
)
def test_the_tempo_map(write_midi, midi_note, changes, offsets, tempos):
    path = write_midi([[*(tempo(*change) for change in changes), *midi_note(0, 300, 60)]])
    assert [found.tolist() for found in tempo_map(path.read_bytes(), path)] == [offsets, tempos]


def test_of_a_file_with_a_header_before_it(write_midi, midi_note, tmp_path):
    """As long as that of MacBinary, and with a data byte above 127, so that it is written anew."""
    content = write_midi([[tempo(96, 1_000_000), *midi_note(0, 300, 60)]]).read_bytes()
    path = tmp_path / 'wrapped.mid'
    path.write_bytes(bytes(128) + content.replace(b'\x90\x3c\x40', b'\x90\x3c\xc0'))
    assert [found.tolist() for found in tempo_map(path.read_bytes(), path)] == [[0, 1], [120, 60]]
