"""Splicing events into tracks byte by byte, and knowing a copy that was made so."""

import mido

from music21_kdic.collection.splicing import Edit, might_be_copy, splice
from music21_kdic.reading.midi_events import read_chunks
from tests.collection.conftest import song, untagged


def test_splicing_keeps_every_byte(plain):
    """Running status, and bytes after the last track, which a MIDI library would not write back."""
    content = plain.read_bytes() + b'and more'
    chunks = read_chunks(content)
    events = {1: b'\0\xc0\x21', 3: b'\0\xc2\x49'}
    edits = [Edit(chunks[track].head, chunks[track].head, event) for track, event in events.items()]
    spliced = splice(content, chunks, edits)
    assert len(spliced) == len(content) + 6
    for chunk in reversed(read_chunks(spliced)):
        for event in (b'\0\xc0\x21', b'\0\xc2\x49'):
            if spliced[chunk.head : chunk.head + 3] == event:
                length = (int.from_bytes(spliced[chunk.start - 4 : chunk.start], 'big') - 3).to_bytes(4, 'big')
                kept = spliced[chunk.start : chunk.head] + spliced[chunk.head + 3 :]
                spliced = spliced[: chunk.start - 4] + length + kept
    assert spliced == content


def test_another_tune_of_the_same_rhythm_is_no_copy(plain, tmp_path):
    """Nor is one of which a single pitch is another; one whose program alone is another is."""
    file = mido.MidiFile(plain)
    notes = [event for track in file.tracks for event in track if event.type.startswith('note')]
    original = plain.read_bytes()
    assert might_be_copy(original, original)
    for event in notes[:2]:
        event.note += 1
    file.save(tmp_path / 'other.mid')
    assert not might_be_copy((tmp_path / 'other.mid').read_bytes(), original)


def test_a_file_whose_program_was_changed_is_a_copy(write_midi):
    setup, bass, *_ = untagged(song(0), programs=False)
    bass = [event for event in bass if event[1].type != 'program_change']
    first, second = (
        write_midi([setup, [*bass, (0, mido.Message('program_change', channel=0, program=program)), *bass]], name=name)
        for program, name in ((0, 'first.mid'), (33, 'second.mid'))
    )
    assert might_be_copy(second.read_bytes(), first.read_bytes())
