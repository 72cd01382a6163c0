"""What ``tag`` adds beside key switches: nothing by which they would sound."""

import mido
import pytest

from music21_kdic import tag
from music21_kdic.collection.label import LabelRow
from music21_kdic.collection.tagging import choose_tags
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.midi_events import read_chunks
from music21_kdic.statuses import Status
from tests.collection.conftest import bass_only

SWITCHED = 'no program is added: with one the key switches of its channel would sound'


def bass_and_switches(midi_note):
    """A bass line without a name or a program, with key switches that begin with it."""
    (bass,) = bass_only()
    return [*bass, *(event for i in range(6) for event in midi_note(240 * i, 240 * i + 12, 12 + i % 3))]


def heard(path):
    return [
        (part.notes.onsets.tolist(), part.notes.ends.tolist(), part.notes.pitches.tolist()) for part in read_midi(path)
    ]


def test_a_part_with_key_switches_gets_a_name_and_no_program(write_midi, midi_note, tmp_path):
    path = write_midi([bass_and_switches(midi_note)])
    assert [part.key_switches for part in read_midi(path)] == [6]
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row.new_name, row.new_program, row.remark) == ('Bass', None, SWITCHED)
    assert heard(tmp_path / 't.mid') == heard(path)


def test_nor_does_another_part_on_its_channel(write_midi, midi_note, tmp_path):
    path = write_midi([bass_and_switches(midi_note), *bass_only()])
    rows = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert [(row.label, row.new_program, row.remark) for row in rows] == [('Bass', None, SWITCHED)] * 2
    assert heard(tmp_path / 't.mid') == heard(path)


@pytest.mark.parametrize(('label', 'named'), [('Reed', 'Reed'), ('Piano', None), ('Organ', None)])
def test_a_part_with_key_switches_is_not_called_a_keyboard_which_has_none(label, named, write_midi, midi_note):
    content = write_midi([bass_and_switches(midi_note)]).read_bytes()
    row = LabelRow(path='a.mid', track=0, channel=0, name='', label=label, status=Status.OK)
    (given,), edits = choose_tags(content, [row], read_chunks(content), {(0, 0)})
    assert (given.name, given.program, given.remark, bool(edits)) == (named, None, SWITCHED, named is not None)


def test_what_has_a_program_needs_no_remark(write_midi, midi_note, tmp_path):
    track = [(0, mido.Message('program_change', channel=0, program=33)), *bass_and_switches(midi_note)]
    (row,) = tag(write_midi([track]), tmp_path / 't.mid', threshold=0.0)
    assert (row.new_program, row.remark) == (None, '')
