"""Count the notes of a file by our readers and by independent ones: mido, partitura, verovio.

What is counted are notes that sound: a tied one once, no grace notes, no drums. Each file is counted in a process of
its own, with a limit of time, so that a reader that hangs or crashes is a line of the table.
"""

import json
import multiprocessing
import sys
import tempfile
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import mido
from tqdm import tqdm

from music21_kdic.reading.files import read_parts
from music21_kdic.reading.general_midi import DRUM_CHANNEL

Count = int | str  # of notes, or why there is none
LONGEST_ERROR = 100  # characters


def count_here(path: str) -> int:
    """Count by our own readers."""
    return sum(len(part.notes) for part in read_parts(path))


def count_by_mido(path: str) -> int:
    """Count the notes of a MIDI file that begin and end later."""
    notes = 0
    for track in mido.MidiFile(path, clip=True).tracks:
        now = 0
        sounding: dict[tuple[int, int], deque[int]] = defaultdict(deque)
        for message in track:
            now += message.time
            if message.type == 'note_on' and message.velocity and message.channel != DRUM_CHANNEL:
                sounding[message.channel, message.note].append(now)
            elif message.type in ('note_on', 'note_off') and sounding[message.channel, message.note]:
                notes += now > sounding[message.channel, message.note].popleft()
    return notes


def count_by_partitura(path: str) -> int:
    """Count the notes of a score."""
    sys.modules['fluidsynth'] = None  # type: ignore[assignment]  # with it, partitura downloads a soundfont
    import partitura

    parts = partitura.load_score(path).parts
    return int(sum((part.note_array()['duration_div'] > 0).sum() for part in parts if len(part.notes)))


def count_as_mei(path: str) -> int:
    """Count by our own reader of MEI, of the MEI that verovio writes of a MusicXML score."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    if not toolkit.loadFile(path):
        raise ValueError('verovio cannot read it')
    with tempfile.NamedTemporaryFile('w', suffix='.mei', encoding='utf-8') as file:
        file.write(toolkit.getMEI())
        file.flush()
        return count_here(file.name)


READERS: Mapping[str, Callable[[str], int]] = {
    'here': count_here,
    'here, as MEI': count_as_mei,
    'mido': count_by_mido,
    'partitura': count_by_partitura,
}


def count_all(files: Mapping[str, Path], readers: Sequence[str], store: Path, seconds: float) -> dict[str, list[Count]]:
    """Count each file by each of some READERS; counts that are stored are taken from there.

    Args:
        files: where each file is, by its name.
        readers: names of READERS.
        store: JSON lines, to which each count is added as soon as it is made.
        seconds: the longest that a reader may take for a file.

    Returns:
        For each file its counts, in the order of the readers.
    """
    stored: dict[tuple[str, str], Count] = {}
    if store.exists():
        for line in store.read_text(encoding='utf-8').splitlines():
            row = json.loads(line)
            stored[row['file'], row['reader']] = row['count']
    with store.open('a', encoding='utf-8') as lines:
        for name, path in tqdm(files.items(), unit='file', disable=None):
            for reader in readers:
                if (name, reader) not in stored:
                    stored[name, reader] = _in_a_process(reader, str(path), seconds)
                    row = {'file': name, 'reader': reader, 'count': stored[name, reader]}
                    lines.write(json.dumps(row) + '\n')
                    lines.flush()
    return {name: [stored[name, reader] for reader in readers] for name in files}


def _in_a_process(reader: str, path: str, seconds: float) -> Count:
    context = multiprocessing.get_context('fork')
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send_count, args=(reader, path, theirs))
    process.start()
    theirs.close()
    try:
        count: Count = ours.recv() if ours.poll(seconds) else f'takes more than {seconds:g} s'
    except EOFError:
        count = 'crashes'
    process.kill()
    process.join()
    return count


def _send_count(reader: str, path: str, answer: Connection) -> None:
    warnings.simplefilter('ignore')
    sys.stdout = sys.stderr = open('/dev/null', 'w', encoding='utf-8')  # noqa: SIM115 - the process ends with it
    try:
        count: Count = READERS[reader](path)
    except Exception as error:  # other readers raise what they like
        count = f'{type(error).__name__}: {error}'.replace(path, Path(path).name)[:LONGEST_ERROR]
    answer.send(count)
