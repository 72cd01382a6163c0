"""Track, channel and program of each part, held against mido and against hand-made bytes."""

import mido
import numpy as np
import pytest

from music21_kdic.reading import midi_events as channels
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.midi_events import match_streams, read_chunks

HEADER = b'MThd' + bytes([0, 0, 0, 6, 0, 1, 0, 1, 0, 96])
END = bytes([0, 0xFF, 0x2F, 0])


def midi(*tracks):
    return HEADER + b''.join(b'MTrk' + len(track).to_bytes(4, 'big') + track for track in tracks)


def program(number, channel=0):
    return (0, mido.Message('program_change', program=number, channel=channel))


def facts(path):
    return [(part.track, part.channel, part.program) for part in read_midi(path)]


def test_each_part_knows_its_track_channel_and_program(write_midi, midi_note):
    path = write_midi(
        [
            [(0, mido.MetaMessage('set_tempo', tempo=500_000))],
            [program(24, 3), *midi_note(0, 96, 60, channel=3)],
            [*midi_note(0, 96, 60, channel=9)],
            [program(0, 1), *midi_note(0, 96, 60, channel=1), *midi_note(0, 96, 48, channel=5)],
        ]
    )
    assert facts(path) == [(1, 3, 24), (2, 9, None), (3, 1, 0), (3, 5, None)]


def test_a_program_change_in_mid_track_starts_another_part(write_midi, midi_note):
    path = write_midi(
        [[*midi_note(0, 96, 60), (96, mido.Message('program_change', program=40)), *midi_note(96, 192, 60)]]
    )
    assert facts(path) == [(0, 0, None), (0, 0, 40)]


def test_an_explicit_program_0_is_told_from_none(write_midi, midi_note):
    assert facts(write_midi([[program(0), *midi_note(0, 96, 60)]])) == [(0, 0, 0)]
    assert facts(write_midi([[*midi_note(0, 96, 60)]])) == [(0, 0, None)]
    later = [*midi_note(0, 96, 60), (96, mido.Message('program_change', program=0)), *midi_note(96, 192, 60)]
    assert facts(write_midi([later])) == [(0, 0, 0)]  # one piano from end to end


def test_a_channel_is_one_for_all_tracks(write_midi, midi_note):
    """A set-up track that sets the programs of the others, as many sequencers write it."""
    setup = [program(56, 2), program(33, 4)]
    path = write_midi([setup, [*midi_note(0, 96, 60, channel=2)], [*midi_note(0, 96, 40, channel=4)]])
    assert facts(path) == [(1, 2, 56), (2, 4, 33)]


def test_several_programs_elsewhere_are_no_answer(write_midi, midi_note):
    path = write_midi([[program(56), (0, mido.Message('program_change', program=57))], [*midi_note(0, 96, 60)]])
    assert facts(path) == [(1, 0, None)]


def test_running_status_and_system_messages():
    """Notes under running status, between them a system exclusive message, text, pressure and a pitch bend."""
    track = (
        bytes([0, 0xC4, 65, 0, 66])  # two programs under running status: the second one holds
        + bytes([0, 0xF0, 3, 0x7E, 0x09, 0xF7])
        + bytes([0, 0x94, 60, 64, 96, 60, 0, 0, 62, 64])
        + bytes([0, 0xD4, 5, 0, 6, 0, 0xE4, 0, 64])
        + bytes([0x81, 0x00, 0x84, 62, 0])
        + bytes([0, 0xFF, 0x01, 4])
        + bytes([0x90, 0x91, 0x92, 0x93])  # text that looks like notes
        + END
    )
    (chunk,) = read_chunks(midi(track))
    assert (chunk.programs, chunk.playing) == ({4: {65, 66}}, [(4, 66)])


@pytest.mark.parametrize('cut', range(1, 14))
def test_a_track_that_breaks_off_is_read_as_far_as_it_goes(cut):
    track = bytes([0, 0xC0, 24, 0, 0x90, 60, 64, 96, 60, 0]) + END
    (chunk,) = read_chunks(midi(track)[:-cut])
    assert chunk.playing == ([(0, 24)] if cut <= 7 else [])  # the note-on is the first seven bytes


def test_what_fits_in_two_ways_is_not_guessed():
    """Two channels of one program, of which only one is heard: its channel cannot be told."""
    notes = bytes([0, 0xC1, 24, 0, 0x91, 60, 64, 96, 60, 0, 0, 0xC2, 24, 0, 0x92, 60, 64]) + END
    chunks = read_chunks(midi(notes))
    assert chunks[0].playing == [(1, 24), (2, 24)]
    assert match_streams(chunks, [(24, False)]) == [None]
    assert match_streams(chunks, [(24, False), (24, False)]) == [(0, 1, 24), (0, 2, 24)]
    assert match_streams(chunks, [(40, False)]) == [None]


