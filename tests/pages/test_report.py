"""``report``: what is on the page, what it does in a browser, and its rules about files."""

import html.parser
import json
import time

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from music21_kdic import CLASSES, OutputError, label
from music21_kdic.cli import main
from music21_kdic.pages.report import report
from music21_kdic.reading.midi import read_midi
from tests.pages.conftest import HOSTILE


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the texts in some of them."""

    def __init__(self, text):
        super().__init__()
        self.found = [('', {})]
        self.texts = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        tag, attributes = self.found[-1]
        key = attributes.get('data-name') or attributes.get('id') or tag
        self.texts.setdefault(key, []).append(data)


@pytest.fixture(scope='module')
def elements(page):
    return Elements(page.read_text(encoding='utf-8'))


@pytest.fixture(scope='module')
def rows(songs):
    return label(songs, jobs=1, why=True)


def texts(browser, selector):
    return [each.text for each in browser.find_elements(By.CSS_SELECTOR, selector)]


def column(browser, name):
    cells = browser.find_elements(By.CSS_SELECTOR, f'table.parts td[data-name="{name}"]')
    return [cell.get_attribute('textContent').strip() for cell in cells]


def test_the_page_is_one_file_that_names_nothing_elsewhere(elements):
    for tag, attributes in elements.found:
        assert 'src' not in attributes
        assert not any(name.startswith('on') or name == 'style' for name in attributes), tag
        for link in ('href', 'action'):
            assert attributes.get(link, '#').startswith(('#', 'data:,'))
    policy = next(attributes['content'] for _, attributes in elements.found if 'http-equiv' in attributes)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_the_table_is_that_of_label(elements, rows):
    values = [attributes for tag, attributes in elements.found if attributes.get('data-name') == 'Confidence']
    assert [each['data-value'] for each in values] == [
        '' if row.confidence is None else str(row.confidence) for row in rows
    ]
    told = ''.join(elements.texts['Why'])
    assert all(row.why in told for row in rows if row.why)
    (unread,) = (row for row in rows if row.status == 'unreadable')
    assert unread.error in told
    assert '4 files, 10 parts' in ''.join(elements.texts['p'])
    assert 'passed over for their endings: 1 .txt' in ''.join(elements.texts['p'])


def test_names_of_parts_are_texts_and_nothing_else(elements):
    assert HOSTILE in ''.join(elements.texts['Part'])
    tags = [tag for tag, _ in elements.found]
    assert (tags.count('script'), tags.count('img')) == (2, 0)


def test_what_is_played_are_the_notes_of_the_file(elements, songs):
    text = elements.texts['tunes'][0]
    tunes = json.loads(text)
    assert len(tunes) == 9  # not the drums
    part = read_midi(songs / '0.mid')[0].notes
    tune = tunes['1-1']
    onset = 0
    played = []
    for wait, length, pitch in zip(tune[::3], tune[1::3], tune[2::3], strict=True):
        onset += wait
        played.append((onset / 96, length / 96, pitch))
    np.testing.assert_allclose(played, np.stack([part.onsets, part.ends - part.onsets, part.pitches], axis=1))
    assert 'Drums are not played.' in ''.join(elements.texts['p'])


def test_each_answer_is_explained(elements):
    assert len([1 for _, attributes in elements.found if attributes.get('class') == 'explanation']) == 9
    assert sum('Notes twice as long: 0.' in text for text in elements.texts['li']) == 9


def test_a_browser_shows_sorts_and_logs_nothing(browser, page, rows):
    browser.get(page.as_uri())
    assert browser.title == '4 files'
    names = column(browser, 'Part')
    assert names == [row.name or '' for row in rows]
    buttons = {button.text: button for button in browser.find_elements(By.CSS_SELECTOR, 'th button')}
    buttons['Confidence'].click()
    known = sorted(row.confidence for row in rows if row.confidence is not None)
    shown = [text.split()[0] if text else '' for text in column(browser, 'Confidence')]
    assert shown == [*(f'{value:.2f}' for value in known), '', '']  # what has none comes last
    buttons['Confidence'].send_keys(Keys.ENTER)
    shown = [text.split()[0] if text else '' for text in column(browser, 'Confidence')]
    assert shown == [*(f'{value:.2f}' for value in reversed(known)), '', '']
    heads = {
        each.text: each.get_attribute('aria-sort') for each in browser.find_elements(By.TAG_NAME, 'th') if each.text
    }
    assert (heads['Confidence'], heads['Class']) == ('descending', 'none')
    buttons['Part'].send_keys(Keys.SPACE)
    assert column(browser, 'Part')[-1] == ''
    assert column(browser, 'Part')[:-1] == sorted(filter(None, names), key=lambda name: (name[0] != '<', name))
    assert browser.execute_script('return performance.getEntriesByType("resource").length') == 0
    assert browser.get_log('browser') == []


def test_the_picture_is_there_for_eyes_and_in_words(browser, page, rows):
    browser.get(page.as_uri())
    strips = browser.find_elements(By.CSS_SELECTOR, '#file-1 .strip svg[role=img]')
    assert [strip.get_attribute('aria-label') for strip in strips] == [
        f'{row.name}: {row.label}. The same in words is below.' for row in rows[:3]
    ]
    assert all(strip.find_elements(By.CSS_SELECTOR, 'g rect') for strip in strips)
    browser.find_element(By.XPATH, '//details[@id="file-1"]//summary[text()="The picture in words"]').click()
    lines = texts(browser, '#file-1 details tbody tr')
    assert lines[0].startswith('Bass 1 to ')
    assert all(any(name in line for name in CLASSES) for line in lines)


def test_it_plays_and_stops(browser, page):
    browser.get(page.as_uri())
    every, one = browser.find_elements(By.CSS_SELECTOR, '#file-1 button.play')[:2]
    head = browser.find_element(By.CSS_SELECTOR, '#file-1 .head')
    assert browser.execute_script('return playing') is None  # nothing by itself
    every.click()
    assert every.get_attribute('aria-pressed') == 'true'
    limit = time.monotonic() + 20
    while float(head.get_attribute('x').rstrip('%')) < 1 and time.monotonic() < limit:
        time.sleep(0.1)
    assert float(head.get_attribute('x').rstrip('%')) >= 1
    one.click()
    assert (every.get_attribute('aria-pressed'), one.get_attribute('aria-pressed')) == ('false', 'true')
    one.click()
    assert (one.get_attribute('aria-pressed'), head.get_attribute('x')) == ('false', '-1%')
    assert browser.get_log('browser') == []


def test_no_other_script_runs(browser, page):
    browser.get(page.as_uri())
    browser.execute_script(
        "const added = document.createElement('script'); added.textContent = 'document.title = \"broken\"';"
        'document.body.append(added)'
    )
    assert browser.title == '4 files'
    assert 'Content Security Policy' in browser.get_log('browser')[0]['message']


def test_it_can_be_read_on_a_phone(browser, page, size):
    size(390)
    browser.get(page.as_uri())
    assert browser.execute_script('return document.documentElement.scrollWidth') <= 390
    assert browser.find_element(By.CSS_SELECTOR, 'td.part').is_displayed()
    assert browser.find_element(By.CSS_SELECTOR, 'th button').is_displayed()


@pytest.mark.parametrize('width', [641, 780, 1024, 1110, 1300])
def test_nothing_is_wider_than_the_window(browser, page, size, width):
    size(width)
    browser.get(page.as_uri())
    assert browser.execute_script('return document.documentElement.scrollWidth') <= width


def test_a_link_opens_the_file_that_was_folded_again(browser, page):
    browser.get(page.as_uri())
    link = browser.find_element(By.CSS_SELECTOR, 'td.file a')
    file = browser.find_element(By.CSS_SELECTOR, link.get_attribute('hash'))
    for _ in range(2):
        browser.execute_script('arguments[0].open = false', file)
        link.click()
        assert file.get_attribute('open')


def test_rules_about_files(songs, tmp_path, capsys):
    output = tmp_path / 'page.html'
    output.write_text('old')
    words = ['report', str(songs / '0.mid'), '--jobs', '1', '-o']
    assert main([*words, str(output)]) == 2
    assert 'is there already, and is left as it is' in capsys.readouterr().err
    assert output.read_text() == 'old'
    assert main([*words, str(tmp_path / 'page.csv')]) == 2
    assert "ends in '.csv', wanted one of .html" in capsys.readouterr().err
    assert main(['report', str(songs), '--jobs', '1', '--force', '-o', str(output)]) == 1
    assert '1 of 4 files could not be read' in capsys.readouterr().err
    assert output.read_text().startswith('<!doctype html>')
    assert [path.name for path in tmp_path.iterdir()] == ['page.html']


def test_a_run_that_was_stopped_goes_on(songs, page, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    output = tmp_path / 'page.html'
    monkeypatch.setattr('music21_kdic.collection.engine.run.write_table', stop)
    with pytest.raises(KeyboardInterrupt):
        report(songs, output, explain=True, jobs=1)
    monkeypatch.undo()
    with pytest.raises(OutputError, match='begun with explain True, now explain is False; use the same options'):
        report(songs, output, jobs=1, resume=True)
    report(songs, output, explain=True, jobs=1, resume=True)
    assert output.read_bytes() == page.read_bytes()


def test_a_page_has_to_go_somewhere(songs):
    with pytest.raises(OutputError, match='no output: a page is written to a file'):
        report(songs, None)
