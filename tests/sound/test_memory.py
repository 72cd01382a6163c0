"""A long recording needs no more memory than a short one; in a process of its own, so that nothing else is counted."""

import json
import subprocess
import sys

import numpy as np
import soundfile

# Networks that cost nothing: what they cost does not depend on the length, and is in the benchmark.
LISTEN = """
import json, resource, sys
from types import SimpleNamespace
import numpy as np
from music21_kdic.sound import activity

networks = SimpleNamespace(
    path='none',
    contract=SimpleNamespace(sure=np.full(8, 0.9)),
    masks=lambda mixture: np.broadcast_to(np.float32(0.1), (len(mixture), 10, 512, 128)),
    log_odds=lambda stems: np.ones((len(stems), 8, 16)),
)
activity.load_sound_model = lambda path: networks
found = activity.listen(sys.argv[1])
unit = 1 if sys.platform == 'darwin' else 1024  # bytes
peak = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([found.seconds, len(found.times), found.spans('Bass')[0].end, peak]))
"""

# By way of a small process: a child's peak begins with that of the process that starts it.
BY_A_SMALL_ONE = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True)"


def test_an_hour_needs_less_than_500_mib(tmp_path):
    path = tmp_path / 'hour.flac'
    minute = np.tile(np.sin(2 * np.pi * 440 * np.arange(16000) / 16000) / 2, 60)
    with soundfile.SoundFile(path, 'w', 16000, 1) as file:
        for _ in range(60):
            file.write(minute)
    done = subprocess.run(
        [sys.executable, '-c', BY_A_SMALL_ONE, LISTEN, path], capture_output=True, text=True, check=True
    )
    path.unlink()  # pytest keeps the folders of some runs
    seconds, steps, end, peak = json.loads(done.stdout)
    assert (seconds, steps, end) == (3600, 4800, 3600)
    assert peak < 500 * 2**20
