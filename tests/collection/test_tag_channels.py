"""``tag`` on files in which it matters where the bytes lie, and which tracks share a channel; by what mido reads."""

import io

import mido
import pytest

from music21_kdic import tag

BASS_LINE = [28, 28, 35, 28, 33, 33, 40, 33, 26, 26, 33, 26, 31, 31, 38, 31] * 4


def line(pitches, channel=0):
    """Notes of an eighth each, one after another, of 96 ticks a quarter."""
    return [
        mido.Message(kind, note=pitch, channel=channel, velocity=64, time=time)
        for pitch in pitches
        for kind, time in (('note_on', 0), ('note_off', 48))
    ]


def midi(*tracks):
    """A MIDI file of tracks of messages, whose times are those since the message before."""
    file = io.BytesIO()
    mido.MidiFile(ticks_per_beat=96, tracks=[mido.MidiTrack(track) for track in tracks]).save(file=file)
    return file.getvalue()


def tagged(tmp_path, content, **options):
    """Tag a file: the rows, and where the copy would lie."""
    (tmp_path / 'song.mid').write_bytes(content)
    rows = tag(tmp_path / 'song.mid', tmp_path / 'tagged.mid', threshold=0.0, jobs=1, **options)
    return list(rows), tmp_path / 'tagged.mid'


@pytest.mark.parametrize('between', [b'\0', bytes(13), b'\r\n'], ids=lambda between: between.hex())
def test_a_file_with_bytes_between_its_tracks_is_not_tagged(between, tmp_path):
    content = midi([mido.MetaMessage('set_tempo')], line(BASS_LINE))
    second = content.rindex(b'MTrk')
    (row,), copy = tagged(tmp_path, content[:second] + between + content[second:])
    assert (row.status, row.new_name, row.new_program) == ('unreadable', None, None)
    assert row.error == 'bytes between its tracks are left out; a damaged file can be read, but is not tagged'
    assert not copy.exists()
    (row,), copy = tagged(tmp_path, content)
    assert (row.label, row.new_name, row.new_program) == ('Bass', 'Bass', 33)
    assert len(mido.MidiFile(copy).tracks[1]) == len(mido.MidiFile(file=io.BytesIO(content)).tracks[1]) + 2
