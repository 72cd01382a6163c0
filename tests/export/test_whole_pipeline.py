"""The whole pipeline on a collection of a few bars: MIDI, windows, audio, teacher, students, figures, ONNX, plugin."""

import json

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
pytest.importorskip('onnxscript', reason='export needs onnxscript (extra `train`)')

from export.cli import main  # noqa: E402
from export.data import noise  # noqa: E402
from export.data.spectrograms import Spectrograms  # noqa: E402
from export.data.window_table import load_windows  # noqa: E402
from music21_kdic.classes import CLASSES  # noqa: E402
from music21_kdic.model.session import Model  # noqa: E402
from tests.export.data.test_render import needs_fluidsynth  # noqa: E402

RECIPE = """
windows_per_part = 4
rendered_per_part = 2
soundfonts = ["TimGM6mb.sf2"]
columns = 16
[teacher]
network = "compact"
epochs = 16
batch_size = 16
[student]
network = "fast"
epochs = 20
batch_size = 8
learning_rate = 0.003
[parts]
embedding = 16
windows_per_step = 2
folds = 2
label_epochs = 20
"""


@pytest.fixture(scope='module')
def reproduced(collection, tmp_path_factory):
    """Reproduce a model from the collection; return the working folder and a function that runs a verb on it."""
    folder, manifest = collection
    work = tmp_path_factory.mktemp('work')
    recipe = work / 'tiny.toml'
    recipe.write_text(RECIPE)

    def run(verb, *options):
        arguments = [verb, *map(str, options), '--recipe', str(recipe), '--work', str(work)]
        if verb in ('prepare', 'render', 'reproduce'):
            arguments += ['--jobs', '1']
        main(arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(noise, 'DRAWN_KINDS', {'random': (noise.random_part, {'train': 30, 'val': 10, 'test': 10})})
        run('reproduce', '--data', folder, '--manifest', manifest, '--out', work / 'tiny.onnx')
    main(['report', '--results', str(work / 'results.json'), '--experiment', str(work), '--out', str(work)])
    return work, run


pytestmark = needs_fluidsynth


def test_the_windows_are_those_of_the_collection(reproduced):
    table = load_windows(reproduced[0])
    assert {split: table.rows(split).size for split in ('train', 'val', 'test', 'lakh')} == {
        'train': 8 * 8 * 4, 'val': 2 * 8 * 4, 'test': 2 * 8 * 4, 'lakh': 8 * 4,
    }  # fmt: skip
    assert np.bincount(table.label).tolist() == [13 * 4] * 8
    splits_of_group = {}
    for group, split in zip(table.group.tolist(), table.split.tolist(), strict=True):
        assert splits_of_group.setdefault(group, split) == split


def test_each_window_was_rendered_for_as_long_as_it_lasts(reproduced):
    spectrograms = Spectrograms(reproduced[0])
    mel = spectrograms.batch(spectrograms.rendered[:3])
    assert mel.shape == (3, 1, 128, 528)
    frames = 1 + 4 * 22050 // 512  # two bars of 4/4 at 120 beats a minute
    assert mel[:, :, :, frames:].max() == 0
    assert mel[:, :, :, :frames].max() == 1


def test_of_each_part_as_many_windows_were_rendered_as_the_recipe_says(reproduced):
    work, _ = reproduced
    table, rendered = load_windows(work), Spectrograms(work).rendered
    assert np.bincount(table.part[rendered]).tolist() == [2] * 13 * 8
    with np.load(work / 'tiny' / 'teacher_logits.npz') as file:
        assert np.flatnonzero(np.isfinite(file['logits']).all(axis=1)).tolist() == rendered.tolist()
        assert np.isin(file['trained_on'], rendered).all()


def test_teacher_and_students_learn_what_sound_and_register_tell(reproduced):
    results = json.loads((reproduced[0] / 'results.json').read_text())['results']
    assert set(results) == {'teacher', 'nic', 'kdic'}
    for name in results:
        assert results[name]['scores']['pop']['parts']['equal priors']['accuracy'] > 0.5
    assert results['nic']['training_windows'] == 256
    assert results['kdic']['noise']['random']['parts'] == 10


def test_what_was_fitted_is_in_the_contract(reproduced):
    work, _ = reproduced
    found = json.loads((work / 'results.json').read_text())['results']['kdic']
    contract = Model(work / 'tiny.onnx').contract
    assert set(contract.facts['sha256']) == {
        'windows', 'noise', 'weights', 'teacher_logits', 'assistant_logits',
    }  # fmt: skip
    assert contract.least_confidence == found['least_confidence'] > 1 / 8
    assert contract.sure_confidence == found['sure_confidence']
    assert contract.temperature == pytest.approx(
        {'windows': found['temperature'], 'parts': found['part_temperature']}, abs=1e-4
    )


def test_the_page_and_the_card_hold_the_figures(reproduced):
    work, _ = reproduced
    found = json.loads((work / 'results.json').read_text())['results']['kdic']['scores']['pop']['parts']['equal priors']
    page, card = (work / 'results' / 'shipped.md').read_text(), (work / 'tiny.md').read_text()
    assert f'{found["macro_f1"]:.3f}' in page
    assert f'{found["macro_f1"]:.3f}' in card
    assert '| pop          | pop      | none      |       8 |' in card


def test_the_plugin_runs_the_model(reproduced):
    from music21 import converter

    import music21_kdic

    bass = converter.parse('tinynotation: 4/4 C4 D E F G A B c')
    answer = music21_kdic.instrument_likelihood(bass, model=reproduced[0] / 'tiny.onnx')
    assert answer.best in CLASSES


def test_every_verb_can_be_run_again_and_finds_its_work_done(reproduced, collection):
    work, run = reproduced
    kept = [*work.glob('shards/*.npz'), *work.glob('mel/*.npy'), *work.glob('tiny/*.pt')]
    before = {path: path.stat().st_mtime_ns for path in kept}
    assert {path.stem for path in kept if path.suffix == '.pt'} == {
        'teacher', 'assistant.0', 'assistant.1', 'nic', 'kdic', 'autoencoder',
    }  # fmt: skip
    logits = np.load(work / 'tiny' / 'kdic_logits.npz')['parts']
    run('prepare', '--data', collection[0])
    for verb in ('render', 'train-aic', 'train-assistants', 'train-kdic'):
        run(verb)
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert np.array_equal(np.load(work / 'tiny' / 'kdic_logits.npz')['parts'], logits, equal_nan=True)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['train-aic', '--recipe', 'none'], 'no such recipe'),
        (['prepare'], 'nothing to read; give --data'),
        (['train-aic', '--work', '/nowhere'], 'run `python -m export prepare` first'),
        (['evaluate', '--work', '/nowhere'], 'run `python -m export prepare` first'),
    ],
)
def test_what_a_user_can_mend_is_a_sentence(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 1
    assert message in capsys.readouterr().err


def test_another_preparation_is_not_mixed_in(reproduced, collection, capsys):
    _, run = reproduced
    with pytest.raises(SystemExit):
        run('prepare', '--data', collection[0], '--collections', 'pop')
    assert 'choose another work' in capsys.readouterr().err
