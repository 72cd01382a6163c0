import pytest

pytest.importorskip('mido')
pytest.importorskip('yaml', reason='export needs the extra `train`')

from export.data.sources import STAND_IN, ManifestFile, SourceError, manifest_files, slakh_tracks
from music21_kdic.classes import CLASSES


@pytest.fixture
def read(tmp_path, song):
    """Write a song and read it as a row of the manifest: its labels, and what was left out."""

    def run(programs, names=(), fallback=''):
        path = tmp_path / 'song.mid'
        song(path, programs, seed=1, names=names)
        labelled = ManifestFile(str(path), 'song.mid', 'pop', 'g', 'train', fallback).read()
        return [CLASSES[part.label] for part in labelled.parts], dict(labelled.left_out), labelled.parts

    return run


def test_the_class_is_the_programs(read):
    assert read([24, 0, 33, 48, 19, 56, 73, 65])[0] == [
        'Guitar', 'Piano', 'Bass', 'Strings', 'Organ', 'Brass', 'Pipe', 'Reed',
    ]  # fmt: skip


def test_timpani_voices_and_orchestra_hit_are_no_class(read):
    assert read([46, 47, 48, 51, 52, 55, 10, 80])[:2] == (['Strings'] * 3, {'program of no class': 5})


def test_stand_ins_for_the_singer_are_left_out(read):
    labels, left_out, _ = read([73, 73, 73], names=['MELODY', 'Lead vocals', 'Flute'])
    assert (labels, left_out) == (['Pipe'], {'stands in for the singer': 2})


@pytest.mark.parametrize(
    'name', ['Melody', 'melodia', 'Vocal 1', 'Voice', 'VOX', 'Singer', 'Lyrics', 'karaoke', 'Canto']
)
def test_names_of_the_singer(name):
    assert STAND_IN.search(name)


@pytest.mark.parametrize('name', ['', 'Guitar', 'Oboe', 'Lead Guitar', 'Bassoon', 'Violoncello', 'Cantabile Strings'])
def test_names_of_instruments(name):
    assert not STAND_IN.search(name)


def test_a_program_that_nobody_set_is_no_label(read):
    assert read([None, 24])[:2] == (['Guitar'], {'no program set': 1})


def test_the_manifest_may_name_the_instrument(read):
    labels, _, parts = read([None, 56], fallback='Strings')
    assert labels == ['Strings', 'Brass']
    assert parts[0].program in range(40, 52)  # rendered as one of its class, not as the piano that 0 would be


def test_an_explicit_piano_among_other_programs_is_a_piano(read):
    assert read([0, 24])[0] == ['Piano', 'Guitar']


def test_a_file_of_zeros_is_left_out_unless_the_manifest_says_piano(read):
    assert read([0, 0])[:2] == ([], {'every program of the file is 0': 2})
    assert read([0, 0], fallback='Guitar')[:2] == ([], {'every program of the file is 0': 2})
    assert read([0, 0], fallback='Piano')[0] == ['Piano', 'Piano']


def test_an_unreadable_file_is_counted(tmp_path):
    (tmp_path / 'bad.mid').write_bytes(b'MThd')
    labelled = ManifestFile(str(tmp_path / 'bad.mid'), 'bad.mid', 'pop', 'g', 'train', '').read()
    assert (labelled.parts, dict(labelled.left_out)) == ([], {'unreadable: UnreadableError': 1})


def test_a_manifest(collection):
    folder, manifest = collection
    files = manifest_files(folder, manifest, ('pop', 'lakh'))
    assert [f.split for f in files] == ['train'] * 8 + ['val'] * 2 + ['test'] * 2 + ['lakh']
    assert len(manifest_files(folder, manifest, ('pop',))) == 12


def test_a_manifest_must_have_its_columns_and_files(collection, tmp_path):
    folder, manifest = collection
    (tmp_path / 'm.csv').write_text('file,split\na.mid,train\n')
    with pytest.raises(SourceError, match='no column collection, fallback_label, group, source'):
        manifest_files(folder, tmp_path / 'm.csv', ('pop',))
    with pytest.raises(SourceError, match='not there, nor are 11 others'):
        manifest_files(tmp_path, manifest, ('pop',))


def test_a_collection_that_the_manifest_does_not_have_is_named(collection):
    with pytest.raises(SourceError, match=r'manifest\.csv: no collection popp, wanted some of lakh, pop'):
        manifest_files(*collection, ('lakh', 'popp'))


def test_slakh_redux(slakh):
    tracks = slakh_tracks(slakh)
    assert [(t.name, t.split, t.group) for t in tracks] == [
        ('train/Track00001', 'train', 'aa'), ('test/Track01876', 'test', 'bb'),
    ]  # fmt: skip
    labelled = tracks[0].read()
    assert [CLASSES[part.label] for part in labelled.parts] == ['Guitar', 'Strings', 'Strings']
    assert labelled.left_out == {'drums': 1, 'program of no class': 1, 'stem not rendered': 1}
    assert labelled.parts[0].audio.endswith('stems/S00.flac')
    assert len(labelled.parts[0].notes) == 32


def test_a_slakh_that_leaks_is_refused(slakh):
    (slakh / 'omitted' / 'Track9').rename(slakh / 'test' / 'Track9')
    with pytest.raises(SourceError, match='wanted the redux split'):
        slakh_tracks(slakh)


def test_a_folder_that_is_no_slakh(tmp_path):
    with pytest.raises(SourceError, match='wanted the folders train, validation and test'):
        slakh_tracks(tmp_path)
