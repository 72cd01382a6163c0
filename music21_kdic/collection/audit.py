"""``audit``: parts whose name or program disagrees with what their notes say, and parts that have neither."""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from music21_kdic.classes import class_of_program
from music21_kdic.collection.engine.files import FAILED, UNKNOWN
from music21_kdic.collection.engine.run import Batch, Paths, check_top, run_for
from music21_kdic.collection.engine.tables import Row
from music21_kdic.collection.names import class_of_name
from music21_kdic.collection.options import AUDIT_THRESHOLD, MEMORY_BYTES, TIMEOUT_SECONDS
from music21_kdic.features.evidence import CLASSIFIED, OK
from music21_kdic.priors import Priors

FAMILIES_OF_A_TITLE = 3
# The least probability that a claimed class is held to have, so that no disagreement is endless.
_LEAST = 1e-6

COLUMNS: dict[str, type] = {
    'path': str,
    'track': int,
    'channel': int,
    'name': str,
    'program': int,
    'finding': str,
    'named': str,
    'programmed': str,
    'label': str,
    'confidence': float,
    'disagreement': float,
    'status': str,
    'error': str,
}
NAME, PROGRAM, BOTH, MISSING = 'name', 'program', 'name and program', 'missing'
DISAGREEMENTS = (NAME, PROGRAM, BOTH)


def audit(
    paths: Paths,
    output: str | Path | None = None,
    *,
    threshold: float = AUDIT_THRESHOLD,
    top: int | None = None,
    prior: Priors = None,
    model: str | Path | None = None,
    jobs: int | None = None,
    timeout: float = TIMEOUT_SECONDS,
    memory: int = MEMORY_BYTES,
    resume: bool = False,
    quiet: bool = False,
) -> Batch:
    """List the parts whose name or program disagrees with what the notes say, worst first.

    A name claims a class where it is the name of an instrument (:func:`.names.class_of_name`) and not the title of the
    song, borne by parts of three families or more; a program where it is of one of the eight families. A program of no
    family (a choir, a synthesizer) is held against a part only where its name bears the notes out: named "Bass",
    program 53, and the notes say Bass.

    Args:
        paths: as for :func:`music21_kdic.label`.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file.
        threshold: only answers that are at least this sure accuse anybody, or suggest anything.
        top: keep the worst so many (and the files that could not be read).
        prior, model, jobs, timeout, memory, resume, quiet: as for :func:`music21_kdic.label`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch`; its rows have the columns of
        :data:`music21_kdic.collection.audit.COLUMNS`. ``finding`` is 'name', 'program' or 'name and program' for what
        disagrees with the notes, 'missing' for a part that has no name or no program (``label`` is the suggestion, or
        'unknown'); those come last. ``named`` and ``programmed`` are the classes that are claimed, ``disagreement``
        is the log of how much likelier the notes' class is than the claimed one.

    Raises:
        LimitError, OutputError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> audit('corpus:bwv66.6', threshold=1.0, jobs=1).rows
    []
    """

    def arrange(rows: Iterator[Row]) -> list[Row]:
        found = []
        for _, parts in groupby(rows, key=itemgetter('path')):
            of_file = list(parts)
            titles = titles_among(of_file)
            found += [finding for row in of_file if (finding := examine(row, threshold, titles)) is not None]
        found.sort(key=lambda row: (row['status'] in FAILED, row['finding'] == MISSING, -(row['disagreement'] or 0)))
        return found if top is None else [*found[:top], *(row for row in found[top:] if row['status'] in FAILED)]

    check_top(top)
    run = run_for(prior, model, 0.0, jobs, timeout, memory, quiet)
    return run.over(paths, output, resume, arrange, COLUMNS, {'verb': 'audit', 'threshold': threshold, 'top': top})


def titles_among(rows: list[Row]) -> set[str]:
    """The names that parts of three families or more bear in one file: the song's, not those of instruments."""
    families: dict[str, set[str | None]] = defaultdict(set)
    for row in rows:
        if row['name'] and not row['drum'] and row['program'] is not None:
            families[row['name']].add(class_of_program(row['program']))
    return {name for name, borne_by in families.items() if len(borne_by) >= FAMILIES_OF_A_TITLE}


def examine(row: Row, threshold: float = AUDIT_THRESHOLD, titles: Container[str] = ()) -> Row | None:
    """Hold one row of :func:`music21_kdic.label` against its own name and program; None where all is well.

    ``titles`` are names that claim no instrument, see :func:`titles_among`.
    """
    finding: Row = {name: row.get(name) for name in COLUMNS}
    if row['status'] in FAILED:
        return finding
    if row['status'] not in CLASSIFIED:
        return None
    named = None if row['name'] in titles else class_of_name(row['name'])
    programmed = None if row['program'] is None else class_of_program(row['program'])
    finding.update(named=named, programmed=programmed)
    sure = row['status'] == OK and row['confidence'] >= threshold
    name_wrong = sure and named not in (None, row['label'])
    of_no_family = row['program'] is not None and programmed is None and named == row['label']
    program_wrong = sure and (programmed not in (None, row['label']) or of_no_family)
    if name_wrong or program_wrong:
        claimed = [row[one] for one in (named, programmed) if one not in (None, row['label'])]
        # Against a program of no family stands all the rest of the probability.
        beside = max(_LEAST, min(claimed) if claimed else 1 - row['confidence'])
        finding['finding'] = BOTH if name_wrong and program_wrong else NAME if name_wrong else PROGRAM
        finding['disagreement'] = round(math.log(row['confidence'] / beside), 3)
        return finding
    if not row['name'] or (row['program'] is None and row['channel'] is not None):
        finding['finding'] = MISSING
        finding['label'] = row['label'] if sure else UNKNOWN
        return finding
    return None


def sentence(finding: Row) -> str:
    """Say a finding in words; nothing about a file that could not be read.

    >>> sentence({'name': 'Bass', 'program': 53, 'label': 'Bass', 'confidence': 0.93, 'finding': 'program'})
    'named "Bass", program 53; the notes say Bass 0.93'
    """
    if finding['confidence'] is None:
        return ''
    sure = finding['label'] != UNKNOWN
    said = f'say {finding["label"]} {finding["confidence"]:.2f}' if sure else 'are not sure'
    name = f'named "{finding["name"]}"' if finding['name'] else 'no name'
    program = 'no program' if finding['program'] is None else f'program {finding["program"]}'
    return f'{name}, {program}; the notes {said}'


def disagreeing(findings: Iterable[Row]) -> bool:
    """Is there any part among them whose name or program disagrees with its notes?"""
    return any(row['finding'] in DISAGREEMENTS for row in findings)
