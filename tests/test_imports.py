"""What an import brings along, asked in a fresh interpreter."""

import json
import subprocess
import sys

import pytest

HEAVY = ['torch', 'librosa', 'pretty_midi', 'export', 'onnxruntime', 'pandas', 'sklearn']


def modules_after(code):
    script = f'{code}\nimport json, sys\nprint(json.dumps(sorted({{m.split(".")[0] for m in sys.modules}})))'
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_import_is_light():
    assert modules_after('import music21_kdic').isdisjoint({*HEAVY, 'numpy', 'music21'})
    assert modules_after('import music21_kdic, music21').isdisjoint(HEAVY)


@pytest.mark.parametrize(
    'order',
    [
        'import music21_kdic; from music21 import stream',
        'from music21 import stream; import music21_kdic',
        'import music21_kdic.plugin.method; from music21 import stream',
        'import music21_kdic.reading.streams; from music21 import stream',
        'import music21_kdic, importlib.util; importlib.util.find_spec("music21"); from music21 import stream',
    ],
)
def test_the_method_is_there_whichever_is_imported_first(order):
    script = f"""
{order}
import importlib.util, music21, sys
print(stream.Part().instrumentLikelihood().status, music21_kdic.is_registered())
finders = [type(finder).__module__ for finder in sys.meta_path]
print(type(music21.__spec__.loader).__module__, [module for module in finders if 'kdic' in module])
importlib.reload(music21)
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ['empty True', '_frozen_importlib_external []']


def test_what_is_asked_of_the_loader_of_music21_before_it_is_imported():
    script = """
import copy, importlib.util, pkgutil, sys
import music21_kdic
spec = copy.copy(importlib.util.find_spec('music21'))
loader = copy.copy(spec.loader)
print(loader.get_source('music21') == open(spec.origin, encoding='utf-8').read(), loader.is_package('music21'))
print(hasattr(loader, 'get_nothing'), 'music21' in sys.modules)
print(len(pkgutil.get_data('music21', '__init__.py')) > 0, music21_kdic.is_registered())
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ['True True', 'False False', 'True True']


def test_a_music21_that_is_too_old_can_still_be_imported(tmp_path):
    """A music21 of another version, made here: its import warns, and goes on."""
    (tmp_path / 'music21').mkdir()
    (tmp_path / 'music21' / '__init__.py').write_text('__version__ = "8.3.0"')
    script = f"""
import sys, warnings
sys.path.insert(0, {str(tmp_path)!r})
import music21_kdic
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import music21
print(music21.__version__, [str(w.message) for w in caught])
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith('8.3.0')
    assert 'was not added to music21: music21 8.3.0: wanted 9.1 or newer' in done.stdout


def test_help_waits_for_nothing_heavy_and_neither_do_files_that_workers_read():
    loaded = modules_after("""
import music21_kdic.collection.audit, music21_kdic.collection.label
from music21_kdic.cli import main
for verb in ([], ['label'], ['rank'], ['audit'], ['tag'], ['listen'], ['report'], ['serve']):
    try:
        main([*verb, '--help'])
    except SystemExit:
        pass
""")
    assert loaded.isdisjoint(
        {*HEAVY, 'numpy', 'music21', 'rich', 'tqdm', 'symusic', 'distributed', 'jinja2', 'soundfile', 'starlette'}
    )


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


def test_a_worker_has_music21_for_what_it_reads_and_for_nothing_else(tmp_path):
    names = {
        'song.mid': b'MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0',
        'tune.abc': b'X:1\nK:C\nCDEF|GABc|',
        'score.mei': b'<mei xmlns="http://www.music-encoding.org/ns/mei"/>',
        'song.txt': b'no music',
    }
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    script = f"""
import sys
from music21_kdic.collection.label import LabelQuery
query = LabelQuery()
for name in {[str(tmp_path / name) for name in names]}:
    query.answer(name)
    print(query.needs_music21(name), 'music21' in sys.modules)
for name in ('score.krn', 'score.MusicXML', 'score.mxl', 'score.xml', 'corpus:bwv66.6', 'corpus:tune.abc'):
    print(query.needs_music21(name))
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ['False False'] * 4 + ['True'] * 6
