import os

import mido
import numpy as np
import pytest

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.notes import GRAIN


def program(time, number, channel=0):
    return time, mido.Message('program_change', program=number, channel=channel)


def meta(time, kind, **values):
    return time, mido.MetaMessage(kind, **values)


def test_times_are_quarter_lengths_and_nothing_is_quantised(write_midi, midi_note):
    (part,) = read_midi(write_midi([[*midi_note(1, 97, 60), *midi_note(97, 100, 62)]]))
    np.testing.assert_allclose(part.notes.onsets, [1 / 96, 97 / 96], rtol=0, atol=GRAIN)
    np.testing.assert_allclose(part.notes.ends, [97 / 96, 100 / 96], rtol=0, atol=GRAIN)
    assert part.notes.pitches.tolist() == [60, 62]


def test_each_track_channel_and_program_is_a_part(write_midi, midi_note):
    one_track = [
        program(0, 40), *midi_note(0, 96, 60), program(100, 73), *midi_note(100, 200, 62),
        program(0, 32, channel=1), *midi_note(0, 96, 36, channel=1),
    ]  # fmt: skip
    another = [program(0, 40), *midi_note(0, 96, 67)]
    parts = read_midi(write_midi([one_track, another]))
    assert [(p.program, p.notes.pitches.tolist()) for p in parts] == [(40, [60]), (73, [62]), (32, [36]), (40, [67])]


def test_names_come_along(write_midi, midi_note):
    (part,) = read_midi(write_midi([[meta(0, 'track_name', name='Bass '), *midi_note(0, 96, 60)]]))
    assert part.name == 'Bass'


def test_drums_are_counted_not_read(write_midi, midi_note):
    (part,) = read_midi(write_midi([[*midi_note(0, 96, 36, channel=9), *midi_note(96, 192, 38, channel=9)]]))
    assert (part.is_drum, len(part.notes), part.notes.unpitched) == (True, 0, 2)


def test_notes_of_no_length_do_not_sound(write_midi, midi_note):
    (part,) = read_midi(write_midi([[*midi_note(0, 96, 60), *midi_note(96, 96, 62)]]))
    assert part.notes.pitches.tolist() == [60]


def test_bars_follow_the_meters_of_the_whole_file(write_midi, midi_note):
    conductor = [
        meta(0, 'time_signature', numerator=3, denominator=4), meta(576, 'time_signature', numerator=6, denominator=8),
    ]  # fmt: skip
    (part,) = read_midi(write_midi([conductor, midi_note(0, 800, 60)]))
    assert part.notes.bars.tolist() == [0, 3, 6, 9]


def test_a_riff_wrapped_file_is_read(write_midi, midi_note, tmp_path):
    content = write_midi([midi_note(0, 96, 60)]).read_bytes()
    wrapped = tmp_path / 'song.rmi'
    head = b'RMIDdata' + len(content).to_bytes(4, 'little')
    wrapped.write_bytes(b'RIFF' + (len(content) + 12).to_bytes(4, 'little') + head + content)
    assert len(read_midi(wrapped)) == 1
    about = b'LIST' + (201).to_bytes(4, 'little') + bytes(202)  # a chunk of odd length, and the byte that fills it up
    wrapped.write_bytes(b'RIFF\0\0\0\0RMID' + about + head[4:] + content)
    assert len(read_midi(wrapped)) == 1


def test_a_file_after_a_macbinary_header_is_read(write_midi, midi_note, tmp_path):
    content = write_midi([midi_note(0, 96, 60)]).read_bytes()
    song = tmp_path / 'song.mid'
    song.write_bytes(bytes(128) + content)  # as long as that header is
    assert len(read_midi(song)) == 1
    song.write_bytes(bytes(129) + content)
    with pytest.raises(UnreadableError, match='wanted a MIDI file'):
        read_midi(song)


def test_a_missing_file(tmp_path):
    with pytest.raises(UnreadableError, match='cannot be opened'):
        read_midi(tmp_path / 'none.mid')


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe.mid')
    with pytest.raises(UnreadableError, match='not a file'):
        read_midi(tmp_path / 'pipe.mid')


