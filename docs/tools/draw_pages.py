"""Draw the pictures of pages in the documents: ``make pages``. Needs chromium, its driver, and the extra ``test``."""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from music21 import corpus
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from music21_kdic.pages.report import report

FILES = ('corpus:haydn/opus74no1/movement3', 'corpus:bwv66.6', 'corpus:bwv57.8')
IMAGES = Path(__file__).parents[1] / 'images'
WIDE, NARROW = 1280, 390
TALLEST = 1400  # pixels


def chromium() -> webdriver.Chrome:
    """A browser without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which('chromium') or 'chromium'
    for word in ('--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--hide-scrollbars'):
        options.add_argument(word)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which('chromedriver')))


def shoot(browser: webdriver.Chrome, width: int, name: str) -> None:
    """Write what the browser shows, so wide."""
    size = {'width': width, 'height': 800, 'deviceScaleFactor': 1, 'mobile': width == NARROW}
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
    height = min(TALLEST, browser.execute_script('return document.documentElement.scrollHeight'))
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {**size, 'height': height})
    image = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert('RGB')
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


def shoot_report(browser: webdriver.Chrome) -> None:
    """The page about a few scores."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, 'report.html')
        report(FILES, page)
        browser.get(page.as_uri())
        shoot(browser, WIDE, 'report-wide.png')
        shoot(browser, NARROW, 'report-narrow.png')


def shoot_serve(browser: webdriver.Chrome) -> None:
    """The answer to a score that was dropped."""
    words = [sys.executable, '-m', 'music21_kdic', 'serve', '--port', '0', '--jobs', '1']
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            browser.get(server.stdout.readline().split()[0])
            browser.find_element(By.ID, 'files').send_keys(str(corpus.getWork('bwv66.6')))
            browser.find_element(By.CSS_SELECTOR, '#drop button').click()
            WebDriverWait(browser, 120).until(lambda shown: shown.find_elements(By.CSS_SELECTOR, 'table.parts'))
            shoot(browser, WIDE, 'serve.png')
        finally:
            server.terminate()


if __name__ == '__main__':
    window = chromium()
    try:
        shoot_report(window)
        shoot_serve(window)
    finally:
        window.quit()
