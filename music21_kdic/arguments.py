"""The words of the command line: its verbs, their options and what ``--help`` says."""

import argparse
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from music21_kdic import __version__
from music21_kdic.collection.options import AUDIT_THRESHOLD, LISTEN_SECONDS, PORT, TAG_THRESHOLD, Options
from music21_kdic.help import ABOUT, ABOUT_LISTENING, DISAGREEMENT, EXAMPLES, OUTPUT, PATHS, RECORDINGS

INSTRUMENTS = 'also name the likeliest instrument within the class, its program and its probability'
WHY = 'also say what is unusual about each part among real parts of the class'
ALONE = 'classify each part by itself, not with the rest of its piece in view'
JOIN_CHANNELS = 'parts that differ by nothing but channel (a string each) are one instrument'
EXPLAIN = 'also say which measures speak against each answer, and what changes would do (seconds a part)'
NOTES = 'also ask the notes of each stem, as a transcriber hears them: a second opinion'
WIDE = 'on the terminal, all columns, however narrow it is'


N = TypeVar('N', int, float)


def _number(kind: Callable[[str], N], wanted: str, fits: Callable[[N], bool]) -> Callable[[str], N]:
    """What turns a text into a number of a kind, and refuses what is none, or does not fit."""

    def convert(text: str) -> N:
        with suppress(ValueError, OverflowError):
            value = kind(text)
            if fits(value):
                return value
        raise argparse.ArgumentTypeError(f'{text}: wanted {wanted}')

    return convert


_count = _number(int, 'a whole number above 0', lambda value: value > 0)
_positive = _number(float, 'a number above 0', lambda value: 0 < value < math.inf)
_share = _number(float, 'a number from 0 to 1', lambda value: 0 <= value <= 1)
_port = _number(int, f'a whole number from 0 to {2**16 - 1}', lambda value: 0 <= value < 2**16)


