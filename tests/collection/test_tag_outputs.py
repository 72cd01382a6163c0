"""Where ``tag`` writes: a MIDI file, or a folder, and nothing else."""

from pathlib import Path

import pytest

from music21_kdic import OutputError, tag
from tests.collection.conftest import song

MIDI_FILE = b'MThd'  # with which each begins, as the standard says


@pytest.fixture
def one(write_midi, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_midi(song(0), name='one.mid')


@pytest.mark.parametrize('output', ['x.csv', 'tagged.mid.txt', 'new/tagged.txt'])
@pytest.mark.parametrize('dry_run', [False, True])
def test_the_copy_of_one_file_has_the_name_of_a_midi_file(output, dry_run, one, tmp_path):
    with pytest.raises(OutputError, match=rf'^{output}: wanted a \.mid file, or a folder: tagged/$'):
        tag(one, output, dry_run=dry_run)
    assert list(tmp_path.iterdir()) == [one]


@pytest.mark.parametrize(
    'output',
    ['tagged.mid', 'tagged.MID', 'tagged.midi', 'tagged.kar', 'tagged/', 'there', 'tagged', Path('new/tagged')],
)
def test_a_midi_file_and_a_folder_are_written(output, one, tmp_path):
    (tmp_path / 'there').mkdir()
    assert tag(one, output).failed == 0
    copy = tmp_path / output
    assert (copy / 'one.mid' if copy.is_dir() else copy).read_bytes().startswith(MIDI_FILE)


def test_standard_output_takes_no_copies(one, tmp_path, run):
    (tmp_path / 'songs').mkdir()
    for paths in ([one], [one, 'songs'], ['songs']):
        status, out, err = run('tag', *paths, '-o', '-')
        assert (status, out) == (2, '')
        assert '-: no copy is written to standard output; wanted a .mid file, or a folder: tagged/' in err
    assert sorted(tmp_path.iterdir()) == [one, tmp_path / 'songs']