def test_a_program_of_another_track_holds_beside_what_is_not_certain(write_midi, midi_note):
    """An unclosed note of track 3 fits two ways; track 1's program is certain all the same."""
    unclosed = (0, mido.Message('note_on', note=60, velocity=64, channel=5))
    path = write_midi(
        [
            [program(0, 1)],
            [*midi_note(0, 96, 40, channel=1)],
            [program(24, 3), *midi_note(0, 96, 50, channel=3)],
            [unclosed, *midi_note(0, 96, 60, channel=6)],
        ]
    )
    assert facts(path)[:2] == [(1, 1, 0), (2, 3, 24)]


def by_mido(path):
    """(track, channel, program or None) of each stream of notes; a note belongs to the program at its end."""
    found = []
    for number, track in enumerate(mido.MidiFile(path, clip=True).tracks):
        programs, sounding, streams = {}, set(), {}
        for message in track:
            if message.type == 'program_change':
                programs[message.channel] = message.program
            elif message.type == 'note_on' and message.velocity:
                sounding.add((message.channel, message.note))
            elif message.type in ('note_on', 'note_off') and (message.channel, message.note) in sounding:
                here = programs.get(message.channel)
                streams[message.channel, here or 0] = here
        found += [(number, channel, program) for (channel, _), program in sorted(streams.items())]
    return found


def test_music21s_midi_files_are_read_as_by_mido(tmp_path):
    from music21 import corpus

    for name in ('bwv66.6', 'corelli/opus3no1/1grave', 'bwv846'):
        path = corpus.parse(name).write('midi', tmp_path / f'{name.replace("/", "-")}.mid')
        assert facts(path) == by_mido(path)


def test_lyrics_among_notes_are_read_as_by_mido(write_midi, midi_note):
    """Texts of up to 300 bytes that look like notes and programs, under notes of one channel, of two, and of none."""
    rng = np.random.default_rng(0)
    tracks = []
    for channels_of_track in ((0,), (3, 5), ()):
        events = [program(24 + channel, channel) for channel in channels_of_track]
        for place, size in enumerate([0, 1, 2, 126, 127, 128, 300, *rng.integers(0, 40, 30).tolist()]):
            text = ''.join(rng.choice(['\x90<@', '\xc1\x05', '\xff/\0', 'la ']) for _ in range(size))[:size]
            kind = ('text', 'lyrics', 'marker', 'cue_marker')[place % 4]
            events.append((96 * place, mido.MetaMessage(kind, text=text)))
            for channel in channels_of_track[: 1 + place % 2]:
                events += midi_note(96 * place, 96 * place + 90, 60 + channel, channel=channel)
            if place == 20:
                events += [(96 * place + 90, program(40 + each, each)[1]) for each in channels_of_track]
        tracks.append(events)
    path = write_midi(tracks)
    assert facts(path) == by_mido(path)
    assert [(channel, program) for _, channel, program in by_mido(path)] == [
        (0, 24), (0, 40), (3, 27), (3, 43), (5, 29), (5, 45),
    ]  # fmt: skip
    assert all(chunk.whole for chunk in read_chunks(path.read_bytes()))


def test_a_file_that_takes_too_many_steps_tells_nothing_of_its_tracks(write_midi, midi_note, monkeypatch):
    notes = [event for i in range(4) for event in midi_note(96 * i, 96 * i + 96, 60)]
    drums = [event for i in range(4) for event in midi_note(96 * i, 96 * i + 96, 36, channel=9)]
    path = write_midi([[program(24, 0), *notes], [program(0, 0), *notes], drums])
    assert facts(path) == [(0, 0, 24), (1, 0, 0), (2, 9, None)]
    # Each track has its end and its runs of notes, the first two a program.
    monkeypatch.setattr(channels, 'MAX_STEPS', 6)
    assert read_chunks(path.read_bytes()) == []
    assert facts(path) == [(None, None, 24), (None, None, None), (None, None, None)]


def test_a_run_of_programs_counts_by_its_bytes(monkeypatch):
    content = midi(bytes([0, 0xC0]) + bytes([1, 0]) * 1000 + bytes([2]) + END)
    (chunk,) = read_chunks(content)
    assert chunk.programs == {0: {1, 2}}
    monkeypatch.setattr(channels, 'MAX_STEPS', 1000)
    assert read_chunks(content) == []


def test_no_more_tracks_are_walked_than_a_header_can_announce():
    assert len(read_chunks(midi(*[b''] * 70_000))) == 65_535
