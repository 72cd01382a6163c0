"""Scores worked out by hand, and the verb on a collection of a few bars."""

import csv
import json

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')


from export.cli import main  # noqa: E402
from export.data import noise  # noqa: E402
from export.data.files import write_npz  # noqa: E402
from export.data.outside_classes import load_outside_classes  # noqa: E402
from export.data.window_table import SPLITS, load_windows  # noqa: E402
from export.evaluation.calibration import Calibration, Scaling  # noqa: E402
from export.evaluation.novelty import part_scores, told_apart  # noqa: E402
from export.recipe import TrainSettings, load_recipe  # noqa: E402
from export.training import autoencoder  # noqa: E402
from export.training.part_students import build, predict_parts  # noqa: E402

EVEN = Scaling(1.0, np.full(8, 1 / 8))
CALIBRATION = Calibration(EVEN, EVEN, np.ones(8), least_confidence=0.3, sure_confidence=0.8)


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


@pytest.fixture
def work(tmp_path, song, monkeypatch):
    """A collection with mallets and voices, its windows, and an untrained student of the recipe `whole`."""
    monkeypatch.setattr(noise, 'DRAWN_KINDS', {'random': (noise.random_part, {'train': 5, 'val': 10, 'test': 10})})
    monkeypatch.setattr(autoencoder, 'SETTINGS', TrainSettings(epochs=2, batch_size=16, learning_rate=2e-3))
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
    for name in ('prepare', 'noise', 'outside-classes'):
        main([name, '--data', str(data), '--work', str(folder), '--jobs', '1'])
    recipe = load_recipe('whole')
    torch.manual_seed(0)
    student = build(recipe).eval()
    (folder / 'whole').mkdir()
    torch.save({'epoch': recipe.student.epochs, 'model': student.state_dict()}, folder / 'whole' / 'kdic.pt')
    table, none = load_windows(folder), noise.load_noise(folder)
    (of_music, windows), (of_none, none_windows) = (predict_parts(student, some, recipe.grid) for some in (table, none))
    write_npz(
        folder / 'whole' / 'kdic_logits.npz',
        {
            'logits': windows,
            'parts': of_music,
            'noise': none_windows,
            'noise_parts': of_none,
            'trained_on': table.rows('train'),
        },
    )
    return folder


def test_the_verbs_measure_and_evaluate_takes_it_up(work, capsys):
    outside = load_outside_classes(work)
    found = {(str(source), SPLITS[split]) for source, split in zip(outside.source, outside.split, strict=True)}
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


def test_it_is_said_which_verb_is_missing(work, capsys):
    (work / 'outside_classes.npz').unlink()
    with pytest.raises(SystemExit):
        main(['novelty', '--work', str(work)])
    assert 'run `python -m export outside-classes` first' in capsys.readouterr().err
