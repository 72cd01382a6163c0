"""The command ``music21-kdic``."""

import argparse
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import music21

from music21_kdic.classes import CLASSES
from music21_kdic.errors import KdicError, NoteError, UnreadableError
from music21_kdic.likelihood import EMPTY, InstrumentLikelihood, Priors, ScoreLikelihood, judge
from music21_kdic.midi import MIDI_SUFFIXES, read_midi
from music21_kdic.model import load_model
from music21_kdic.plugin import instrument_likelihood
from music21_kdic.streams import AnyStream

CORPUS = 'corpus:'
HEADINGS = ('file', 'part', 'label', *CLASSES, 'windows', 'status')


def label(name: str, model: str | None = None, priors: Priors = None) -> list[InstrumentLikelihood]:
    """Answer for each part of one file.

    Args:
        name: a MIDI file, anything else that music21 reads, or ``corpus:`` and a name in music21's corpus.
        model: path of another ONNX model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.

    Raises:
        UnreadableError: where the file is missing or cannot be read.
        ModelError, NoteError: see :mod:`music21_kdic.errors`.
    """
    if Path(name).suffix.lower() in MIDI_SUFFIXES and not name.startswith(CORPUS):
        student = load_model(model)
        return [judge(part.notes, student, priors, part.name) for part in read_midi(name).parts]
    answer = instrument_likelihood(_parse(name), priors=priors, model=model)
    return list(answer) if isinstance(answer, ScoreLikelihood) else [answer]


def _parse(name: str) -> AnyStream:
    try:
        if name.startswith(CORPUS):
            found: AnyStream = music21.corpus.parse(name.removeprefix(CORPUS))
            return found
        if not Path(name).is_file():
            raise UnreadableError(f'{name}: no such file')
        parsed: AnyStream = music21.converter.parse(name)
        return parsed
    except KdicError:
        raise
    except Exception as error:  # music21's readers raise whatever their format's parser raises
        raise UnreadableError(f'{name}: music21 cannot read it ({type(error).__name__}: {error})') from error


def _rows(names: list[str], model: str | None, priors: Priors, failures: list[str]) -> Iterator[list[str]]:
    nothing = [''] * (len(CLASSES) + 2)
    for name in names:
        try:
            answers = label(name, model, priors)
        except (UnreadableError, NoteError) as error:
            failures.append(f'{name}: {str(error).removeprefix(f"{name}: ")}')
            yield [name, '', *nothing, 'unreadable']
            continue
        if not answers:
            yield [name, '', *nothing, EMPTY]
        for number, answer in enumerate(answers, start=1):
            values = [f'{value:.2f}' for value in answer.probabilities]
            part = answer.name.strip() or f'part {number}'
            yield [name, part, answer.best or '', *values, str(len(answer.matrix)), answer.status]


def _printable(text: str) -> str:
    """One line of a terminal: names of tracks and files hold anything."""
    return ''.join(character if character.isprintable() else '?' for character in text)


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 all files read, 1 some could not be, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog='music21-kdic', description='Which instrument was this written for?')
    verbs = parser.add_subparsers(dest='verb', required=True, metavar='VERB')
    verb = verbs.add_parser(
        'label', help='one row per part', description='Print, for each part, the instrument class its notes suggest.'
    )
    verb.add_argument('files', nargs='+', metavar='FILE', help='MIDI, MusicXML, ..., or corpus:NAME')
    verb.add_argument(
        '--prior',
        choices=['equal', 'training'],
        default='equal',
        help='how frequent the classes are held to be: equally (default), or as in the training collections',
    )
    verb.add_argument('--model', help='another ONNX model than the shipped one')
    args = parser.parse_args(argv)

    from tabulate import tabulate

    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors='backslashreplace')  # a terminal that cannot show a name shows its code
    failures: list[str] = []
    try:
        rows = [
            [_printable(cell) for cell in row]
            for row in _rows(args.files, args.model, 'training' if args.prior == 'training' else None, failures)
        ]
    except KdicError as error:
        print(f'music21-kdic: {_printable(str(error))}', file=sys.stderr)
        return 1
    try:
        print(tabulate(rows, HEADINGS, disable_numparse=True), flush=True)
    except OSError as error:
        # What Python would still flush at exit goes nowhere. A broken pipe is a reader that has seen enough (`| head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            failures.append(f'standard output: cannot be written ({error.strerror})')
    for failure in failures:
        print(f'music21-kdic: {_printable(failure)}', file=sys.stderr)
    return 1 if failures else 0
