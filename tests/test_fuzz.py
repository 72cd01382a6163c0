"""Some hundred mutants at every reader, and a fuzzer that notices what it is made to notice."""

import math
import os
import subprocess
import sys
import time

import pytest

from music21_kdic.classes import CLASSES
from music21_kdic.errors import UnreadableError
from tests.fuzz import oracle
from tests.fuzz.mutants import SEEDS, make_mutant
from tests.fuzz.oracle import outcome
from tests.fuzz.run import Tally, fuzz
from tests.fuzz.seeds import LOOSE, SMPTE

SEED = 1
GENEROUS = 600.0  # seconds: catches what hangs, whatever else the machine does


def tally_of(reader, numbers, **options):
    tally = Tally(reader)
    for _, found in fuzz(reader, numbers, SEED, seconds=GENEROUS, **options):
        tally.add(found)
    return tally


@pytest.mark.parametrize(('reader', 'count'), [('midi', 300), ('score', 60), ('model', 40), ('audio', 100)])
def test_every_mutant_gets_an_answer(reader, count):
    tally = tally_of(reader, range(count))
    assert tally.misfits == []
    assert tally.outcomes.total() == count
    # Not all are refused, and not all are sound.
    assert count / 10 < tally.outcomes['label'] < count * 9 / 10


DIGEST = """
import hashlib, sys
from tests.fuzz.mutants import make_mutant
for number in range(50):
    mutant = make_mutant(sys.argv[1], 1, number)
    print(mutant.suffix, hashlib.sha256(mutant.content).hexdigest())
"""


@pytest.mark.parametrize('reader', SEEDS)
def test_a_mutant_is_made_again_from_its_number(reader):
    """In other processes too, in which Python's sets have another order."""
    digests = [
        subprocess.check_output(
            [sys.executable, '-c', DIGEST, reader], env={**os.environ, 'PYTHONHASHSEED': order}, text=True
        )
        for order in ('1', '2')
    ]
    assert digests[0] == digests[1]
    assert len({*digests[0].splitlines()}) > 40
    assert make_mutant(reader, SEED + 1, 0) != make_mutant(reader, SEED, 0)


@pytest.mark.parametrize('reader', SEEDS)
def test_the_seeds_themselves_are_answered(reader):
    found = [outcome(reader, suffix, content) for suffix, content in SEEDS[reader]()]
    refused = [SMPTE] if reader == 'midi' else []
    # Two notes within a beat say nothing.
    brief = [seed for seed in SEEDS[reader]() if reader == 'midi' and LOOSE in seed[1] and seed not in refused]
    wanted = [
        'UnreadableError' if seed in refused else 'unknown' if seed in brief else 'label' for seed in SEEDS[reader]()
    ]
    assert found == wanted


def broken_reader(reader, suffix, content):
    """Breaks each promise in its turn."""
    kind = BROKEN[len(content) % len(BROKEN)]
    if kind == 'crash':
        os.abort()
    if kind == 'timeout':
        time.sleep(1000)
    if kind == 'memory':
        return bytearray(2**40)
    if kind == 'untyped':
        raise IndexError('list index out of range')
    return kind


BROKEN = ('crash', 'timeout', 'memory', 'untyped', 'label')


def test_every_misfit_is_noticed_and_survived():
    kinds = [BROKEN[len(make_mutant('midi', SEED, number).content) % len(BROKEN)] for number in range(100)]
    numbers = [kinds.index(kind) for kind in BROKEN]
    tally = Tally('midi')
    for mutant, found in fuzz('midi', numbers, SEED, give=broken_reader, seconds=5.0):
        assert mutant == make_mutant('midi', SEED, found.number)
        assert found.outcome == kinds[found.number]
        tally.add(found)
    assert [misfit.outcome for misfit in tally.misfits] == [*BROKEN[:-1]]
    assert tally.misfits[3].error == 'IndexError: list index out of range'
    row = tally.row()
    assert [row[column] for column in ('mutants', 'label', 'timeouts', 'crashes', 'out of memory', 'untyped')] == [
        5, 1, 1, 1, 1, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    'wrong',
    [
        {'label': 'Kazoo'},
        {'label': None},
        {'status': None},
        {'Guitar': math.nan},
        {'Guitar': 1.5},
        {'Guitar': -0.1},
        {'Guitar': 0.5},
    ],
)
def test_an_answer_that_is_none_is_noticed(wrong, monkeypatch):
    row = {'label': 'Guitar', 'status': 'ok'} | dict.fromkeys(CLASSES, 0.125)
    monkeypatch.setattr(oracle.LabelQuery, 'of_parts', lambda *_: [row])
    assert oracle.outcome_of_parts([]) == 'label'
    monkeypatch.setattr(oracle.LabelQuery, 'of_parts', lambda *_: [row | wrong])
    with pytest.raises(oracle.BrokenPromise):
        oracle.outcome_of_parts([])


def test_an_error_without_a_sentence_is_noticed(monkeypatch, tmp_path):
    def refuse(name):
        raise UnreadableError(f'{name}: bad')

    monkeypatch.setattr(oracle, 'read_parts', refuse)
    with pytest.raises(oracle.BrokenPromise, match='UnreadableError without a sentence'):
        oracle.outcome_of_file(tmp_path / 'a.mid')
