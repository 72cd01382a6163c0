"""What commands cost from start to end: memory over many small files, time and memory of listening."""

import io
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mido
import numpy as np
import soundfile
from tabulate import tabulate

SMALL_FILES = (1_000, 10_000)
RECORDING_SECONDS = (120, 3600)
_PEAK_OF_CHILDREN = """
import resource, subprocess, sys
subprocess.run([sys.executable, '-m', 'music21_kdic', *sys.argv[1:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def clock() -> float:
    """CPU seconds of this process and of those that it has started and seen end."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def memory(model_path: str | None) -> str:
    """The largest process of the command over many small files; how many must not matter."""
    sizes: list[tuple[str, int]] = []
    for count in SMALL_FILES:
        with tempfile.TemporaryDirectory() as folder:
            inside = Path(folder) / 'files'
            inside.mkdir()
            content = _small_file()
            for number in range(count):
                (inside / f'{number:06d}.mid').write_bytes(content)
            command = ['label', str(inside), '-o', str(Path(folder) / 'table.csv'), '--jobs', '1']
            command += ['--model', model_path] if model_path else []
            size = _peak(command)
            sizes.append((f'{count:,} small files', size))
    cells = [(what, f'{size / 2**20:.0f}', f'{size / sizes[0][1]:.3f}') for what, size in sizes]
    return str(tabulate(cells, ('label, largest process', 'peak MiB', 'ratio'), tablefmt='github'))


def _peak(command: list[str]) -> int:
    """Bytes of the largest process of the command."""
    # By way of a small process: a child's peak begins with that of the process that starts it.
    done = subprocess.run(
        [sys.executable, '-c', _PEAK_OF_CHILDREN, *command], capture_output=True, text=True, check=True
    )
    # In kilobytes; in bytes on macOS.
    return int(done.stdout.splitlines()[-1]) * (1 if sys.platform == 'darwin' else 1024)


def listening(sound_model: str | None) -> str:
    """How many times real time recordings are listened to, and in how much memory; their length must not matter."""
    cells, first = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for seconds in RECORDING_SECONDS:
            path = Path(folder) / f'{seconds}.flac'
            _write_recording(path, seconds)
            command = ['listen', str(path), '-o', str(path.with_suffix('.csv')), '--jobs', '1', '--timeout', '10000']
            command += ['--model', sound_model] if sound_model else []
            begin = clock()
            size = _peak(command)
            taken = clock() - begin
            first = first or size
            cells.append((f'{seconds:,} s', f'{seconds / taken:.1f}', f'{size / 2**20:.0f}', f'{size / first:.3f}'))
    head = ('listen, from start to end', 'times real time, one core', 'peak MiB', 'ratio')
    return str(tabulate(cells, head, tablefmt='github', disable_numparse=True))


def _write_recording(path: Path, seconds: int) -> None:
    """Stereo of 44,100 samples a second: what sounds in it does not change what it costs."""
    rng = np.random.default_rng(0)
    second = rng.normal(0, 0.1, (44_100, 2))
    with soundfile.SoundFile(path, 'w', 44_100, 2) as file:
        for _ in range(seconds):
            file.write(second)


def _small_file() -> bytes:
    track = mido.MidiTrack()
    for number in range(16):
        track.append(mido.Message('note_on', note=60 + number % 5, velocity=64))
        track.append(mido.Message('note_off', note=60 + number % 5, time=96))
    file = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=96, tracks=[track]).save(file=file)
    return file.getvalue()
