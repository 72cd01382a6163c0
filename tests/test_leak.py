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
    'MIDI': lambda i: classify([part.notes for part in parse_midi(content, 'song.mid').parts], load_model()),
}
calls, points = int(sys.argv[2]), 10
found = {}
for name, call in ways.items():
    for i in range(1000):
        call(i)
    sizes = []
    for point in range(points + 1):
        gc.collect()
        sizes.append(process.memory_info().rss)
        for i in range(calls // points if point < points else 0):
            call(1000 + point * calls // points + i)
    found[name] = sizes
print(json.dumps(found))
"""


def test_no_leak_over_ten_thousand_calls(write_midi, midi_note):
    """In a process of its own, 3,400 calls by each of three ways after 1,000 to warm up.

    What leaks grows from each tenth to the next; an allocator that takes another arena does so once. A result that is
    kept would be 1 kB a call. With ten thousand by each way nothing grew after the first tenth (2026-11-20).
    """
    path = write_midi([[event for i in range(16) for event in midi_note(i * 48, i * 48 + 48, 40 + i)]])
    done = subprocess.run(
        [sys.executable, '-c', LEAK, str(path), '3400'],
        check=False,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {'fresh streams', 'the same stream', 'MIDI'}
    for name, sizes in found.items():
        assert np.median(np.diff(sizes)) < 100 * 340, f'{name}: more and more, {sizes}'
        assert sizes[-1] - sizes[0] < 600 * 3400, f'{name}: too much more, {sizes}'
