"""Draw the pictures of pages in the documents: ``make pages``. Needs chromium, its driver, and the extra ``test``."""

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver

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


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, 'report.html')
        report(FILES, page)
        browser = chromium()
        try:
            browser.get(page.as_uri())
            shoot(browser, WIDE, 'report-wide.png')
            shoot(browser, NARROW, 'report-narrow.png')
        finally:
            browser.quit()
