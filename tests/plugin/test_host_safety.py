"""What a program that hosts this package relies on: nothing of ours in its objects, same answers, no deadlock."""

import concurrent.futures
import copy
import multiprocessing
import pickle
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from music21 import corpus, freezeThaw

import music21_kdic
from music21_kdic import NoteSequence, Scorer
from music21_kdic.answers.classify import classify
from music21_kdic.features.windows import Windows, cut_windows
from music21_kdic.model import session as model_module
from music21_kdic.model.checks import SHIPPED, SOUND
from music21_kdic.model.contract import Contract
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.streams import note_sequence
from music21_kdic.sound.networks import load_sound_model

HANG = 120  # seconds: nothing here is timed, but a deadlock must not stop the tests


@pytest.fixture(scope='module')
def chorale():
    return corpus.parse('bwv66.6')


@pytest.fixture(scope='module')
def wanted(chorale):
    """The answers of this thread in this process, to the bit."""
    return chorale.instrumentLikelihood().matrix.tolist()


@pytest.fixture
def restored():
    yield
    music21_kdic.register()


@pytest.fixture
def untraced_threads():
    """Coverage traces a thread under a lock of its own, for which a child made by fork would wait for ever."""
    trace = threading.gettrace()
    threading.settrace(None)
    yield
    threading.settrace(trace)


def ask(s):
    return s.instrumentLikelihood().matrix.tolist()


def test_registering_and_unregistering_while_results_are_in_use(chorale, wanted, restored):
    answer = chorale.instrumentLikelihood()
    method = chorale.instrumentLikelihood
    music21_kdic.register()
    music21_kdic.unregister()
    assert answer.matrix.tolist() == wanted
    assert answer[0].best == method()[0].best
    assert answer.to_pandas().shape == (4, 12)
    assert not hasattr(chorale, 'instrumentLikelihood')
    assert music21_kdic.instrument_likelihood(chorale).matrix.tolist() == wanted
    music21_kdic.register()
    assert ask(chorale) == wanted


def test_threads_that_register_and_ask_at_once(chorale, wanted, restored):
    """Whoever asks while the method is away gets an AttributeError, and nothing else."""
    stop = threading.Event()

    def register_and_not():
        while not stop.is_set():
            music21_kdic.unregister()
            music21_kdic.register()

    busy = threading.Thread(target=register_and_not)
    busy.start()
    answers, refusals = [], []
    try:
        while len(answers) < 10:
            try:
                answers.append(ask(chorale))
            except AttributeError as error:
                refusals.append(str(error))
    finally:
        stop.set()
        busy.join(HANG)
    assert not busy.is_alive()
    assert answers == [wanted] * 10
    assert all("'Score' object has no attribute 'instrumentLikelihood'" in refusal for refusal in refusals)


def test_a_reloaded_package_gives_the_same_answers():
    """In a process of its own: reloading makes other classes of the same name."""
    script = """
import importlib, sys
import music21_kdic
from music21 import corpus
part = corpus.parse('bwv66.6').parts[0]
first = part.instrumentLikelihood()
for name in sorted(name for name in sys.modules if name.startswith('music21_kdic')):
    importlib.reload(sys.modules[name])
again = part.instrumentLikelihood()
assert music21_kdic.is_registered()
assert again.probabilities.tolist() == first.probabilities.tolist()
assert first.ranked() == again.ranked()
for name in [name for name in sys.modules if name.startswith('music21_kdic')]:
    del sys.modules[name]
import music21_kdic
assert music21_kdic.is_registered()
assert part.instrumentLikelihood().probabilities.tolist() == first.probabilities.tolist()
print('same')
"""
    done = subprocess.run([sys.executable, '-c', script], check=False, capture_output=True, text=True, timeout=HANG)
    assert done.stdout == 'same\n', done.stderr


