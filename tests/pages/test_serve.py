"""``serve``: files dropped in a browser, and what somebody hostile may send. One server for all, on 127.0.0.1."""

import asyncio
import base64
import contextlib
import http.client
import io
import os
import re
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from anyio import CapacityLimiter
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from music21_kdic.cli import main
from music21_kdic.collection.engine.run import Counts
from music21_kdic.pages import serve as serving
from music21_kdic.pages.page import Contents
from music21_kdic.reading.content import MAX_BYTES
from tests.collection.conftest import COMMAND

BOUNDARY = 'kdic-boundary'


class Server:
    """A server in a process of its own, whose temporary files lie in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        words = [*COMMAND, 'serve', '--port', '0', '--jobs', '1']
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, 'TMPDIR': str(folder)}
        )
        self.url = self.process.stdout.readline().split()[0]
        self.port = int(re.search(r':(\d+)/', self.url).group(1))
        self.origin = self.url.rstrip('/')

    def ask(self, method='GET', path='/', body=None, **headers):
        """Status, headers and text of an answer; a header of None is not sent."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=120)
        given = {'Host': f'127.0.0.1:{self.port}', 'Origin': self.origin}
        given |= {name.replace('_', '-'): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True)
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None and 'Content-Length' not in given:
                connection.putheader('Content-Length', str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def send(self, *files, **headers):
        """Send files, each a name and a content, as a browser does."""
        kind = {'Content_Type': f'multipart/form-data; boundary={BOUNDARY}'}
        return self.ask('POST', body=form(*files), **kind | headers)

    def workers(self):
        return [child for child in psutil.Process(self.process.pid).children() if 'python' in child.name()]

    def folders(self):
        """How many folders it has: one for each worker, and one for each form that is being answered."""
        return len(list(self.folder.iterdir()))


def form(*files):
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b'\r\n'
        for name, content in files
    ]
    return b''.join(parts) + f'--{BOUNDARY}--\r\n'.encode()


def labels(text):
    return re.findall(r'data-name="Class">(?:<svg.*?</svg>)?([^<]+)<', text)


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp('served'))
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture(scope='module')
def midi(songs):
    return (songs / '0.mid').read_bytes()


def test_the_page_has_a_place_to_drop_files(server):
    status, headers, text = server.ask()
    assert (status, '<form id="drop"' in text) == (200, True)
    assert "frame-ancestors 'none'" in headers['content-security-policy']
    assert (headers['cache-control'], headers['x-content-type-options']) == ('no-store', 'nosniff')


def test_only_this_computer_is_listened_to(server):
    listening = [
        each.laddr.ip for each in psutil.Process(server.process.pid).net_connections() if each.status == 'LISTEN'
    ]
    assert listening == ['127.0.0.1']


DROP = """
const bytes = Uint8Array.from(atob(arguments[1]), (sign) => sign.charCodeAt(0));
const dropped = new DataTransfer();
dropped.items.add(new File([bytes], arguments[0]));
document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: dropped, bubbles: true, cancelable: true}));
"""


def test_a_file_is_dropped_and_its_answer_read(browser, server, songs, size):
    browser.get(server.url)
    browser.execute_script(DROP, '0.mid', base64.b64encode((songs / '0.mid').read_bytes()).decode())
    WebDriverWait(browser, 60).until(lambda shown: shown.find_elements(By.CSS_SELECTOR, 'table.parts tbody tr'))
    assert browser.find_element(By.TAG_NAME, 'h1').text == '0.mid'
    assert [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, 'td.part')] == ['Bass', 'Piano', 'Flute']
    # Again, from the page that answered, by choosing.
    browser.find_element(By.ID, 'files').send_keys(f'{songs / "1.mid"}\n{songs / "3.mid"}')
    browser.find_element(By.CSS_SELECTOR, '#drop button').click()
    # The heading may go with its page while it is read.
    waiting = WebDriverWait(browser, 60, ignored_exceptions=[WebDriverException])
    waiting.until(lambda shown: shown.find_element(By.TAG_NAME, 'h1').text == '2 files')
    assert browser.find_elements(By.CSS_SELECTOR, 'td.class')[-1].text == 'unreadable'
    size(390)
    assert browser.execute_script('return document.documentElement.scrollWidth') <= 390
    assert browser.get_log('browser') == []


