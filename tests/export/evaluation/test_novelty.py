"""Scores worked out by hand; parts of other instruments, told by music21's own table of programs."""

import csv
import json

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from music21 import instrument  # noqa: E402

from export.cli import main  # noqa: E402
from export.data import noise as nonsense  # noqa: E402
from export.data.outside_classes import GROUPS, group_of, load_outsiders  # noqa: E402
from export.data.sources import ManifestFile  # noqa: E402
from export.data.window_table import NO_CLASS, SPLITS, load_windows, write_npz  # noqa: E402
from export.evaluation import novelty  # noqa: E402
from export.evaluation.calibration import Calibration, Scaling  # noqa: E402
from export.evaluation.novelty import AutoEncoder, part_scores, told_apart  # noqa: E402
from export.recipe import TrainSettings, load_recipe  # noqa: E402
from export.training.part_students import build, judge  # noqa: E402
from music21_kdic.classes import CLASS_PROGRAMS  # noqa: E402
from music21_kdic.features.windows import WindowGrid  # noqa: E402

EVEN = Scaling(1.0, np.full(8, 1 / 8))
CALIBRATION = Calibration(EVEN, EVEN, np.ones(8), least_confidence=0.3, sure_confidence=0.8)


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


def test_outsiders_are_read_with_the_hygiene_of_labels(tmp_path, song):
    path = tmp_path / 'song.mid'
    song(path, [12, 24, 53, None, 81], seed=1, names=['', '', 'Vocal'])
    labelled = ManifestFile(str(path), 'song.mid', 'pop', 'g', 'test', '').read()
    assert [part.program for part in labelled.outsiders] == [12, 81]  # neither the singer's nor one that nobody set
    assert {part.label for part in labelled.outsiders} == {NO_CLASS}
    assert [part.program for part in labelled.parts] == [24]
    assert labelled.left_out['program of no class'] == 2


def test_the_scores_of_a_part_by_hand():
    """Of part 3, which has one window, the first class is sure; of part 5, which has two, nothing is said."""
    logits = np.array([[5.0] + [0.0] * 7, [0.5] * 8])
    errors = np.array([[0.1, 1.0], [0.3, 2.0], [0.2, 4.0]])
    found = part_scores(logits, errors, np.array([5, 3, 5]), EVEN)
    assert found['confidence'] == pytest.approx([np.exp(5) / (np.exp(5) + 7), 1 / 8])
    assert found['energy'] == pytest.approx([np.log(np.exp(5) + 7), 0.5 + np.log(8)])
    assert found['autoencoder'] == pytest.approx([-0.3, -0.15])
    assert found['autoencoder by note'] == pytest.approx([-2.0, -2.5])


def test_told_apart_counted_by_hand():
    """Of four pairs of music (0.9, 0.4) and other (0.5, 0.1) three stand in the right order."""
    found = told_apart(
        {'confidence': np.array([0.9, 0.4]), 'energy': np.array([2.0, 1.0])},
        {'confidence': np.array([0.5, 0.1]), 'energy': np.array([3.0, 4.0])},
        CALIBRATION,
    )
    assert found == {
        'parts': 2, 'classed': 0.5, 'sure': 0.0, 'confidence': 0.3, 'auroc': {'confidence': 0.75, 'energy': 0.0},
    }  # fmt: skip


def test_an_auto_encoder_that_knows_nothing_is_off_by_one_bit_a_cell():
    model = AutoEncoder(WindowGrid(columns=16))
    for weights in model.parameters():
        torch.nn.init.zeros_(weights)
    roll = torch.zeros((2, 1, 128, 16))
    roll[1, 0, 60, :8] = 1
    cells = 128 * 16
    wanted = np.log(2) * np.array([[1, cells], [1, cells / 8]])  # a window without notes counts as one note
    assert model(roll).detach().numpy() == pytest.approx(wanted, rel=1e-5)


