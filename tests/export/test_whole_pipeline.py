"""From a collection of a few bars to a model that runs: every verb of the training pipeline, once."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
pytest.importorskip('lightgbm', reason='export needs lightgbm (extra `train`)')
pytest.importorskip('catboost', reason='export needs catboost (extra `train`)')

from export.cli import main  # noqa: E402
from export.data import made_up  # noqa: E402
from export.data.climb_ends import ClimbEnd, write_climb_ends  # noqa: E402
from export.data.corpus import write_corpus  # noqa: E402
from export.data.note_store import store_path  # noqa: E402
from export.data.spectrograms import Spectrograms  # noqa: E402
from export.data.views import read_begun, read_view  # noqa: E402
from export.evaluation import label_noise, measures  # noqa: E402
from export.evaluation.climb import random_start  # noqa: E402
from export.recipe import load_recipe  # noqa: E402
from export.release import reproduce  # noqa: E402
from export.studies import ablation  # noqa: E402
from music21_kdic.classes import CLASSES  # noqa: E402
from music21_kdic.features.context_numbers import place_numbers  # noqa: E402
from music21_kdic.features.part_numbers import part_numbers  # noqa: E402
from music21_kdic.features.windows import cut_windows  # noqa: E402
from music21_kdic.model.session import Model  # noqa: E402
from music21_kdic.reading.midi import read_midi  # noqa: E402
from tests.export.conftest import PROGRAMS, _song  # noqa: E402
from tests.export.data.test_render import needs_fluidsynth  # noqa: E402

pytestmark = needs_fluidsynth
COLLECTIONS = ('pop', 'lakh', 'jazz')
RECIPE = """
taught_by = "tiny-teacher"
left_out = ["jazz"]
[parts]
epochs = 150
batch_size = 32
assistants = 0.25
audio = 0.25
folds = 2
rounds = 3
noise = 0.25
shape = {hidden = 32, trees = 20, depth = 2}
[folded]
epochs = 30
batch_size = 32
assistants = 0.5
shape = {hidden = 32}
[without]
epochs = 30
batch_size = 32
shape = {hidden = 32, trees = 10, depth = 2}
"""
TEACHER = """
windows_per_part = 1
frames = 40
soundfonts = ["TimGM6mb.sf2"]
[teacher]
network = "compact"
epochs = 2
batch_size = 16
"""


@pytest.fixture(scope='module')
def music(tmp_path_factory):
    """(folder, manifest): songs of all eight classes, each in a register of its own: pop, lakh, jazz."""
    folder = tmp_path_factory.mktemp('music')
    rows = []
    sources = ['pop'] * 12 + ['lakh'] + ['jazz'] * 3
    splits = ['train'] * 8 + ['val'] * 2 + ['test'] * 2 + ['test'] + ['train', 'val', 'test']
    for number, (source, split) in enumerate(zip(sources, splits, strict=True)):
        name = f'{source}/{number:02}.mid'
        (folder / source).mkdir(exist_ok=True)
        _song(folder / name, PROGRAMS.values(), seed=number)
        rows.append([name, source, source, 'none', f'g{number}', split, ''])
    with (folder / 'manifest.csv').open('w', newline='') as stream:
        writer = csv.writer(stream)
        writer.writerow(['file', 'collection', 'source', 'licence', 'group', 'split', 'fallback_label'])
        writer.writerows(rows)
    return folder


@pytest.fixture(scope='module')
def reproduced(music, tmp_path_factory):
    """The working folder of a model that was made from the music, and what makes it again."""
    from music21 import corpus

    work = tmp_path_factory.mktemp('work')
    (work / 'tiny.toml').write_text(RECIPE)
    (work / 'tiny-teacher.toml').write_text(TEACHER)
    few = {split: {'random': 40} for split in ('train', 'val', 'test')}
    ends = [ClimbEnd(random_start(np.random.default_rng(seed)), 0, 'random', '') for seed in range(3)]
    write_climb_ends(work / 'climbs.npz', ends)
    write_climb_ends(work / 'from_noise.npz', ends[:2])

    def make():
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(made_up, 'DRAWN_COUNTS', few)
            patched.setattr(measures, 'REPLICATES', 20)
            patched.setattr(made_up, 'FROM_PARTS', {'pop': 16})
            patched.setattr(made_up, 'CORRUPTED', {'pop': 16})
            patched.setattr(made_up, 'EXCERPTS', {'pop': 16})
            patched.setattr(made_up, 'PLAIN', {'train': 2, 'test': 1})
            patched.setattr(
                reproduce, 'write_corpus', lambda work: write_corpus(work, [Path(corpus.getWork('bach/bwv66.6'))])
            )
            main([
                'reproduce', '--recipe', str(work / 'tiny.toml'), '--data', str(music), '--work', str(work),
                '--jobs', '1', '--collections', *COLLECTIONS, '--seeds', '1', '--out', str(work / 'tiny'),
                '--climbs', str(work / 'climbs.npz'), '--climbs-from-noise', str(work / 'from_noise.npz'),
            ])  # fmt: skip

    make()
    return work, make


def test_every_labelled_part_is_in_the_table(reproduced):
    table = read_view(reproduced[0], COLLECTIONS, 0)
    assert {split: (table.split == split).sum() for split in ('train', 'val', 'test', 'lakh')} == {
        'train': 9 * 8, 'val': 3 * 8, 'test': 3 * 8, 'lakh': 8,
    }  # fmt: skip
    assert np.bincount(table.label).tolist() == [16] * 8
    assert table.known.all()


def test_where_climbs_ended_is_learnt_from_as_noise(reproduced):
    found = made_up.read_made_up(reproduced[0])
    climbed, from_noise = (found.select(what, 'train') for what in ('climbed', 'climbed_from_noise'))
    assert climbed.kind.tolist() == ['random'] * 3
    assert climbed.share.tolist() == [1] * 3
    assert from_noise.numbers.tolist() == climbed.numbers[:2].tolist()


def test_some_bars_of_training_parts_are_learnt_from_as_music_of_their_class(reproduced):
    """Each class has as many training parts, of eight bars: sixteen bars of them are these eight."""
    found = made_up.read_made_up(reproduced[0]).select('excerpts', 'train')
    assert found.collection.tolist() == ['pop'] * len(found)
    assert set(found.kind) <= {'2 bars', '4 bars', '8 bars', '16 bars'}
    view = read_view(reproduced[0], COLLECTIONS, 0)
    taught = {row.tobytes(): label for row, label in zip(view.numbers, view.label, strict=True)}
    whole = found.kind == '16 bars'
    assert found.share.tolist() == [0] * len(found)
    assert [taught[row.tobytes()] for row in found.numbers[whole]] == found.label[whole].tolist()
    assert whole.any()


def test_parts_are_cut_to_their_first_bars(reproduced):
    """Those that are not trained on, where they are longer: 8 bars have a first 2 and 4, and no first 8 of more."""
    assert [len(read_begun(reproduced[0], COLLECTIONS, bars)) for bars in (2, 4, 8, 16)] == [56, 56, 0, 0]


def test_the_audio_teacher_heard_one_window_of_each_part_for_as_long_as_its_recipe_says(reproduced):
    work, _ = reproduced
    assert Spectrograms(work / 'audio', frames=40).rendered.size == 16 * 8
    with np.load(work / 'tiny' / 'audio.npz') as said:
        assert said['alone'].shape == (16 * 8, 8)
        assert said['alone'].sum(axis=1) == pytest.approx(1)


def test_contested_labels_are_counted_and_their_names_asked(reproduced, music, monkeypatch, tmp_path):
    """Of assistants that are certain of all they say; the songs' tracks have no names."""
    monkeypatch.setattr(label_noise, 'CERTAIN', 0.0)
    work, _ = reproduced
    main([
        'label-noise', '--recipe', str(work / 'tiny.toml'), '--work', str(work), '--data', str(music),
        '--collections', 'pop', '--out', str(tmp_path / 'noise.json'),
    ])  # fmt: skip
    found = json.loads((tmp_path / 'noise.json').read_text())['pop']
    table = read_view(work, ('pop',), 0)
    mine = table.select((table.split == 'train') & ~table.doubled)
    with np.load(work / 'tiny/assistants.npz') as said:
        place = {(at, row): i for i, (at, row) in enumerate(zip(said['collection'], said['row'], strict=True))}
        answers = said['together'][[place[key] for key in mine.identities()]].argmax(axis=1)
    assert found['parts'] == len(mine)
    assert found['contested'] == found['asked'] == (answers != mine.label).sum()
    assert found['no class'] == found['asked']
    monkeypatch.setattr(label_noise, 'store_path', lambda work, _: store_path(work, 'jazz'))
    with pytest.raises(ValueError, match='pop: its table of parts is not of its store of notes'):
        label_noise.label_noise(load_recipe(work / 'tiny.toml'), work, music, ('pop',))


