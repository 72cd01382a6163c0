import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from export.data.sources import ManifestFile, manifest_files
from export.evaluation import whole_parts as whole
from export.evaluation.whole_parts import begin, whole_parts
from music21_kdic.model.session import Model
from music21_kdic.reading.notes import NoteSequence


def notes_of(part):
    return list(zip(part.onsets.tolist(), part.ends.tolist(), part.pitches.tolist(), strict=True))


def test_whole_parts_are_held_against_the_frequencies_of_their_collection(collection, sure_of_guitar):
    """Each class is an eighth of all; the first is given 1/2, and an eighth of the answers are right."""
    folder, manifest = collection
    files = manifest_files(folder, manifest, ('pop',))
    found = whole_parts(files, Model(sure_of_guitar(0.4)))
    assert found['parts'] == 16
    assert found['calibration']['ece'] == pytest.approx(1 / 2 - 1 / 8)
    assert found['answered'] == {'share': 1.0, 'right': 0.125}
    assert whole_parts(files, Model(sure_of_guitar(0.6)))['answered']['share'] == 0.0
    assert found['short']['parts'] == 0  # all have eight bars


def test_a_part_and_its_beginning_are_both_classified(tmp_path, song, sure_of_guitar, monkeypatch):
    monkeypatch.setattr(whole, 'SHORT', 4)
    song(tmp_path / 'song.mid', [24, 0], seed=1)
    files = [ManifestFile(str(tmp_path / 'song.mid'), 'song', 'pop', 'g', 'test', '')]
    same = {'unclear': 0.0, 'right': 0.5}
    assert whole_parts(files, Model(sure_of_guitar(0.4)))['short'] == {'parts': 2, 'whole': same, 'begun': same}


def test_the_first_bars_of_a_part_begin_with_its_first_note():
    """Bars 0-4, 4-7, 7-10, 10-13; the first note is in the second, one is held beyond the third."""
    part = begin(NoteSequence([5, 6, 9, 11], [6, 7, 12, 12], [60, 62, 64, 65], [0, 4, 7, 10, 13]), 2)
    assert part.bars.tolist() == [4, 7, 10]
    assert notes_of(part) == [(5, 6, 60), (6, 7, 62), (9, 10, 64)]


def test_without_a_test_split_there_is_nothing_to_hold(collection, sure_of_guitar):
    folder, manifest = collection
    assert whole_parts(manifest_files(folder, manifest, ('lakh',)), Model(sure_of_guitar(0.4))) == {}