def test_a_recording_is_taken(server, tune):
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(9000), 8192, format='FLAC')
    status, _, text = server.send(
        ('tune.wav', tune.read_bytes()), ('silence.flac', silence.getvalue()), ('x.ogg', b'OggS')
    )
    assert status == 200
    assert labels(text)[-2:] == ['empty', 'unreadable']
    assert 'tune.wav' in text
    assert 'it is damaged' in text


def test_too_much_is_not_even_sent(browser, server):
    browser.get(server.url)
    browser.execute_script("document.getElementById('drop').dataset.mostBytes = '10'")
    browser.execute_script(DROP, 'a.mid', base64.b64encode(bytes(11)).decode())
    assert browser.find_element(By.ID, 'said').text == 'That is more than can be read at a time.'


def test_files_of_the_wrong_type_are_rows(server, midi):
    files = [
        ('a.png', b'\x89PNG'),
        ('b', b'MZ'),
        ('c.musicxml', b'<a/>'),
        ('d.mid', b''),
        ('e.pkl', b'\x80'),
        ('f', midi),
    ]
    status, _, text = server.send(*files)
    assert (status, labels(text)[:5]) == (200, ['unreadable'] * 5)
    assert len(labels(text)) == 5 + 3  # MIDI by its content
    assert 'Traceback' not in text
    assert str(server.folder) not in text


@pytest.mark.parametrize(
    'name',
    [
        '../../../../../../tmp/kdic-evil.mid',
        '/tmp/kdic-evil.mid',
        '..\\..\\kdic-evil.mid',
        'a\0.mid',
        '.',
        'n' * 2000 + '.mid',
    ],
)
def test_a_name_is_never_a_path(server, midi, name):
    status, _, text = server.send((name, midi))
    assert (status, len(labels(text))) == (200, 3)
    assert unescape(re.search('<h1>(.*)</h1>', text).group(1)) == name.replace('\0', '?')[:200]
    assert not os.path.exists('/tmp/kdic-evil.mid')
    assert server.folders() == 1


@pytest.mark.parametrize(
    'path', ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/page.js', '//etc/passwd', '/?../x']
)
def test_no_path_leads_to_a_file(server, path):
    status, _, text = server.ask(path=path)
    assert status == (200 if path.startswith('/?') else 404)
    assert 'root:' not in text


def test_other_names_and_other_pages_are_refused(server, midi):
    for host in ('evil.example', f'evil.example:{server.port}', ''):
        assert server.ask(Host=host)[0] == 400
    for origin in ('http://evil.example', 'null', f'http://localhost:{server.port}', None):
        assert server.send(('a.mid', midi), Origin=origin)[0] == 403
    assert server.ask('PUT', body=b'')[0] == 405


