"""``serve``: the page with a place to drop files, for people who do not use a shell.

The server listens to this computer only (127.0.0.1). It answers to no other name of it (DNS rebinding), and takes files
from no other page (their Origin). A file is read by a worker process, within the limits of ``label``, from a folder
that is gone with the answer. Its name is shown, and its ending says which format it is; it is never a path.
"""

import asyncio
import os
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic.collection.engine.pool import available_cores
from music21_kdic.collection.engine.run import Counts
from music21_kdic.collection.engine.standing import StandingWorkers
from music21_kdic.collection.in_words import printable
from music21_kdic.collection.options import PORT, Options
from music21_kdic.errors import OutputError, needs
from music21_kdic.pages.drawing import DrawnRow, drawn_query
from music21_kdic.pages.interrupts import all_as_interrupts
from music21_kdic.pages.page import Contents, Drop, policy, render
from music21_kdic.priors import Priors
from music21_kdic.reading.content import MAX_BYTES
from music21_kdic.reading.endings import ALL_ENDINGS

if TYPE_CHECKING:
    from anyio import CapacityLimiter
    from starlette.applications import Starlette
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST, NAMES = '127.0.0.1', ('127.0.0.1', 'localhost')
MOST_BYTES = MAX_BYTES  # of all files that are sent together
AROUND = 2**20  # bytes that a form may add to its files
MOST_FILES = 100  # sent together
UPLOAD_SECONDS = 60.0  # that sending them may take
AT_ONCE = 4  # forms that are read and answered at a time; others wait
MOST_CONNECTIONS = 200  # beyond, the answer is 503
STOP_SECONDS = 1  # that answers have left when the server is stopped
LONGEST_NAME = 200  # characters that are shown
ACCEPT = ALL_ENDINGS
_ENDING = re.compile(r'\.[A-Za-z0-9]{1,16}\Z')


def serve(
    port: int = PORT,
    *,
    alone: bool = False,
    join_channels: bool = False,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
) -> None:
    """Serve pages to this computer until Ctrl-C, SIGTERM or SIGHUP; says the address on standard output.

    Args:
        port: 0 is any that is free.
        alone, join_channels: as for :func:`music21_kdic.label`.
        priors, model, jobs, timeout, memory: see :class:`.options.Options`.

    Raises:
        MissingExtraError: where Starlette, uvicorn or python-multipart is not installed (the extra ``web``).
        OutputError: where the port is taken.
        LimitError, ModelError, PriorError: see :mod:`music21_kdic.errors`.
    """
    with needs('web', 'serve'):
        import jinja2  # noqa: F401
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn
    options = Options(priors, model, jobs, timeout, memory)
    query = drawn_query(options, alone=alone, join_channels=join_channels)
    with _listen(port) as listening, all_as_interrupts():
        workers = StandingWorkers(query, options, options.jobs or available_cores())
        try:
            config = uvicorn.Config(
                make_app(workers),
                log_level='warning',
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws='none',
                lifespan='on',
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
            print(f'http://{HOST}:{listening.getsockname()[1]}/ takes files, until Ctrl-C', flush=True)
            with suppress(KeyboardInterrupt):  # the way to end it
                uvicorn.Server(config).run(sockets=[listening])
        finally:
            workers.disband()


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        if os.name == 'posix':  # elsewhere it would share the port with whoever has it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise OutputError(f'port {port}: cannot be used ({error.strerror}); --port names another one') from error
    return listening


def make_app(workers: StandingWorkers[DrawnRow]) -> 'Starlette':
    """The application; it disbands the workers when it is shut down."""
    from anyio import CapacityLimiter
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.requests import ClientDisconnect
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    forms = asyncio.Semaphore(AT_ONCE)

    async def show(request: 'Request') -> 'Response':
        return await _page(Contents(Counts()))

    async def answer(request: 'Request') -> 'Response':
        if request.headers.get('origin') != f'http://{request.headers["host"]}':
            raise HTTPException(403, 'Files are taken from the page of this server only.')
        try:
            async with forms:
                with tempfile.TemporaryDirectory(prefix='kdic-', ignore_cleanup_errors=True) as folder:
                    names = await _received(request, Path(folder))
                    asked = _contents(names, workers, request.app.state.threads)
                    return await _page(await _unless_left(request, asked))
        except ClientDisconnect:  # nobody is there to be answered
            return Response(status_code=400)
        except asyncio.CancelledError:  # by the server, which stops and waits no longer
            return PlainTextResponse('The server was stopped.', 503)

    async def refused(request: 'Request', error: Exception) -> 'Response':
        assert isinstance(error, HTTPException)
        return await _page(Contents(Counts()), error.detail, error.status_code)

    @asynccontextmanager
    async def lifespan(app: 'Starlette') -> AsyncIterator[None]:
        # Threads that wait for workers have a number of their own: the page and what is sent need threads, too.
        app.state.threads = CapacityLimiter(workers.jobs)
        yield
        workers.disband()

    return Starlette(
        routes=[Route('/', show), Route('/', answer, methods=['POST'])],
        middleware=[Middleware(_Headers), Middleware(TrustedHostMiddleware, allowed_hosts=NAMES)],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )


class _Headers:
    """What each answer says to the browser beside its content."""

    def __init__(self, app: 'ASGIApp') -> None:
        self.app = app
        self.headers = {
            'Content-Security-Policy': f"{policy(form=True)}; frame-ancestors 'none'",
            'X-Content-Type-Options': 'nosniff',
            'Cross-Origin-Resource-Policy': 'same-origin',
            'Cross-Origin-Opener-Policy': 'same-origin',
            'Referrer-Policy': 'same-origin',
            'Cache-Control': 'no-store',
        }

    async def __call__(self, scope: 'Scope', receive: 'Receive', send: 'Send') -> None:
        from starlette.datastructures import MutableHeaders

        async def send_more(message: 'Message') -> None:
            if message['type'] == 'http.response.start':
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_more)


