"""How often does the score of a whole part lie in the interval that its first bars gave?"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

from export.arguments import OF_SAMPLE, add_sample, settings_of
from export.data.changes import begun
from export.data.files import write_json
from export.data.real_parts import RealPart, real_parts
from export.data.sources import TESTED_SPLITS, manifest_files
from export.data.views import BARS
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likeness import likeness
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import BARS_PER_WINDOW
from music21_kdic.model.session import Model, load_model

AT_ONCE = 256  # parts


def held(model: Model, parts: Sequence[RealPart], bars: int) -> tuple[int, int]:
    """In how many parts, of how many, the score of the whole for their class lies between ``low`` and ``high``.

    Args:
        model: the student.
        parts: those that have no more than so many bars are passed over.
        bars: from the first note's on, which the interval is made from.
    """
    cut = [(part, begun(part.notes, bars)) for part in parts]
    some = [(part, first) for part, first in cut if first is not None]
    inside, of = 0, 0
    for place in range(0, len(some), AT_ONCE):
        batch = some[place : place + AT_ONCE]
        firsts = classify([first for _, first in batch], model)
        wholes = classify([part.notes for part, _ in batch], model, each_window=False)
        for (part, _), first, whole in zip(batch, firsts, wholes, strict=True):
            name = CLASSES[part.label]
            found, of_whole = (likeness(each, name, model.contract) for each in (first, whole))
            if found.low is not None and found.high is not None and of_whole.score is not None:
                inside += found.low <= of_whole.score <= found.high
                of += 1
    return inside, of


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, how many parts, and the file to write."""
    add_sample(parser, 30)
    parser.add_argument('--out', type=Path, default=Path('intervals.json'), help='(default: intervals.json)')


def run(args: Namespace) -> None:
    """Write and print the table."""
    files = manifest_files(args.data, args.manifest, args.collections)
    # Longer than what is cut from them.
    parts = real_parts(files, TESTED_SPLITS, args.most, args.seed, windows=1 + BARS[-1] // BARS_PER_WINDOW)
    model = load_model(args.model)
    counts = [(bars, *held(model, parts, bars)) for bars in BARS]
    rows = [{'bars': bars, 'parts': of, 'held': inside / of if of else None} for bars, inside, of in counts]
    write_json(args.out, {'settings': settings_of(args, *OF_SAMPLE), 'rows': rows})
    print(tabulate(rows, headers='keys', tablefmt='github', floatfmt='.3f'))
