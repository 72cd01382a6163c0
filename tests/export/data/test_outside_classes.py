"""Parts of other instruments, told by music21's own table of programs."""

import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')

from music21 import instrument

from export.data.outside_classes import GROUPS, group_of
from export.data.sources import ManifestFile
from export.data.window_table import NO_CLASS
from music21_kdic.classes import CLASS_PROGRAMS


@pytest.mark.parametrize(
    ('kind', 'group'),
    [
        (instrument.Celesta, 'mallets'),
        (instrument.Xylophone, 'mallets'),
        (instrument.Dulcimer, 'mallets'),
        (instrument.Choir, 'voices'),
        (instrument.Vocalist, 'voices'),
        (instrument.Sitar, 'ethnic'),
        (instrument.Shehnai, 'ethnic'),
        (instrument.SteelDrum, 'percussive'),
        (instrument.Taiko, 'percussive'),
        (instrument.Timpani, None),
        (instrument.Violin, None),
    ],
)
def test_the_groups_are_general_midis(kind, group):
    assert group_of(kind().midiProgram) == group


def test_no_program_of_the_eight_classes_is_in_a_group():
    grouped = {program for programs in GROUPS.values() for program in programs}
    assert not grouped & {program for programs in CLASS_PROGRAMS.values() for program in programs}


def test_they_are_read_with_the_hygiene_of_labels(tmp_path, song):
    path = tmp_path / 'song.mid'
    song(path, [12, 24, 53, None, 81], seed=1, names=['', '', 'Vocal'])
    labelled = ManifestFile(str(path), 'song.mid', 'pop', 'g', 'test', '').read()
    # Neither the singer's nor one that nobody set.
    assert [part.program for part in labelled.outside_classes] == [
        12,
        81,
    ]
    assert {part.label for part in labelled.outside_classes} == {NO_CLASS}
    assert [part.program for part in labelled.parts] == [24]
    assert labelled.left_out['program of no class'] == 2
