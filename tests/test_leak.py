"""Memory does not grow with the calls; in a process of its own, so that other tests' memory does not matter."""

import json
import subprocess
import sys

import numpy as np

LEAK = """
import gc, json, os, sys
import psutil
import music21_kdic
from music21 import note, stream
from music21_kdic.answers.classify import classify
from music21_kdic.reading.midi import parse_midi
from music21_kdic.model.session import load_model

process = psutil.Process()
content = open(sys.argv[1], 'rb').read()
kept = stream.Part([note.Note(60 + i % 12) for i in range(16)])

def fresh(i):
    return stream.Part([note.Note(40 + (i + j) % 40, quarterLength=1 + (i + j) % 3) for j in range(8)])

ways = {
    'fresh streams': lambda i: fresh(i).instrumentLikelihood(),
    'the same stream': lambda i: kept.instrumentLikelihood(),
    'MIDI': lambda i: classify([part.notes for part in parse_midi(content, 'song.mid')], load_model()),
}
warm_up, tenth = map(int, sys.argv[2:])
found = {}
for name, call in ways.items():
    for i in range(warm_up):
        call(i)
    sizes, blocks = [], []
    for point in range(11):
        gc.collect()
        sizes.append(process.memory_info().rss)
        blocks.append(sys.getallocatedblocks())
        for i in range(tenth if point < 10 else 0):
            call(warm_up + point * tenth + i)
    found[name] = sizes, blocks
print(json.dumps(found))
"""
WARM_UP, TENTH = 200, 50  # calls


def test_no_leak_over_five_hundred_calls(write_midi, midi_note):
    """In a process of its own, by each of three ways.

    What leaks grows from each tenth to the next; an allocator that takes another arena does so once. Python's own
    blocks are counted, so one object that is kept of every other call is noticed; a result that is kept would be
    1 kB a call. With ten thousand by each way nothing grew after the first tenth (2026-11-20).
    """
    path = write_midi([[event for i in range(16) for event in midi_note(i * 48, i * 48 + 48, 40 + i)]])
    done = subprocess.run(
        [sys.executable, '-c', LEAK, str(path), str(WARM_UP), str(TENTH)],
        check=False,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {'fresh streams', 'the same stream', 'MIDI'}
    for name, (sizes, blocks) in found.items():
        assert np.median(np.diff(blocks)) < TENTH / 2, f'{name}: more and more objects, {blocks}'
        assert np.median(np.diff(sizes)) < 300 * TENTH, f'{name}: more and more, {sizes}'
        assert sizes[-1] - sizes[0] < 2 * 2**20, f'{name}: too much more, {sizes}'
