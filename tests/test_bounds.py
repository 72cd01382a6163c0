"""Files that ask for too much: each gets its row, through the verb and its worker."""

import os
from dataclasses import replace

import pytest

from music21_kdic import KdicError, Scorer, UnreadableError, instrument_likelihood, label, rank
from music21_kdic.reading.content import MAX_BYTES, read_content
from music21_kdic.reading.streams import note_sequence
from tests.fuzz.extremes import END, EXTREMES, NOTES, midi, write

GENEROUS = 600.0  # seconds: catches what hangs, whatever else the machine does

# For each the statuses of its rows, how many windows they have in all, and how the error goes on.
WANTED = {
    'a note a year long': ('unreadable', None, 'more than 100000 bars'),
    'a tempo of 0': ('ok', 1, ''),
    '65,535 tracks, notes in each 16th': ('ok', 4096, ''),
    '10 million notes': ('unreadable', None, '10000000 notes in one file: at most 2000000 are read'),
    '2 million notes': ('ok', 5209, ''),  # of two ticks each, 96 a quarter: 41,667 quarters, the last 8 one window
    '400 parts of 80,000 bars': ('unreadable', None, '400 parts of 80049 bars'),
    'a meter of 255/128': ('ok', 1, ''),
    'a meter of 4/2**255': ('unreadable', None, 'a meter of 4/0'),
    'a meter of 4/2**32': ('unreadable', None, 'a meter whose denominator is more than 128'),
    '8 million meters': ('unreadable', None, '8388595 changes of meter: at most 100000 bars are read'),
    '9 million tempos': ('ok', 1, ''),
    'a running status that never ends': ('unreadable', None, 'more than 2000000 events in a damaged MIDI file'),
    '8 million programs': ('ok', 1, ''),
    '16 million notes begun, none ended': ('empty', None, ''),
    '16 million changes of channel': ('ok', 1, ''),
    'delta times beyond 32 bits': ('unreadable', None, 'more than 2147483647 ticks long'),
    '8 hours': ('ok', 7200, ''),  # at 120 beats a minute, in 4/4: 14,400 bars
    'a division of 0': ('unreadable', None, '0 ticks a quarter note, wanted at least 1'),
    'a division in SMPTE frames': ('unreadable', None, 'a division in SMPTE frames, wanted ticks'),
    'a file of type 2': ('unreadable', None, 'type 2, whose 2 tracks are pieces of their own, wanted type 0 or 1'),
    'a name of 64 MiB': ('ok', 1, ''),
    'a file of more than 64 MiB': ('unreadable', None, f'{MAX_BYTES + 39} bytes, at most {MAX_BYTES} are read'),
    'a zip bomb': ('unreadable', None, f'unpacks to more than {MAX_BYTES} bytes'),
    'a billion laughs': ('unreadable', None, "declares the entity 'e0', which no score needs"),
    'elements 100,000 deep': ('unreadable', None, 'it cannot be read'),
}


def test_every_extreme_has_its_wanted_answer():
    assert {'65,535 tracks', *WANTED} == {*EXTREMES}  # that one is measured by hand


@pytest.mark.parametrize('name', WANTED)
def test_a_file_that_asks_for_too_much_is_a_row(name, tmp_path):
    status, windows, error = WANTED[name]
    path = write(name, tmp_path)
    rows = label(path, jobs=1, timeout=GENEROUS)
    path.unlink()  # pytest keeps the folders of some runs
    assert {row['status'] for row in rows} == {status}
    assert (rows[0]['error'] or '').startswith(error)
    assert sum(row['windows'] for row in rows if row['windows']) == (windows or 0)
    assert max(len(str(cell)) for row in rows for cell in row.values()) <= 1000


def test_a_tempo_of_0_changes_nothing(tmp_path):
    """Tempo is not read by the model, so the two notes get the answer that they get without it."""
    (tmp_path / 'plain.mid').write_bytes(midi(NOTES + END))
    plain, odd = label([tmp_path / 'plain.mid', write('a tempo of 0', tmp_path)], jobs=1)
    assert replace(plain, path='') == replace(odd, path='')


@pytest.mark.parametrize(
    'change',
    [
        lambda path, content: path.write_bytes(content[:10]),
        lambda path, content: path.write_bytes(content * 2),
        lambda path, content: path.write_bytes(b''),
        lambda path, content: os.utime(path, (1, 1)),
    ],
    ids=['cut', 'grown', 'emptied', 'touched'],
)
def test_a_file_that_changes_while_it_is_read_is_refused(change, tmp_path, monkeypatch):
    path = tmp_path / 'a.mid'
    content = midi(NOTES + END)
    path.write_bytes(content)
    assert read_content(path) == content
    looked_at = []
    look = os.fstat

    def look_and_change(descriptor):
        found = look(descriptor)
        if not looked_at:
            change(path, content)
        looked_at.append(found)
        return found

    monkeypatch.setattr(os, 'fstat', look_and_change)
    with pytest.raises(UnreadableError, match=r'a.mid: it changed while it was read \(\d+ bytes at first, \d+ read\)'):
        read_content(path)
    assert len(looked_at) == 2


LONG = list(range(100_000))


@pytest.mark.parametrize(
    'ask',
    [
        lambda: Scorer(LONG),
        lambda: Scorer('x' * 100_000),
        lambda: Scorer({'Guitar': LONG}),
        lambda: Scorer('Guitar', priors=LONG),
        lambda: Scorer('Guitar', priors=dict.fromkeys(LONG, 1.0)),
        lambda: Scorer('Guitar', meter=LONG),
        lambda: Scorer('Guitar', tempo=LONG),
        lambda: Scorer('Guitar', ticks=LONG),
        lambda: Scorer('Guitar')([set(LONG)]),
        lambda: rank([set(LONG)]),
        lambda: rank([], top=LONG),
        lambda: label([], min_confidence=LONG),
        lambda: label([], jobs=LONG),
        lambda: instrument_likelihood(LONG),
        lambda: instrument_likelihood([(0, 1, 60), (1, 1, 62)])['x' * 100_000],
        lambda: instrument_likelihood([(0, 1, 60), (1, 1, 62)]).explain(player=LONG),
        lambda: instrument_likelihood([(0, 1, 60), (1, 1, 62)]).explain(player='x' * 100_000),
        lambda: note_sequence(LONG),
    ],
)
def test_an_error_shows_the_beginning_of_what_is_long(ask):
    with pytest.raises((KdicError, TypeError, KeyError)) as raised:
        ask()
    assert '...' in str(raised.value)
    assert len(str(raised.value)) < 500
