"""``reproduce``: the shipped model again, from the collection, by every verb of the road in its order.

A verb whose work is done is passed over or goes on where it was, so the command can be stopped and given again. The
weights depend on the machine's arithmetic in their last digits: what comes out is the same recipe, not the same bytes.
"""

from collections.abc import Callable
from pathlib import Path

from export.data.noise import write_nonsense
from export.data.outside_classes import write_outsiders
from export.data.prepare import prepare
from export.data.render import render
from export.data.sources import ManifestFile
from export.evaluation.evaluate import evaluate
from export.evaluation.novelty import novelty
from export.evaluation.sanity import MOST, sanity
from export.recipe import Recipe
from export.release.model_card import write_card
from export.release.onnx_export import export_student
from export.training.part_students import assist, distil, student
from export.training.window_networks import teach


def reproduce(recipe: Recipe, files: list[ManifestFile], manifest: Path, work: Path, out: Path, jobs: int) -> Path:
    """Make a model from a collection; everything else that is made lies in the working folder.

    Args:
        recipe: of the model.
        files: of the collection.
        manifest: of the same, for the model card.
        work: the working folder: windows, spectrograms, weights, ``results.json``.
        out: the model's file; the card is written beside it.
        jobs: processes, where several help.

    Returns:
        The model's file.
    """
    own = work / recipe.name
    prepare(list(files), work, recipe.windows_per_part, recipe.seed, jobs)
    steps: list[tuple[Path, Callable[[], object]]] = [
        (work / 'nonsense.npz', lambda: write_nonsense(files, work, recipe.seed, jobs)),
        (work / 'outsiders.npz', lambda: write_outsiders(files, work, recipe.windows_per_part, recipe.seed, jobs)),
        (own / 'teacher_logits.npz', lambda: _hear_and_teach(recipe, work, jobs)),
        (own / 'assistant_logits.npz', lambda: assist(recipe, work)),
        (own / 'nic_logits.npz', lambda: student(recipe, work)),
        (own / 'kdic_logits.npz', lambda: distil(recipe, work)),
        (own / 'novelty.json', lambda: novelty(recipe, work)),
    ]
    for made, make in steps:
        if made.exists():
            print(f'{made} is there')
        else:
            make()
            print(f'wrote {made}')
    export_student('kdic', recipe, work, out)
    sanity([file for file in files if file.source == 'pop'], out, own / 'sanity.json', MOST, recipe.seed)
    write_card(out, evaluate(recipe, work, work), manifest)
    return out


def _hear_and_teach(recipe: Recipe, work: Path, jobs: int) -> None:
    render(work, recipe.soundfonts, recipe.seed, jobs, heard=recipe.rendered_per_part)
    teach(recipe, work)