def test_a_stream_carries_nothing_of_ours(chorale, wanted):
    assert ask(chorale) == wanted
    assert b'kdic' not in pickle.dumps(chorale.parts[0])
    for s in chorale.recurse(includeSelf=True):
        assert not [name for name in vars(s) if 'likelihood' in name.lower() or 'kdic' in name.lower()]


def test_streams_that_were_copied_pickled_or_frozen_give_the_same_answers(chorale, wanted):
    before = ask(chorale)
    freezer = freezeThaw.StreamFreezer(copy.deepcopy(chorale))
    thawer = freezeThaw.StreamThawer()
    thawer.openStr(freezer.writeStr())
    for other in (copy.deepcopy(chorale), pickle.loads(pickle.dumps(chorale)), thawer.stream):
        assert other is not chorale
        assert ask(other) == before == wanted


@pytest.fixture(scope='module')
def results(chorale):
    """One of each kind of result, by name."""
    notes = note_sequence(chorale.parts[0])
    scorer = Scorer(like='Bass')
    answers = chorale.instrumentLikelihood()
    return {
        'InstrumentLikelihood': answers[0],
        'ScoreLikelihood': answers,
        'Likeness': scorer(notes),
        'NoteSequence': notes,
        'Windows': cut_windows(notes),
        'Scorer': scorer,
        'Model': load_model(),
        'Contract': load_model().contract,
        'Batch': music21_kdic.label('corpus:bwv66.6', jobs=1, quiet=True),
    }


def said(result):
    """What a result says, as plain values."""
    if isinstance(result, Scorer):
        return result(note_sequence(corpus.parse('bwv66.6').parts[3]))
    if isinstance(result, Model):
        return classify([note_sequence(corpus.parse('bwv66.6').parts[3])], result)[0].to_dict()
    if hasattr(result, 'to_dict'):
        return result.to_dict()
    if isinstance(result, NoteSequence | Windows | Contract):
        return {name: plain(getattr(result, name)) for name in result.__dataclass_fields__}
    return list(result) if hasattr(result, '__len__') else result