def test_a_text_file_named_mid(tmp_path):
    (tmp_path / 'text.mid').write_text('Dear Sir or Madam')
    with pytest.raises(UnreadableError, match=r"begins with b'Dear', wanted a MIDI file"):
        read_midi(tmp_path / 'text.mid')


def test_a_file_truncated_anywhere_is_read_or_refused(write_midi, midi_note):
    path = write_midi([[e for i in range(8) for e in midi_note(i * 96, i * 96 + 96, 60 + i)]])
    content = path.read_bytes()
    refused = 0
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            parts = read_midi(path)
        except UnreadableError:
            refused += 1
        else:
            assert all(len(part.notes) <= 8 for part in parts)
    assert refused > len(content) // 2


def test_a_file_cut_between_two_tracks_is_refused(write_midi, midi_note):
    """Three tracks are announced; what is left of the file is sound."""
    path = write_midi([midi_note(0, 96, 60), midi_note(0, 96, 62), midi_note(0, 96, 64)])
    content = path.read_bytes()
    last = content.rindex(b'MTrk')
    path.write_bytes(content[:last])
    # symusic 0.5 finds out by itself, and says so in its own words.
    with pytest.raises(UnreadableError, match=r'2 tracks, where its header announces 3: it was cut short|damaged MIDI'):
        read_midi(path)
    path.write_bytes(content[:14])
    with pytest.raises(UnreadableError):
        read_midi(path)


def test_more_tracks_than_announced_are_all_read(write_midi, midi_note):
    path = write_midi([midi_note(0, 96, 60), midi_note(0, 96, 62), midi_note(0, 96, 64)])
    content = path.read_bytes()
    path.write_bytes(content[:10] + b'\0\2' + content[12:])
    parts = read_midi(path)
    assert [part.notes.pitches.tolist() for part in parts] == [[60], [62], [64]]
    assert {part.remark for part in parts} == {'3 tracks, where its header announces 2'}


def test_an_impossible_meter_is_refused(write_midi, midi_note):
    path = write_midi([[meta(0, 'time_signature', numerator=3, denominator=4), *midi_note(0, 96, 60)]])
    path.write_bytes(path.read_bytes().replace(b'\xff\x58\x04\x03', b'\xff\x58\x04\x00'))
    with pytest.raises(UnreadableError, match='a meter of 0/4'):
        read_midi(path)


def test_of_several_meters_at_once_the_last_one_holds(write_midi, midi_note):
    setup = [
        meta(0, 'time_signature', numerator=3, denominator=4),
        meta(0, 'time_signature', numerator=2, denominator=4),
        meta(192, 'time_signature', numerator=5, denominator=4),
        meta(192, 'time_signature', numerator=4, denominator=4),
    ]
    (part,) = read_midi(write_midi([setup, midi_note(0, 500, 60)]))
    assert part.notes.bars.tolist() == [0, 2, 6]


def test_notes_are_counted_over_all_parts(write_midi, midi_note, monkeypatch):
    path = write_midi([midi_note(0, 96, 60), midi_note(0, 96, 62), midi_note(0, 96, 36, channel=9)])
    monkeypatch.setattr('music21_kdic.reading.midi.MAX_NOTES', 3)
    assert len(read_midi(path)) == 3
    monkeypatch.setattr('music21_kdic.reading.midi.MAX_NOTES', 2)
    with pytest.raises(NoteError, match=r'song.mid: 3 notes in one file: at most 2 are read'):
        read_midi(path)


@pytest.mark.parametrize('exponent', [8, 31, 32, 64, 255])
def test_a_denominator_beyond_128_is_refused(write_midi, midi_note, exponent):
    """MIDI writes it as a power of 2; symusic wraps 2**32 to 1."""
    path = write_midi([[meta(0, 'time_signature', numerator=3, denominator=4), *midi_note(0, 96, 60)]])
    content = path.read_bytes()
    path.write_bytes(content.replace(b'\xff\x58\x04\x03\x02', b'\xff\x58\x04\x03' + bytes([exponent])))
    with pytest.raises(UnreadableError, match=r'a meter of 3/0|a meter whose denominator is more than 128'):
        read_midi(path)
    path.write_bytes(content.replace(b'\xff\x58\x04\x03\x02', b'\xff\x58\x04\x03\0'))
    assert read_midi(path)[0].notes.bars.tolist() == [0, 12]  # 3/1
