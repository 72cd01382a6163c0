"""Files as people have them (``tests/cases``): each stands for a kind; its README says what is right, and by what."""

from pathlib import Path

import mido
import pytest

from music21_kdic.reading.files import read_parts
from music21_kdic.reading.instruments import joined

CASES = Path(__file__).parents[1] / 'cases'


def parts(name):
    return read_parts(str(CASES / name))


def by_mido(name):
    """The notes that mido counts in each track that has some."""
    tracks = mido.MidiFile(CASES / name, clip=True).tracks
    counts = [sum(message.type == 'note_on' and message.velocity > 0 for message in track) for track in tracks]
    return [count for count in counts if count]


@pytest.mark.parametrize(
    ('name', 'counts', 'remark'),
    [
        ('controller-255.mid', [252, 64], '1 data byte above 127 read as 127'),
        ('header-of-10-bytes.mid', [252], 'a header of 10 bytes, of which 6 are read'),
        ('more-tracks-than-announced.mid', [252, 64], '3 tracks, where its header announces 2'),
        ('running-status-after-sysex.mid', [252, 64], 'running status goes on after 1 system message'),
    ],
)
def test_midi_that_is_not_as_the_standard_has_it(name, counts, remark):
    """A guitar, and a bass beside it: as mido counts their notes where the header or the missing status is mended."""
    read = parts(name)
    assert [len(part.notes) for part in read] == counts
    assert {part.remark for part in read} == {remark}


@pytest.mark.parametrize('name', ['controller-255.mid', 'guitar-mpe.mid', 'two-ports.mid', 'names.mid'])
def test_as_many_notes_as_mido_reads(name):
    assert [len(part.notes) for part in parts(name)] == by_mido(name)


def test_a_guitar_in_mpe_is_one_part():
    (guitar,) = parts('guitar-mpe.mid')
    assert (len(guitar.notes), guitar.notes.unpitched, guitar.is_drum, guitar.channel) == (252, 0, False, None)


def test_each_port_has_channels_of_its_own():
    assert [(part.channel, part.program) for part in parts('two-ports.mid')] == [(0, 68), (0, None)]


@pytest.mark.parametrize('name', ['container-names-the-last.mxl', 'root-without-ending.mxl'])
def test_the_container_names_the_score(name):
    assert [(part.name, len(part.notes)) for part in parts(name)] == [('Flute', 32), ('Bass', 64)]


def test_the_voices_of_abc():
    flute, bass = parts('two-voices-letters.abc')
    assert [(part.name, len(part.notes)) for part in (flute, bass)] == [('Flute', 64), ('Bass', 128)]
    for one, other in zip((flute, bass), parts('two-voices-alternating.abc'), strict=True):
        assert one.notes.onsets.tolist() == other.notes.onsets.tolist()
        assert one.notes.pitches.tolist() == other.notes.pitches.tolist()


@pytest.mark.parametrize(
    ('name', 'onsets'),
    [('endings.mei', [*range(16)]), ('tremolo.mei', [0, 2, 3]), ('apparatus.mei', [0, 1, 2, 3])],
)
def test_mei(name, onsets):
    pytest.importorskip('verovio')
    (part,) = parts(name)
    assert part.notes.onsets.tolist() == onsets


def test_a_cue_is_not_played():
    (bass,) = parts('cue.musicxml')
    assert len(bass.notes) == 64
    assert bass.notes.onsets.min() == 32  # after eight bars of the cue
    assert bass.notes.pitches.max() < 60


@pytest.mark.parametrize(('name', 'notes'), [('piano-two-staves.musicxml', 96), ('guitar-with-tablature.musicxml', 64)])
def test_staves_of_one_instrument(name, notes):
    read = parts(name)
    assert [part.instrument for part in read] == [0, 0]
    assert len(joined([part.notes for part in read])) == notes


def test_pitches_of_a_bass_drum_are_drums():
    (kick,) = parts('pitched-kick.musicxml')
    assert (kick.is_drum, len(kick.notes), kick.notes.unpitched) == (True, 0, 32)