def plain(value):
    """Arrays, and tuples and dictionaries of them, as lists."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return [(key, plain(one)) for key, one in value.items()]
    return [plain(one) for one in value] if isinstance(value, tuple) else value


WAYS = {
    'copy': copy.copy,
    'deepcopy': copy.deepcopy,
    **{
        f'pickle {protocol}': lambda result, protocol=protocol: pickle.loads(pickle.dumps(result, protocol))
        for protocol in (2, pickle.HIGHEST_PROTOCOL)
    },
}


@pytest.mark.parametrize('way', WAYS)
def test_results_can_be_copied_and_pickled(way, results):
    for name, result in results.items():
        other = WAYS[way](result)
        assert type(other) is type(result), name
        assert said(other) == said(result), name


@pytest.mark.parametrize('way', ['itself', *WAYS])
def test_what_is_frozen_cannot_be_changed_by_accident(way, results):
    for name, fields in {
        'InstrumentLikelihood': ('probabilities', 'matrix', 'offsets'),
        'NoteSequence': ('onsets', 'ends', 'pitches', 'bars'),
    }.items():
        result = WAYS[way](results[name]) if way != 'itself' else results[name]
        for field in fields:
            with pytest.raises(ValueError, match='read-only'):
                getattr(result, field)[0] = 0


def test_what_a_model_says_of_itself_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match='read-only'):
        load_model().contract.priors[0] = 1


def test_what_is_handed_out_is_the_users_to_change(results):
    answer = results['InstrumentLikelihood']
    before = said(answer)
    table = answer.to_pandas()
    table.iloc[0, 0] = 7
    answer.ranked().clear()
    answer.to_dict()['likelihoods'].clear()
    assert said(answer) == before


def test_a_model_is_pickled_by_its_path(tmp_path):
    path = shutil.copytree(SHIPPED, tmp_path / 'other')
    other = pickle.loads(pickle.dumps(load_model(path)))
    assert other is load_model(path)
    assert other is not load_model()
    assert copy.deepcopy(load_model()) is load_model()
    assert str(path).encode() in pickle.dumps(other)
    assert str(SHIPPED).encode() not in pickle.dumps(load_model())  # it may lie elsewhere where it is read
    content = pickle.dumps(other)
    shutil.rmtree(path)
    model_module._loaded.clear()
    with pytest.raises(music21_kdic.ModelError, match='cannot be opened'):
        pickle.loads(content)


def in_threads(work, each):
    """Run ``work`` on each in a thread of its own, all at once, and return what they return."""
    with concurrent.futures.ThreadPoolExecutor(len(each)) as pool:
        barrier = threading.Barrier(len(each))
        return list(pool.map(lambda one: (barrier.wait(HANG), work(one))[1], each, timeout=HANG))


def test_threads_on_the_same_stream_and_on_different_ones(chorale, wanted):
    different = [copy.deepcopy(chorale) for _ in range(6)]
    for streams in ([chorale] * 6, different):
        assert in_threads(ask, streams) == [wanted] * 6


@pytest.mark.parametrize(('load', 'shipped'), [(load_model, SHIPPED), (load_sound_model, SOUND)])
def test_threads_load_a_model_once(load, shipped, tmp_path):
    """Each of the threads finds that nobody has loaded it yet."""
    path = shutil.copytree(shipped, tmp_path / 'other')
    loaded = in_threads(load, [path] * 8)
    assert all(one is loaded[0] for one in loaded)


@pytest.mark.parametrize('method', ['spawn', 'fork', 'forkserver'])
def test_processes_give_the_same_answers(method, chorale, wanted):
    """The model is loaded here already: a forked child inherits it."""
    assert ask(chorale) == wanted
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(ask, [chorale] * 4, timeout=HANG)) == [wanted] * 4
        scorer = Scorer(like='Bass')
        parts = list(chorale.parts)
        assert list(pool.map(scorer, parts, timeout=HANG)) == [scorer(part) for part in parts]


def forked(work):
    """Run ``work`` in a child made by fork now, and return what it returns."""
    context = multiprocessing.get_context('fork')
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=lambda: there.send(work()))
    child.start()
    try:
        assert here.poll(HANG), 'the child hangs'
        return here.recv()
    finally:
        child.kill()
        child.join()


@pytest.mark.usefixtures('untraced_threads')
def test_a_fork_while_another_thread_loads_a_model(tmp_path, chorale, wanted, monkeypatch):
    """The child has no such thread, and would wait for ever for what it holds. So the fork waits for the thread."""
    path = shutil.copytree(SHIPPED, tmp_path / 'other')
    loading, go_on = threading.Event(), threading.Event()
    opening = model_module.Model.__init__

    def slowly(self, *given):
        loading.set()
        assert go_on.wait(HANG)
        opening(self, *given)

    monkeypatch.setattr(model_module.Model, '__init__', slowly)
    thread = threading.Thread(target=load_model, args=(path,))
    thread.start()
    assert loading.wait(HANG)
    threading.Timer(0.5, go_on.set).start()
    assert forked(lambda: (ask(chorale), load_model(path).contract.classes)) == (wanted, music21_kdic.CLASSES)
    thread.join(HANG)
    assert not thread.is_alive()
    assert load_model(path).path == path


@pytest.mark.usefixtures('untraced_threads')
def test_forks_while_other_threads_run_the_model(chorale, wanted):
    """Whatever lock the network's runtime holds at that moment, nobody lets go of it in the child."""
    stop = threading.Event()

    def run():
        part = copy.deepcopy(chorale)
        while not stop.is_set():
            ask(part)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert [forked(lambda: ask(chorale)) for _ in range(10)] == [wanted] * 10
    finally:
        stop.set()
        for thread in threads:
            thread.join(HANG)
