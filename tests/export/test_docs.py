"""What the documents say of other files: paths that are there, works that are listed, one version."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import music21_kdic

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]
FILE = re.compile(r'`((?:music21_kdic|export|tests|docs)/[\w./-]*)`')
MEMBERS = re.compile(r'^ +members: \[(.*)\]$', re.MULTILINE)
CITED = re.compile(r'\b([A-Z][a-z]+)(?: et al\.| and [A-Z][a-z]+),? \(?((?:19|20)\d\d)\b')


@pytest.mark.parametrize('page', WRITTEN, ids=lambda path: path.name)
def test_files_that_a_page_names_are_there(page):
    named = FILE.findall(page.read_text(encoding='utf-8'))
    # The stored answers are in the repository, not in the sdist.
    assert [name for name in named if not (ROOT / name).exists() and not name.startswith('docs/experiment')] == []


def test_works_that_the_code_cites_are_among_the_references():
    modules = [path for package in ('music21_kdic', 'export') for path in (ROOT / package).rglob('*.py')]
    cited = {work for path in modules for work in CITED.findall(path.read_text(encoding='utf-8'))}
    entries = re.findall(r'^- (.*? \d{4})', (ROOT / 'docs' / 'references.md').read_text(encoding='utf-8'), re.MULTILINE)
    assert ('Gorishniy', '2022') in cited
    assert [work for work in cited if not any(e.startswith(work[0]) and e.endswith(work[1]) for e in entries)] == []


def test_every_public_name_is_on_the_page_of_the_api():
    page = (ROOT / 'docs' / 'api.md').read_text(encoding='utf-8')
    shown = {*re.findall(r'^::: .*\.(\w+)$', page, re.MULTILINE), *re.findall(r'\w+', ''.join(MEMBERS.findall(page)))}
    errors = {name for name in music21_kdic.__all__ if name.endswith('Error')}  # of one module, which is shown whole
    assert set(music21_kdic.__all__) - shown - errors == {'CLASSES'}


def test_every_function_on_the_page_of_the_api_is_importable_from_the_package():
    page = (ROOT / 'docs' / 'api.md').read_text(encoding='utf-8')
    named = [path.rpartition('.') for path in re.findall(r'^::: (\S+\.\w+)$', page, re.MULTILINE)]
    shown = {name: getattr(importlib.import_module(module), name) for module, _, name in named}
    functions = {name: found for name, found in shown.items() if inspect.isfunction(found)}
    assert {'label', 'listen', 'listen_to', 'plot_confusion'} < functions.keys()
    assert {name: getattr(music21_kdic, name, None) for name in functions} == functions


def test_the_citation_file_has_the_version():
    cited = re.search(r'^version: (.*)$', (ROOT / 'CITATION.cff').read_text(encoding='utf-8'), re.MULTILINE)
    assert cited
    assert cited[1] == music21_kdic.__version__