def test_a_giant_upload_is_refused(server):
    status, _, text = server.send(Content_Length=str(MAX_BYTES * 2))  # announced, not sent
    assert (status, '64 MiB' in text) == (413, True)
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
    head = form(('a.mid', b''))[:90]
    pieces = [head, *[bytes(2**20)] * (MAX_BYTES // 2**20 + 2)]
    headers = {'Origin': server.origin, 'Content-Type': f'multipart/form-data; boundary={BOUNDARY}'}
    with contextlib.closing(connection):
        with contextlib.suppress(ConnectionError):  # it need not be read to its end
            connection.request('POST', '/', iter(pieces), headers, encode_chunked=True)
        with contextlib.suppress(ConnectionError):
            assert connection.getresponse().status == 413
    assert server.ask()[0] == 200
    assert server.folders() == 1


def test_what_is_no_form_is_refused(server, midi):
    many = [('a.mid', b'')] * (serving.MOST_FILES + 1)
    for body, kind in (
        (b'', f'multipart/form-data; boundary={BOUNDARY}'),
        (b'x', 'multipart/form-data'),
        (midi, 'audio/midi'),
        (form(('', b'')), f'multipart/form-data; boundary={BOUNDARY}'),
        (form(('a.mid', midi))[:200], f'multipart/form-data; boundary={BOUNDARY}'),
        (form(*many), f'multipart/form-data; boundary={BOUNDARY}'),
        # A codec of Python that can do nothing.
        (form(('a.mid', midi)), f'multipart/form-data; charset=undefined; boundary={BOUNDARY}'),
    ):
        status, _, text = server.ask('POST', body=body, Content_Type=kind)
        assert (status, 'Traceback' in text) == (400, False), (body[:50], kind)


def test_an_upload_that_is_broken_off_is_no_error_of_the_server(tmp_path, midi):
    server = Server(tmp_path)
    body = form(('a.mid', midi))
    with socket.create_connection(('127.0.0.1', server.port)) as connection:
        lines = (
            'POST / HTTP/1.1', f'Host: 127.0.0.1:{server.port}', f'Origin: {server.origin}',
            f'Content-Type: multipart/form-data; boundary={BOUNDARY}', f'Content-Length: {len(body)}', '', '',
        )  # fmt: skip
        connection.sendall('\r\n'.join(lines).encode() + body[: len(body) // 2])
        time.sleep(0.5)
    assert server.ask()[0] == 200
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=30) == 0
    assert server.process.stderr.read() == ''
    assert list(tmp_path.iterdir()) == []


def test_fifty_at_once_are_answered_in_their_turn(server, midi):
    with ThreadPoolExecutor(50) as threads:
        found = list(threads.map(lambda number: server.send((f'{number}.mid', midi)), range(50)))
    assert [status for status, _, _ in found] == [200] * 50
    assert all(f'<h1>{number}.mid</h1>' in text for number, (_, _, text) in enumerate(found))
    assert len(server.workers()) == 1
    assert server.folders() == 1


def test_files_that_do_not_come_are_not_waited_for(monkeypatch, tmp_path):
    monkeypatch.setattr(serving, 'UPLOAD_SECONDS', 0.05)
    headers = [(b'content-type', f'multipart/form-data; boundary={BOUNDARY}'.encode())]

    async def receive():
        await asyncio.sleep(60)

    request = Request({'type': 'http', 'method': 'POST', 'headers': headers}, receive)
    with pytest.raises(HTTPException) as caught:
        asyncio.run(serving._received(request, tmp_path))
    assert caught.value.status_code == 408


def test_a_port_that_is_taken_is_said(server, capsys):
    assert main(['serve', '--port', str(server.port)]) == 2
    assert f'port {server.port}: cannot be used' in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(['serve', '--port', '70000'])


def test_files_that_wait_leave_threads_for_the_page_and_are_left_when_the_sender_goes():
    begun, over, went = [], threading.Event(), asyncio.Event()

    class Busy:
        def ask(self, name):
            begun.append(name)
            over.wait(60)

    async def receive():
        await went.wait()
        return {'type': 'http.disconnect'}

    async def answer():
        request = Request({'type': 'http', 'method': 'POST', 'headers': []}, receive)
        names = [(f'{number}.mid', Path(f'{number}.mid')) for number in range(serving.MOST_FILES)]
        asked = asyncio.ensure_future(
            serving._unless_left(request, serving._contents(names, Busy(), CapacityLimiter(2)))
        )
        try:
            await asyncio.sleep(0.2)
            page = await asyncio.wait_for(serving._page(Contents(Counts())), 30)
            went.set()
            with pytest.raises(ClientDisconnect):
                await asyncio.wait_for(asked, 30)
        finally:
            over.set()
        await asyncio.sleep(0.2)
        return page.status_code

    assert asyncio.run(answer()) == 200
    assert len(begun) == 2


@pytest.mark.parametrize('name', ['SIGTERM', 'SIGHUP'])
def test_other_signals_that_end_it_leave_nothing_either(tmp_path_factory, slow, name):
    """SIGHUP comes when a terminal is closed. Tests that nohup began ignore it, and so would the server."""
    number = getattr(signal, name)
    former = signal.signal(number, signal.SIG_DFL)
    try:
        ended = Server(tmp_path_factory.mktemp('ended'))
    finally:
        signal.signal(number, former)
    stopped_in_the_midst(ended, slow, number)


def test_it_stops_at_once_and_leaves_nothing(server, slow):
    """With Ctrl-C, which a terminal sends to all of its processes; here to the server only, in the midst of a file."""
    stopped_in_the_midst(server, slow, signal.SIGINT)


def stopped_in_the_midst(server, slow, number):
    content = slow().read_bytes()

    def send():
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.send(('slow.mid', content))

    busy = threading.Thread(target=send)
    workers = server.workers()
    busy.start()
    limit = time.monotonic() + 60
    while server.folders() == 1 and time.monotonic() < limit:
        time.sleep(0.05)
    assert (len(workers), server.folders()) == (1, 2)
    server.process.send_signal(number)
    assert server.process.wait(timeout=30) == 0
    busy.join(timeout=30)
    assert psutil.wait_procs(workers, timeout=10)[1] == []
    assert list(server.folder.iterdir()) == []
    assert 'Traceback' not in server.process.stderr.read()
