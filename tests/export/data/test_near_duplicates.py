import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from export.data.near_duplicates import doubled_parts, files_near
from export.data.note_store import NoteStore, StoredFile, StoredPart, write_files

BARS = np.arange(0.0, 41.0, 4.0)


def part(number, label, pitches, program=0):
    onsets = np.arange(len(pitches), dtype=float)
    return StoredPart(onsets, onsets + 1, np.array(pitches, np.uint8), number, program, label, 0, False)


def stored(path, *files):
    """A store of files, each a list of parts."""
    write_files([StoredFile(f'{n}.mid', f'g{n}', 'train', BARS, list(parts)) for n, parts in enumerate(files)], path)
    return NoteStore(path)


def tune(seed, count=40):
    return np.random.default_rng(seed).integers(50, 70, count)


def test_notes_that_are_stored_come_back(tmp_path):
    store = stored(tmp_path / 'a.npz', [part(0, 3, tune(1)), part(1, 0, tune(2))], [], [part(0, 1, tune(3))])
    assert [store.notes(row).pitches.tolist() for row in range(3)] == [tune(seed).tolist() for seed in (1, 2, 3)]
    assert store.notes(2).bars.tolist() == BARS.tolist()
    assert [(file, rows.tolist()) for file, rows in store.files()] == [(0, [0, 1]), (2, [2])]


def test_a_part_is_doubled_by_another_family_in_any_octave_and_not_by_its_own(tmp_path):
    store = stored(
        tmp_path / 'a.npz',
        [part(0, 3, tune(1)), part(1, 6, tune(1) + 12), part(2, 3, tune(1)), part(3, 0, tune(2))],
        [part(0, 3, tune(5)), part(1, 3, tune(5)), part(2, 1, tune(6))],
    )
    assert doubled_parts(store).tolist() == [True, True, True, False, False, False, False]


def test_a_file_that_holds_a_piece_of_the_corpus_is_found_and_a_transposed_one_is_not(tmp_path):
    corpus = stored(tmp_path / 'corpus.npz', [part(0, 3, tune(1))])
    files = [part(0, 3, tune(1))], [part(0, 3, tune(1) + 1)], [part(0, 3, tune(2))]
    assert files_near(stored(tmp_path / 'a.npz', *files), corpus).tolist() == [True, False, False]
