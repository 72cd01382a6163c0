"""A browser without a window, some songs, and the page about them; each is made once for all tests of pages."""

import os
import shutil
from pathlib import Path

import mido
import pytest

from music21_kdic.pages.report import report
from tests.collection.conftest import song
from tests.conftest import save_midi

HOSTILE = '</script><script>document.title="broken"</script>\'"><img src=x onerror=alert(1)>'


@pytest.fixture(scope='session')
def browser():
    """Chromium by its driver. KDIC_BROWSER names another one; where it is set and empty, there is none."""
    chromium = os.environ.get('KDIC_BROWSER', shutil.which('chromium'))
    driver = shutil.which('chromedriver')
    if not chromium or not driver:
        pytest.skip('pages need chromium and chromedriver to be tested')
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in (
        '--headless=new',
        '--no-sandbox',
        '--disable-dev-shm-usage',
        '--disable-gpu',
        '--hide-scrollbars',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',  # no network
    ):
        options.add_argument(word)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


@pytest.fixture
def size(browser):
    """Make the window so wide, in CSS pixels; it is as it was afterwards."""

    def set_width(width):
        browser.execute_cdp_cmd(
            'Emulation.setDeviceMetricsOverride',
            {'width': width, 'height': 800, 'deviceScaleFactor': 1, 'mobile': width < 600},
        )

    yield set_width
    browser.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.fixture(scope='session')
def songs(tmp_path_factory):
    """Three songs, one of them with a hostile name of a part and a drum track, a file that is none, and a text."""
    folder = tmp_path_factory.mktemp('songs')
    for number in range(2):
        save_midi(folder / f'{number}.mid', song(number))
    tracks = song(2)
    tracks[1][0] = (0, mido.MetaMessage('track_name', name=HOSTILE))
    strokes = [(96 * beat, mido.Message('note_on', channel=9, note=38)) for beat in range(8)]
    stops = [(96 * beat + 48, mido.Message('note_off', channel=9, note=38)) for beat in range(8)]
    save_midi(folder / '2.mid', [*tracks, [(0, mido.MetaMessage('track_name', name='Drums')), *strokes, *stops]])
    (folder / '3.mid').write_bytes(b'MThd, and then nothing')
    (folder / 'read me.txt').write_text('none')
    return folder


@pytest.fixture(scope='session')
def page(songs, tmp_path_factory) -> Path:
    """The page about the songs."""
    path = tmp_path_factory.mktemp('page') / 'songs.html'
    report(songs, path, explain=True, jobs=1)
    return path
