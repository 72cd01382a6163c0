"""What parts are called: files written event by event with mido, as the standard for MIDI files (1.1) says."""

import mido
import pytest

from music21_kdic import tag
from music21_kdic.reading import midi_repair
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.midi_names import stripped


def notes(channel):
    on = mido.Message('note_on', note=40 + channel, channel=channel)
    return [on, on.copy(velocity=0, time=480)]


def names(tmp_path, *messages, charset='latin-1'):
    """The name of each part of a file with one track."""
    track = mido.MidiTrack([*messages, *notes(0), *notes(1)])
    mido.MidiFile(type=0, tracks=[track], charset=charset).save(tmp_path / 'a.mid')
    return [part.name for part in read_midi(tmp_path / 'a.mid')]


def track_name(name, time=0):
    return mido.MetaMessage('track_name', name=name, time=time)


def instrument_name(name):
    return mido.MetaMessage('instrument_name', name=name)


def prefix(channel):
    return mido.MetaMessage('channel_prefix', channel=channel)


@pytest.mark.parametrize('charset', ['latin-1', 'utf-8'])
@pytest.mark.parametrize('name', ['Hörner', 'Saxofón', 'Kontrabaß', 'Querflöte', 'Bass'])
def test_a_name_in_any_encoding(tmp_path, name, charset):
    assert names(tmp_path, track_name(name), charset=charset) == [name, name]


def test_a_name_in_windows_quotes(tmp_path):
    assert names(tmp_path, track_name('“Bass”'), charset='cp1252') == ['“Bass”'] * 2


def test_a_name_for_a_channel(tmp_path):
    """FF 20: what follows is for that channel, until the next one."""
    assert names(tmp_path, prefix(0), track_name('Bass'), prefix(1), track_name('Flute')) == ['Bass', 'Flute']
    assert names(tmp_path, track_name('Song'), prefix(1), track_name('Flute')) == ['Song', 'Flute']


def test_the_last_name_at_the_beginning_holds_and_not_one_that_comes_later(tmp_path):
    assert names(tmp_path, track_name('A'), track_name('B'), *notes(0), track_name('C')) == ['B', 'B']
    assert names(tmp_path, *notes(0), track_name('C', time=480)) == ['C', 'C']
    assert names(tmp_path, track_name('Track 1'), *notes(0), track_name('C')) == ['C', 'C']


def test_the_name_of_an_instrument_where_the_track_has_none(tmp_path):
    """FF 04 is a description of the type of instrumentation to be used in the track."""
    assert names(tmp_path, instrument_name('Violin')) == ['Violin', 'Violin']
    assert names(tmp_path, track_name('Track 1'), instrument_name('Violin')) == ['Violin', 'Violin']
    assert names(tmp_path, track_name('Solo'), instrument_name('Violin')) == ['Solo', 'Solo']
    assert names(tmp_path, track_name('Track 1'), instrument_name('Inst 1')) == ['Track 1', 'Track 1']


@pytest.mark.parametrize('message', [instrument_name('Violin'), track_name('Hörner')])
def test_what_is_called_something_else_is_not_tagged(tmp_path, message):
    line = [
        each
        for k in range(64)
        for each in (mido.Message('note_on', note=36 + k % 7), mido.Message('note_off', note=36 + k % 7, time=480))
    ]
    for named in ([], [message]):
        mido.MidiFile(type=0, tracks=[mido.MidiTrack([*named, *line])]).save(tmp_path / 'bass.mid')
        (row,) = tag(tmp_path / 'bass.mid', tmp_path / 'out.mid', dry_run=True, threshold=0.0)
        assert row.label == 'Bass'
        assert (row.new_name, row.new_program) == ((None, None) if named else ('Bass', 33))


@pytest.mark.parametrize('charset', ['latin-1', 'utf-8'])
@pytest.mark.parametrize('name', ['Flöte', 'Contrebasse à', 'Violín', 'Órgano', 'Saxofón', 'Bass'])
def test_a_name_in_any_encoding_behind_another_event(tmp_path, name, charset):
    volume = mido.Message('control_change', control=7, value=100)
    assert names(tmp_path, volume, track_name(name), charset=charset) == [name, name]
    assert names(tmp_path, track_name('Ä'), volume, track_name('Ö'), charset=charset) == ['Ä', 'Ä']
    assert names(tmp_path, volume, track_name('Ä'), track_name(name), charset=charset) == [name, name]


def test_a_late_name_among_more_events_than_are_looked_at_is_read_as_it_can_be(tmp_path, monkeypatch):
    monkeypatch.setattr(midi_repair, 'MAX_EVENTS', 2)
    assert names(tmp_path, *notes(0), track_name('Flöte')) == ['Fl\ufffdte', 'Fl\ufffdte']


@pytest.mark.parametrize('name', ['Bass\0', '\0Bass', ' Bass \0\0', 'Bass\xa0', '\tBass\r\n', '\0 \0Bass'], ids=ascii)
def test_blanks_and_nuls_around_a_name_are_not_of_it(tmp_path, name):
    volume = mido.Message('control_change', control=7, value=100)
    for events in ([track_name(name)], [volume, track_name(name)], [instrument_name(name)]):
        assert names(tmp_path, *events) == ['Bass', 'Bass']
    assert names(tmp_path, track_name(name.replace('Bass', '')), instrument_name('Violin')) == ['Violin', 'Violin']


def test_nul_and_blanks_of_unicode():
    """What Unicode calls white space goes, as before; NUL within a name stays."""
    assert [stripped(name) for name in ('\u3000Bass\u2003\0', 'a\0 b\0', ' \0 ', '', '\x85Bass\x1f')] == [
        'Bass', 'a\0 b', '', '', 'Bass',
    ]  # fmt: skip