def test_the_student_learns_what_register_tells(reproduced):
    results = json.loads((reproduced[0] / 'results.json').read_text())
    assert results['alone']['pop']['parts'] == 16
    assert results['alone']['pop']['accuracy'] > 0.6
    assert results['together']['lakh']['accuracy'] > 0.6
    assert set(results['left_out']) == {'jazz'}
    assert set(results['bars']['pop']) == {'2', '4'}
    assert results['noise']['random'] > 0.5


def test_the_model_that_is_written_answers_as_the_table_says(reproduced, music):
    """The test files of pop, read and asked by the package: as many right as in the results."""
    work, _ = reproduced
    model = Model(work / 'tiny')
    right = []
    for name in ('pop/10.mid', 'pop/11.mid'):
        parts = [part.notes for part in read_midi(music / name)]
        numbers = part_numbers(parts, [cut_windows(part) for part in parts])
        answers = model.answer_twice(numbers, place_numbers(parts, numbers, drums=False))
        right.append([each.logs.argmax(axis=1) == np.arange(8) for each in answers])
    results = json.loads((work / 'results.json').read_text())
    alone, together = np.mean(right, axis=(0, 2))
    assert results['alone']['pop']['accuracy'] == pytest.approx(alone, abs=1e-4)
    assert results['together']['pop']['accuracy'] == pytest.approx(together, abs=1e-4)
    assert list(PROGRAMS) == list(CLASSES)