@pytest.fixture
def work(tmp_path, song, monkeypatch):
    """A collection with mallets and voices, its windows, and an untrained student of the recipe `whole`."""
    monkeypatch.setattr(nonsense, 'DRAWN', {'random': (nonsense.random_part, {'train': 5, 'val': 10, 'test': 10})})
    monkeypatch.setattr(novelty, 'SETTINGS', TrainSettings(epochs=2, batch_size=16, learning_rate=2e-3))
    data, folder = tmp_path / 'data', tmp_path / 'work'
    data.mkdir()
    rows = []
    for number, split in enumerate(['train'] * 4 + ['val'] * 2 + ['test'] * 2 + ['lakh']):
        song(data / f'{number}.mid', [24, 0, 33, 48, 12, 53], seed=number)
        source = 'lakh' if split == 'lakh' else 'pop'
        rows.append([f'{number}.mid', source, source, 'none', f'g{number}', 'test' if split == 'lakh' else split, ''])
    with (data / 'manifest.csv').open('w', newline='') as stream:
        csv.writer(stream).writerows(
            [['file', 'collection', 'source', 'licence', 'group', 'split', 'fallback_label'], *rows]
        )
    for name in ('prepare', 'nonsense', 'outsiders'):
        main([name, '--data', str(data), '--work', str(folder), '--jobs', '1'])
    recipe = load_recipe('whole')
    student = build(recipe).eval()
    (folder / 'whole').mkdir()
    torch.save({'epoch': recipe.student.epochs, 'model': student.state_dict()}, folder / 'whole' / 'kdic.pt')
    table, none = load_windows(folder), nonsense.load_nonsense(folder)
    (of_music, windows), (of_none, none_windows) = (judge(student, some, recipe.grid) for some in (table, none))
    write_npz(
        folder / 'whole' / 'kdic_logits.npz',
        {
            'logits': windows,
            'parts': of_music,
            'nonsense': none_windows,
            'nonsense_parts': of_none,
            'trained_on': table.rows('train'),
        },
    )
    return folder


def test_the_verbs_measure_and_evaluate_takes_it_up(work, capsys):
    outsiders = load_outsiders(work)
    found = {(str(source), SPLITS[split]) for source, split in zip(outsiders.source, outsiders.split, strict=True)}
    assert found == {(source, split) for source in ('mallets', 'voices') for split in ('test', 'lakh')}
    main(['novelty', '--work', str(work)])
    main(['evaluate', '--work', str(work), '--out', str(work)])
    measured = json.loads((work / 'results.json').read_text())['results']['kdic']['novelty']
    assert measured == json.loads((work / 'whole' / 'novelty.json').read_text())
    assert {kind: one['parts'] for kind, one in measured['test']['outside_classes'].items()} == {
        'all': 4, 'mallets': 2, 'voices': 2,
    }  # fmt: skip
    assert measured['test']['noise']['random']['parts'] == 10
    assert measured['lakh']['noise'] == {}
    assert measured['lakh']['music']['parts'] == 4
    assert set(measured['test']['outside_classes']['voices']['auroc']) == {
        'confidence', 'energy', 'autoencoder', 'autoencoder by note',
    }  # fmt: skip


def test_the_auto_encoder_learns_to_draw(work, monkeypatch):
    """After some epochs it is off by less than one that draws every window empty and knows how few cells sound."""
    table, recipe = load_windows(work), load_recipe('whole')
    inputs = novelty.PackedRolls(table, recipe.grid).inputs
    sounding = float(inputs(np.arange(table.label.size), None)[0].mean())
    entropy = -sounding * np.log(sounding) - (1 - sounding) * np.log(1 - sounding)
    torch.manual_seed(0)
    monkeypatch.setattr(novelty, 'SETTINGS', TrainSettings(epochs=25, batch_size=16, learning_rate=3e-3))
    model = novelty.train_autoencoder(recipe, work, table)
    assert novelty.predict(model, table.rows('train'), inputs)[:, 0].mean() < entropy


def test_it_is_said_which_verb_is_missing(work, capsys):
    (work / 'outsiders.npz').unlink()
    with pytest.raises(SystemExit):
        main(['novelty', '--work', str(work)])
    assert 'run `python -m export outsiders` first' in capsys.readouterr().err
