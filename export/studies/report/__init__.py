"""Write the results page: its tables and figures, from stored answers."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from export.arguments import DOCS, EXPERIMENT, RESULTS


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``report``."""
    folder = 'folder of studies (default: docs/experiment)'
    parser.add_argument('--experiment', type=Path, default=EXPERIMENT, help=folder)
    parser.add_argument('--results', type=Path, default=RESULTS, help=f'of evaluate (default: {RESULTS})')
    parser.add_argument('--out', type=Path, default=DOCS, help='folder (default: docs)')


def run(args: Namespace) -> None:
    """Run ``report``."""
    from export.studies.report.page import report

    for path in report(args.experiment, args.results, args.out):
        print(f'wrote {path}')