def test_an_ablation_has_the_figures_of_its_rows(reproduced, monkeypatch):
    """The students of the first row and the last; register alone tells these parts apart: chance is an eighth."""
    work, _ = reproduced
    monkeypatch.setattr(ablation, 'ROWS', (ablation.ROWS[0], ablation.ROWS[-1]))
    out = work / 'ablation.json'
    main(['ablation', '--recipe', str(work / 'tiny.toml'), '--work', str(work), '--out', str(out), '--collections',
          *COLLECTIONS])  # fmt: skip
    rows = json.loads(out.read_text())['rows']
    assert [row['row'] for row in rows] == [row.name for row in ablation.ROWS]
    assert all(set(row['test']) == set(COLLECTIONS) for row in rows)
    assert rows[1]['test']['pop'][1] > 0.25
    assert all(row['test']['pop'][1] > 1 / 8 for row in rows)


def test_the_card_holds_the_figures_and_where_the_music_is_from(reproduced):
    work, _ = reproduced
    card = (work / 'tiny.md').read_text()
    results = json.loads((work / 'results.json').read_text())
    assert f'{results["together"]["pop"]["macro_f1"]:.3f}' in card
    assert re.search(r'\| pop +\| pop +\| none +\| 8 +\|', card)


def test_what_is_there_is_not_made_again(reproduced):
    work, make = reproduced
    kept = [path for path in (*work.glob('*/*.npz'), *work.glob('*/*.pt')) if path.name != 'reference.npz']
    before = {path: path.stat().st_mtime_ns for path in kept}
    assert {path.name for path in kept if path.suffix == '.pt'} == {'kdic.1.pt', 'without_jazz.1.pt'}
    make()
    assert {path: path.stat().st_mtime_ns for path in kept} == before


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['train-aic', '--recipe', 'none'], 'no such recipe'),
        (['prepare'], 'nothing to read; give --data'),
        (['train-aic', '--work', '/nowhere'], 'run `python -m export prepare` first'),
        (['train-assistants', '--work', '/nowhere'], 'run `python -m export views` first'),
        (['evaluate', '--work', '/nowhere'], 'run `python -m export train-kdic` first'),
        (['evaluate-shipped', '--data', '/nowhere', '--model', '{empty}'], '{empty}/contract.json: cannot be opened'),
        (['recordings', '/nowhere'], '/nowhere/gcompris/accordion.ogg: cannot be opened'),
        *(
            ([verb, '--recipe', 'paper', *words], f'{option}: wanted with the recipe paper; only kdic-5 has a default')
            for verb, words, option in (
                ('evaluate', [], '--out'),
                ('onnx', [], '--results'),
                ('onnx', ['--results', 'x.json'], '--out'),
                ('reproduce', ['--data', '/nowhere'], '--out'),
                ('ablation', [], '--out'),
                ('label-noise', ['--data', '/nowhere'], '--out'),
            )
        ),
    ],
)
def test_what_a_user_can_mend_is_a_sentence(arguments, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main([each.format(empty=tmp_path) for each in arguments])
    assert stop.value.code == 1
    assert message.format(empty=tmp_path) in capsys.readouterr().err