async def _page(contents: Contents, message: str = '', status: int = 200) -> 'Response':
    from anyio import to_thread
    from starlette.responses import HTMLResponse

    drop = Drop(ACCEPT, MOST_BYTES, MOST_FILES, message)
    return HTMLResponse(await to_thread.run_sync(partial(render, contents, drop=drop)), status)


async def _received(request: 'Request', folder: Path) -> list[tuple[str, Path]]:
    """The files of a form: what they are called, and where they are now."""
    from starlette.datastructures import UploadFile
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    bounded = Request(request.scope, _bounded(request))
    try:
        async with asyncio.timeout(UPLOAD_SECONDS), bounded.form(max_files=MOST_FILES, max_fields=1) as form:
            sent = [each for each in form.getlist('files') if isinstance(each, UploadFile) and each.filename]
            names = [
                (_shown(each.filename), folder / f'{number}{_ending(each.filename)}')
                for number, each in enumerate(sent)
            ]
            for file, (_, path) in zip(sent, names, strict=True):
                await _copy(file, path)
    except TimeoutError:
        raise HTTPException(408, f'The files took more than {UPLOAD_SECONDS:g} s to arrive.') from None
    except (UnicodeError, LookupError) as error:  # the charset that its type says
        raise HTTPException(400, f'The form cannot be read ({error}).') from None
    if not names:
        raise HTTPException(400, 'No file came.')
    return names


def _bounded(request: 'Request') -> 'Callable[[], Awaitable[Message]]':
    """Receive a request, up to so many bytes."""
    from starlette.exceptions import HTTPException

    too_large = HTTPException(413, f'More than {MOST_BYTES // 2**20} MiB: at most that many are read at a time.')
    received = 0
    announced = request.headers.get('content-length', '')
    if announced.isdecimal() and int(announced) > MOST_BYTES + AROUND:
        raise too_large

    async def receive() -> 'Message':
        nonlocal received
        message = await request.receive()
        received += len(message.get('body', b''))
        if received > MOST_BYTES + AROUND:
            raise too_large
        return message

    return receive


def _shown(name: str | None) -> str:
    return printable(name)[:LONGEST_NAME]


def _ending(name: str | None) -> str:
    """The ending of a file's name, if it is one that a name on disk may have."""
    found = _ENDING.search(name or '')
    return found.group().lower() if found else ''


async def _copy(file: 'UploadFile', path: Path) -> None:
    with path.open('xb') as copy:
        while piece := await file.read(2**20):
            copy.write(piece)


async def _unless_left(request: 'Request', contents: Coroutine[Any, Any, Contents]) -> Contents:
    """Wait for contents as long as somebody waits for them: files that no worker has begun are left then.

    Raises:
        ClientDisconnect: where the sender has gone.
    """
    from starlette.requests import ClientDisconnect

    async def left() -> None:
        while (await request.receive())['type'] != 'http.disconnect':
            pass

    made, gone = asyncio.ensure_future(contents), asyncio.ensure_future(left())
    try:
        await asyncio.wait((made, gone), return_when=asyncio.FIRST_COMPLETED)
        if not made.done():
            raise ClientDisconnect
        return made.result()
    finally:
        made.cancel()
        gone.cancel()


async def _contents(
    names: Sequence[tuple[str, Path]], workers: StandingWorkers[DrawnRow], threads: 'CapacityLimiter'
) -> Contents:
    """What the workers say of some files."""
    from anyio import to_thread

    # Threads that are left behind when the server stops end with their workers.
    asked = [to_thread.run_sync(workers.ask, str(path), abandon_on_cancel=True, limiter=threads) for _, path in names]
    found = await asyncio.gather(*asked)
    contents = Contents(Counts(files=len(names)))
    for (shown, path), rows in zip(names, found, strict=True):
        contents.add_file([replace(row, path=shown, error=row.error.replace(str(path), shown)) for row in rows])
    return contents
