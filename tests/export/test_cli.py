import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from export.cli import FOLDERS, find_verbs, main

DOCS = Path(__file__).parents[2] / 'docs'


def test_a_verb_is_called_as_its_module_is():
    verbs = find_verbs()
    assert verbs['note-store'].module == 'export.data.note_store'
    assert verbs['report'].module == 'export.studies.report'
    assert {verb.module.split('.')[1] for verb in verbs.values()} == set(FOLDERS)


def test_the_page_names_every_verb():
    page = (DOCS / 'training.md').read_text(encoding='utf-8')
    assert [name for name in find_verbs() if not re.search(f'(`|export ){name}\\b', page)] == []


def test_help_imports_no_verb():
    script = """
import json, sys
from export.cli import main
try:
    main(['--help'])
except SystemExit:
    print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert 'Knowledge Distillation' in done.stdout
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded.isdisjoint({'torch', 'librosa', 'sklearn', *(verb.module for verb in find_verbs().values())})


def test_a_verb_that_there_is_not_is_named(capsys):
    with pytest.raises(SystemExit) as stop:
        main(['bake'])
    assert stop.value.code == 2
    assert "invalid choice: 'bake'" in capsys.readouterr().err
