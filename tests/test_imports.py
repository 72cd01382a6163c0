"""What an import brings along, asked in a fresh interpreter."""

import json
import subprocess
import sys

HEAVY = ['torch', 'librosa', 'pretty_midi', 'export', 'onnxruntime', 'pandas', 'sklearn']


def modules_after(code):
    script = f'{code}\nimport json, sys\nprint(json.dumps(sorted({{m.split(".")[0] for m in sys.modules}})))'
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_import_is_light():
    loaded = modules_after('import music21_kdic')
    assert 'music21' in loaded
    assert loaded.isdisjoint(HEAVY)


def test_no_use_of_the_package_needs_the_training_road():
    everything = """
import pkgutil, importlib, music21_kdic
for module in pkgutil.walk_packages(music21_kdic.__path__, 'music21_kdic.'):
    if not module.name.endswith('__main__'):
        importlib.import_module(module.name)
from music21 import converter
part = converter.parse('tinynotation: 4/4 c4 d e f g a b c')
part.instrumentLikelihood().to_dict()
"""
    loaded = modules_after(everything)
    assert 'onnxruntime' in loaded
    assert loaded.isdisjoint({'torch', 'librosa', 'pretty_midi', 'export'})