def _verb(verbs: Any, name: str, about: str, status: str = '', recordings: bool = False) -> Any:
    verb = verbs.add_parser(
        name,
        help=about,
        description=f'{about[0].upper()}{about[1:]}.',
        epilog=f'examples:\n{EXAMPLES[name]}\n\n{ABOUT_LISTENING if recordings else ABOUT}{status}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if recordings:
        verb.set_defaults(priors=None)
    else:
        verb.add_argument(
            '--priors',
            choices=['equal', 'training'],
            default='equal',
            help='how frequent the classes are held to be (see below)',
        )
    _add_limits(verb, LISTEN_SECONDS if recordings else Options.timeout)
    return verb


def _add_limits(verb: Any, timeout: float) -> None:
    """Which model answers, and what one file may cost."""
    verb.add_argument('--model', metavar='DIR', help='the folder of another model than the shipped one')
    verb.add_argument('--jobs', type=_count, metavar='N', help='worker processes (default: one a core)')
    verb.add_argument(
        '--timeout',
        type=_positive,
        default=timeout,
        metavar='S',
        help='seconds one file may take (default: %(default)g)',
    )
    verb.add_argument(
        '--memory',
        type=_count,
        default=Options.memory // 2**20,
        metavar='MIB',
        help='what one file may cost (default: %(default)d)',
    )


def _file_verb(verbs: Any, name: str, about: str, status: str = '', recordings: bool = False) -> Any:
    """A verb that goes through files."""
    verb = _verb(verbs, name, about, status, recordings)
    verb.set_defaults(format=None)
    verb.add_argument('paths', nargs='+', metavar='PATH', help=RECORDINGS if recordings else PATHS)
    verb.add_argument('--resume', action='store_true', help='go on where a run that was stopped left off')
    verb.add_argument('--force', action='store_true', help='replace what is there, as soon as the new one is whole')
    verb.add_argument('--quiet', action='store_true', help='no progress on the terminal, and no line that sums up')
    return verb


def _table_verb(verbs: Any, name: str, about: str, status: str = '', recordings: bool = False) -> Any:
    """A verb whose rows are what it is for."""
    verb = _file_verb(verbs, name, about, status, recordings)
    verb.add_argument('-o', '--output', help=OUTPUT)
    verb.add_argument('--format', choices=['csv', 'jsonl'], help='of standard output (default with -o -: csv)')
    verb.add_argument('--wide', action='store_true', help=WIDE)
    return verb


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; the verb is in ``verb``."""
    whole = argparse.ArgumentParser(
        prog='music21-kdic', description='Which instrument was this written for? An answer from the notes alone.'
    )
    whole.add_argument('--version', action='version', version=f'music21-kdic {__version__}')
    verbs = whole.add_subparsers(dest='verb', required=True, metavar='VERB')

    verb = _table_verb(verbs, 'label', 'say which instrument class each part was written for')
    verb.add_argument('--top', type=_count, metavar='N', help='on the terminal, the N likeliest classes')
    verb.add_argument(
        '--min-confidence', type=_share, default=0.0, metavar='P', help='with less it is unknown (default: 0)'
    )
    verb.add_argument(
        '--sure',
        action='store_true',
        help='name a class only where nine in ten such answers were right on music that the model had not learnt from',
    )
    verb.add_argument('--alone', action='store_true', help=ALONE)
    verb.add_argument('--why', action='store_true', help=WHY)
    verb.add_argument('--instruments', action='store_true', help=INSTRUMENTS)
    verb.add_argument('--join-channels', action='store_true', help=JOIN_CHANNELS)
    verb.add_argument(
        '--scheduler',
        metavar='ADDRESS',
        help='work on a Dask cluster, e.g. tcp://10.0.0.1:8786; the output is a folder of Parquet files',
    )

    verb = _table_verb(verbs, 'rank', 'sort melodies by how like a class they are')
    verb.add_argument(
        '--like', default='Guitar', metavar='CLASS', help='a class, or an instrument for its class (default: Guitar)'
    )
    verb.add_argument('--top', type=_count, metavar='N', help='only the best N')
    verb.add_argument('--why', action='store_true', help=WHY)

    verb = _table_verb(
        verbs,
        'audit',
        'list parts whose name or program disagrees with their notes',
        f', {DISAGREEMENT} (all read) something disagrees',
    )
    verb.add_argument(
        '--missing', action='store_true', help='list parts without a name, or of MIDI files without a program, too'
    )
    verb.add_argument('--top', type=_count, metavar='N', help='only the worst N')
    verb.add_argument(
        '--threshold', type=_share, default=AUDIT_THRESHOLD, metavar='P', help='least confidence (default: %(default)g)'
    )
    verb.add_argument('--alone', action='store_true', help=ALONE)

    verb = _file_verb(verbs, 'tag', 'copy MIDI files, naming unnamed parts and giving program-less ones a program')
    verb.add_argument(
        '-o', '--output', required=True, metavar='OUT', help='the copy of one file (tagged.mid), or a folder (tagged/)'
    )
    verb.add_argument(
        '--threshold', type=_share, default=TAG_THRESHOLD, metavar='P', help='least confidence (default: %(default)g)'
    )
    verb.add_argument('--dry-run', action='store_true', help='write nothing, only say what would be added')
    verb.add_argument('--wide', action='store_true', help=WIDE)

    verb = _table_verb(verbs, 'listen', 'say which classes sound in a recording, and when', recordings=True)
    verb.add_argument('--stems', metavar='DIR', help='write the stems of each recording there, in a folder of its name')
    verb.add_argument('--picture', metavar='FILE', help='draw one recording: an .svg, .png or .pdf file')
    verb.add_argument('--notes', action='store_true', help=NOTES)
    verb.add_argument('--steps', action='store_true', help='also tell the probability of each step of 0.75 seconds')

    verb = _file_verb(verbs, 'report', 'write one page for a browser: table, picture, notes to play')
    verb.add_argument('-o', '--output', required=True, metavar='PAGE', help='the page, an .html file')
    verb.add_argument('--explain', action='store_true', help=EXPLAIN)
    verb.add_argument('--alone', action='store_true', help=ALONE)
    verb.add_argument('--join-channels', action='store_true', help=JOIN_CHANNELS)

    verb = _verb(verbs, 'serve', 'show that page with a place to drop files, to this computer only')
    verb.set_defaults(resume=False, quiet=True, force=False)
    verb.add_argument(
        '--port',
        type=_port,
        default=PORT,
        metavar='N',
        help='of this computer (default: %(default)d; 0: any that is free)',
    )
    verb.add_argument('--alone', action='store_true', help=ALONE)
    verb.add_argument('--join-channels', action='store_true', help=JOIN_CHANNELS)
    return whole
