import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.arguments import RESULTS
from export.cli import main
from export.studies import store
from export.studies.report.numbers import numbers_page
from export.studies.report.page import NOTICE, STUDIES, Results, pages_of, report
from export.studies.report.tables import details, differences, main_table, protocols
from export.studies.statistics import Answered
from export.studies.store import Study, StudyRow, TestSet

DOCS = Path(__file__).parents[3] / 'docs'
WRITTEN = 'kdic-4.md'  # of the model before: what it was made from is gone
ROWS = (
    StudyRow('range', 'Pitch range', 60000, 1, 'boosting'),
    StudyRow('nic', 'NIC', 224273, 4, 'fast'),
    StudyRow('kdic', 'KDIC', 224273, 4, 'fast'),
    StudyRow('teacher-free', 'Teacher-free', 224273, 4, 'fast'),
)


def write_study(folder, name, right, seeds=(20, 21), levels=store.STUDY_LEVELS):
    """40 songs of two parts of two windows; each row is right on a share of all, the same on windows and parts.

    The first twenty songs are of pop, then ten each of mutopia and lakh. A wrong answer is Reed. A row without a share
    was not run.
    """
    parts = np.arange(80)
    source = np.repeat(['pop', 'mutopia', 'lakh'], [40, 20, 20])
    test_set = TestSet(np.repeat(parts, 2), parts % 7, parts // 2, source)
    store.write_test_set(folder / name, test_set)
    study = Study(name, f'What of {name}?', ROWS, (('kdic', 'nic'), ('nic', 'kdic'), ('kdic', 'teacher-free')))
    store.write_study(folder / name, study)
    for row, share in right.items():
        for seed in seeds:
            wrong = np.random.default_rng(seed).permutation(80) >= round(share * 80)
            answers = np.where(wrong, 7, test_set.label).astype(np.uint8)
            found = {'windows': answers[test_set.part], 'parts': answers}
            of_level = {level: found[level] for level in levels}
            store.write_run(folder / name, row, seed, dict.fromkeys(store.DECISIONS, of_level))
    return folder / name


@pytest.fixture(scope='module')
def experiment(tmp_path_factory):
    folder = tmp_path_factory.mktemp('experiment')
    write_study(folder, 'songs', {'range': 0.25, 'nic': 0.5, 'kdic': 1.0})
    write_study(folder, 'windows', {'nic': 0.75, 'kdic': 1.0}, levels=('windows',))
    return folder


def cells(table, row):
    """By heading the cells of the first row of a table that begins so."""
    lines = [[cell.strip() for cell in line.split('|')[1:-1]] for line in table.splitlines() if '|' in line]
    (found, *_) = (line for line in lines if line[: len(row)] == list(row))
    return found


def blocks(text):
    """Captions and tables, which take turns."""
    found = text.split('\n\n')
    return found[::2], found[1::2]


def test_the_main_table_says_what_each_row_is_and_its_figures(experiment):
    table = main_table(Answered(experiment / 'songs'))
    assert "On pop, decided under the training set's priors: 80 windows of 40 parts of 20 songs." in table
    assert cells(table, ['KDIC']) == ['KDIC', 'fast', '224,273', '4', '2', *['1.000 [1.000, 1.000]'] * 2]
    assert cells(table, ['Teacher-free']) == ['Teacher-free', 'fast', '224,273', '4', '', 'not run', 'not run']
    # Half of each class is found and all that bears its name is right: F1 is 2/3, but for the chance of the draw.
    assert float(cells(table, ['NIC'])[5].split()[0]) == pytest.approx(2 / 3, abs=0.15)


def test_details_are_given_by_place_decision_class_and_source(experiment):
    found = details(Answered(experiment / 'songs'))
    captions, by_table = blocks(found)
    assert len(captions) == len(by_table) == 3 * 2 + 2
    assert [caption.split(',')[0] for caption in captions[:6]] == [
        'On pop', 'On pop', 'On scores', 'On scores', 'On lakh', 'On lakh',
    ]  # fmt: skip
    assert 'KDIC         | 1.000 ± 0.000 [1.000, 1.000]' in found
    by_class, by_source = by_table[-2:]
    assert cells(by_class, ['KDIC'])[1:] == ['1.000'] * 7 + ['0.000']
    assert cells(by_source, ['songs']) == ['songs', '10', '10', '20']


def test_a_source_of_few_songs_gets_no_interval(tmp_path):
    folder = write_study(tmp_path, 'songs', {'kdic': 1.0})
    whole = store.read_test_set(folder)
    source = np.where(np.arange(80) < 2, 'blasphemer', whole.source)
    store.write_test_set(folder, replace(whole, source=source))
    found = cells(blocks(details(Answered(folder)))[1][-1], ['KDIC'])
    assert found == ['KDIC', '1.000', *['1.000 [1.000, 1.000]'] * 3]


def test_a_difference_has_a_verdict_only_where_its_interval_excludes_zero(experiment):
    table = differences(Answered(experiment / 'songs'))
    better, worse = cells(table, ['KDIC', 'NIC', 'pop']), cells(table, ['NIC', 'KDIC', 'pop'])
    assert set(better[4::2]) == {'better'}
    assert set(worse[4::2]) == {'worse'}
    assert better[3][0] == '+'
    assert worse[3][0] == '-'
    assert cells(table, ['KDIC', 'Teacher-free', 'pop'])[3:] == ['not run', ''] * 4


def test_a_difference_of_an_unknown_row_is_an_error(experiment):
    answered = Answered(experiment / 'songs')
    answered.study = replace(answered.study, differences=(('kdic', 'nobody'),))
    with pytest.raises(ValueError, match='nobody'):
        differences(answered)


def test_protocols_are_compared_where_a_row_was_run_under_both(experiment):
    table = protocols(*(Answered(experiment / name) for name in ('songs', 'windows')))
    nic = cells(table, ['NIC', 'weighted'])
    windows, songs, difference = (float(cell.split()[0]) for cell in nic[2:5])
    assert difference == pytest.approx(windows - songs, abs=2e-3)
    assert difference > 0
    assert 'Pitch range' not in table


def test_the_verb_writes_page_and_figures_the_same_every_time(experiment, tmp_path):
    pytest.importorskip('matplotlib')
    for out in ('one', 'two'):
        arguments = ['--experiment', experiment, '--out', tmp_path / out]
        main(['report', *map(str, arguments)])
    names = sorted(path.relative_to(tmp_path / 'one').as_posix() for path in (tmp_path / 'one').rglob('*.*'))
    assert names == [
        'figures/differences-songs.svg', 'figures/differences-windows.svg', 'figures/forest-songs.svg',
        'figures/forest-windows.svg', 'figures/similarity-instruments.svg', 'numbers.md', 'results/kdic-5.md',
        'results/songs.md', 'results/windows.md',
    ]  # fmt: skip
    for name in names:
        assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()
    pages = {path.stem: path.read_text(encoding='utf-8') for path in (tmp_path / 'one' / 'results').iterdir()}
    linked = {name for page in pages.values() for name in re.findall(r'\]\(\.\./(figures/.*?)\)', page)}
    assert linked == {name for name in names if name.endswith('svg')}
    assert '\n# What of songs?\n' in pages['songs']
    assert '\n## Held against whole songs\n' in pages['windows']


def test_the_figures_show_what_was_stored(experiment, tmp_path):
    pytest.importorskip('matplotlib')
    report(experiment, RESULTS, tmp_path)
    text = {path.stem: path.read_text(encoding='utf-8') for path in (tmp_path / 'figures').iterdir()}
    assert '>violin<' in text['similarity-instruments']
    assert 'KDIC' in text['forest-songs']
    assert 'Teacher-free' not in text['forest-songs'] + text['differences-songs']
    assert '>minus NIC<' in text['differences-songs']


def test_a_study_that_the_page_has_no_place_for_is_an_error(tmp_path):
    write_study(tmp_path, 'misspelt', {})
    with pytest.raises(ValueError, match='misspelt'):
        Results(tmp_path)


def test_a_study_of_which_no_row_was_run_yet_has_no_page(tmp_path):
    write_study(tmp_path, 'songs', {})
    assert pages_of(Results(tmp_path)) == {}


def test_results_that_are_not_there_are_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(['report', '--results', str(tmp_path / 'results.json'), '--out', str(tmp_path)])
    assert (
        f'report: {tmp_path / "results.json"}: not there; run `python -m export evaluate` first'
        in capsys.readouterr().err
    )


@pytest.fixture(scope='module')
def stored():
    """The generated pages, by file name, as `report` would write them now."""
    return pages_of(Results(DOCS / 'experiment', RESULTS))


def test_the_generated_pages_in_docs_are_what_report_would_write(stored):
    """After a change to what is stored, or to the tables: `python -m export report`."""
    pages = {path.name: path.read_text(encoding='utf-8') for path in (DOCS / 'results').iterdir()}
    assert pages.pop('readers.md')  # of the verb `readers`
    assert pages.pop(WRITTEN)
    assert pages == stored


def test_the_page_of_numbers_in_docs_is_what_report_would_write():
    """After a change to the numbers: `python -m export report`."""
    assert (DOCS / 'numbers.md').read_text(encoding='utf-8') == f'{NOTICE}\n\n{numbers_page()}\n'


def test_the_page_of_numbers_has_a_row_for_each_with_its_unit():
    rows = [line for line in numbers_page().splitlines() if re.match(r'\| \d', line)]
    assert len(rows) == 154 + 16 + 52 + 151
    assert [cell.strip() for cell in rows[9].split('|')[1:-1]] == ['10', 'pitch, deviation', 'semitones']
    assert 'reads 376 numbers of a part' in numbers_page()


def test_every_figure_in_docs_is_shown(stored):
    pages = [*stored.values(), (DOCS / 'results' / WRITTEN).read_text(encoding='utf-8')]
    shown = {name for page in pages for name in re.findall(r'\]\(\.\./figures/(.*?)\)', page)}
    assert shown == {path.name for path in (DOCS / 'figures').iterdir()}


@pytest.mark.parametrize('name', ['results.md', 'sound.md'])
def test_tables_in_written_pages_are_copies_of_those_in_the_results(stored, name):
    lines = (DOCS / name).read_text(encoding='utf-8').splitlines()
    rows = [line for line in lines if line.startswith('|')]
    pages = [*stored.values(), (DOCS / 'results' / WRITTEN).read_text(encoding='utf-8')]
    in_results = {line for page in pages for line in page.splitlines()}
    assert rows
    assert [row for row in rows if row not in in_results] == []


def test_the_results_page_can_be_read_in_one_sitting():
    page = (DOCS / 'results.md').read_text(encoding='utf-8')
    assert len(page.encode()) <= 15_000
    assert len(re.findall(r'^\|-', page, re.MULTILINE)) <= 6


def test_every_study_has_its_place_and_holds_rows_against_rows_of_its_own():
    pytest.importorskip('torch', reason='export needs torch (extra `train`)')
    from export.studies.catalogue import CONTROL_STUDIES

    assert set(CONTROL_STUDIES) <= set(STUDIES)
    for study in CONTROL_STUDIES.values():
        assert study.differences
        assert {name for pair in study.differences for name in pair} <= set(study.rows)
