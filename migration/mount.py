"""The Flask app inside an ASGI app: a2wsgi, and what gunicorn does that a2wsgi leaves out.

Kept are a chunked body (without `wsgi.input_terminated` Werkzeug reads none), one that breaks off
(which must not look complete), the path as it was sent, a query that is no ASCII, the end of an
answer that nobody reads or takes any more, and as many threads as gunicorn has. Each has its test
in `tests/test_migration.py`.
"""

import asyncio
import io
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from a2wsgi import WSGIMiddleware
from starlette.types import Message, Receive, Scope, Send
from werkzeug.wsgi import ClosingIterator

from compat.limits import TARGET

CALL = "migration.call"
FRAMING = {b"content-length", b"transfer-encoding"}


class FlaskMount:
    """ASGI app that answers with a WSGI one, in `threads` threads of its own."""

    def __init__(self, app: WSGIApplication, threads: int) -> None:
        # Its types are its own; they mean the same.
        bridge: Any = WSGIMiddleware
        self.bridge = bridge(AsUnderGunicorn(app), workers=threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, send)
        try:
            # a2wsgi fails over a query that is no ASCII; `AsUnderGunicorn` hands it over.
            await self.bridge({**scope, "query_string": b"", CALL: call}, receive, call.send)
        finally:
            call.end()
        if call.failure is not None:
            raise call.failure


class Call:
    """What the ASGI side of a request knows, for the thread that answers it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self._send = scope, receive, send
        self.loop = asyncio.get_running_loop()
        self.over = threading.Event()
        self.failure: Exception | None = None
        self.body_ended = not FRAMING.intersection(name for name, _ in scope["headers"])
        self.watcher: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """An exception would end a2wsgi's sender, and the thread would wait for it for ever."""
        if self.failure is None:
            try:
                await self._send(message)
            except Exception as failure:
                self.failure = failure
                self.over.set()

    def next_message(self) -> Message:
        """Wait, in a thread, for what the client sends next."""
        return asyncio.run_coroutine_threadsafe(self._receive(), self.loop).result()

    async def _receive(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.body_ended = not message.get("more_body", False)
        return message

    def watch(self) -> None:
        """Have it noticed, from now on, when the client goes away."""
        if self.body_ended:
            self.loop.call_soon_threadsafe(self._watch)

    def _watch(self) -> None:
        async def wait() -> None:
            while (await self.receive())["type"] != "http.disconnect":
                pass
            self.over.set()

        if not self.over.is_set():
            self.watcher = self.loop.create_task(wait())

    def end(self) -> None:
        self.over.set()
        if self.watcher is not None:
            self.watcher.cancel()


class Body(io.RawIOBase):
    """The body of a request, for the thread that a view runs in."""

    def __init__(self, call: Call) -> None:
        self.call, self.rest = call, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest and not self.call.body_ended:
            message = self.call.next_message()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the client went away before its body was complete")
            self.rest = message.get("body", b"")
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


class AsUnderGunicorn:
    """WSGI layer, the outermost: the environment that gunicorn would have made."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        call: Call = environ["asgi.scope"][CALL]
        environ.update(corrections(call.scope))
        environ["wsgi.input"] = io.BufferedReader(Body(call))
        answer = self.app(environ, start_response)
        return ClosingIterator(while_wanted(answer, call), getattr(answer, "close", None))


def corrections(scope: Scope) -> WSGIEnvironment:
    """What a2wsgi says otherwise, or does not say."""
    query = scope["query_string"].decode("latin-1")
    path: bytes = scope["raw_path"]
    target = scope.get(TARGET) or path + (b"?" + scope["query_string"] if query else b"")
    return {
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "RAW_URI": target.decode("latin-1"),
        "QUERY_STRING": query,
        "SCRIPT_NAME": scope.get("root_path", ""),
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
    }


def while_wanted(answer: Iterable[bytes], call: Call) -> Iterator[bytes]:
    """The answer, until the client has gone: a generator that never ends would hold its thread.

    That is looked for from the second chunk on. Most answers have one.
    """
    for number, chunk in enumerate(answer):
        if number == 1:
            call.watch()
        if call.over.is_set():
            return
        yield chunk
