"""Call an app in this process, without a server: what remains is the app's own cost."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol

import uvloop
from werkzeug.test import run_wsgi_app

ADDRESS = ("127.0.0.1", 8000)


@dataclass(frozen=True)
class Request:
    """What a client sends; the path is written as it travels."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def sent_headers(self) -> list[tuple[str, str]]:
        """All headers, in lower case, as a usual client sends them."""
        usual = [("host", "127.0.0.1:8000"), ("user-agent", "benchmark"), ("accept", "*/*")]
        length = [("content-length", str(len(self.body)))] if self.body else []
        return [*usual, *self.headers, *length]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        return next((value for other, value in self.headers if other == name), None)


class Caller(Protocol):
    """An app that can be called many times in a row."""

    def call(self, request: Request) -> Answer: ...

    def repeat(self, request: Request, times: int) -> None: ...

    def close(self) -> None: ...


class WsgiCaller:
    def __init__(self, app: Any) -> None:
        self.app = app

    def call(self, request: Request) -> Answer:
        body, status, headers = run_wsgi_app(self.app, environ(request), buffered=True)
        told = tuple((name.lower(), value) for name, value in headers)
        return Answer(int(status.partition(" ")[0]), told, b"".join(body))

    def repeat(self, request: Request, times: int) -> None:
        base, app, body = environ(request), self.app, request.body
        for _ in range(times):
            answer: Iterable[bytes] = app({**base, "wsgi.input": BytesIO(body)}, _start)
            for _ in answer:
                pass
            if close := getattr(answer, "close", None):
                close()

    def close(self) -> None:
        pass


class AsgiCaller:
    def __init__(self, app: Any) -> None:
        self.app = app
        self.loop = uvloop.new_event_loop()
        self.life = _Life(app)
        self._run(self.life.begin())

    def call(self, request: Request) -> Answer:
        answer: Answer = self._run(self._call(request))
        return answer

    async def _call(self, request: Request) -> Answer:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope(request), _receive(request.body), send)
        headers = ((n.decode("latin-1"), v.decode("latin-1")) for n, v in sent[0]["headers"])
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], tuple(headers), body)

    def repeat(self, request: Request, times: int) -> None:
        self._run(self._repeat(request, times))

    async def _repeat(self, request: Request, times: int) -> None:
        base, app, body = scope(request), self.app, request.body
        for _ in range(times):
            fresh = {**base, "headers": [*base["headers"]], "state": {**self.life.state}}
            await app(fresh, _receive(body), _send)

    def close(self) -> None:
        self._run(self.life.end())
        self._run(self.loop.shutdown_default_executor())
        self.loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)


class _Life:
    """The lifespan of an ASGI app, as a server plays it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.state: dict[str, Any] = {}
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.said: asyncio.Queue[str] = asyncio.Queue()

    async def begin(self) -> None:
        self.task = asyncio.ensure_future(self._run())
        await self._tell("lifespan.startup")

    async def end(self) -> None:
        await self._tell("lifespan.shutdown")
        await self.task

    async def _run(self) -> None:
        async def receive() -> dict[str, str]:
            return {"type": await self.told.get()}

        async def send(message: dict[str, str]) -> None:
            self.said.put_nowait(message["type"])

        await self.app({"type": "lifespan", "asgi": _ASGI, "state": self.state}, receive, send)

    async def _tell(self, event: str) -> None:
        self.told.put_nowait(event)
        said = await self.said.get()
        if said != f"{event}.complete":
            raise RuntimeError(f"the app answers {event} with {said}")


_ASGI = {"version": "3.0", "spec_version": "2.3"}


def environ(request: Request) -> dict[str, Any]:
    """The request as gunicorn hands it to an app."""
    values: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REMOTE_ADDR": ADDRESS[0],
        "REMOTE_PORT": "50000",
        "SERVER_NAME": ADDRESS[0],
        "SERVER_PORT": str(ADDRESS[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    for name, value in request.sent_headers:
        key = name.upper().replace("-", "_")
        values[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return values


def scope(request: Request) -> dict[str, Any]:
    """The request as uvicorn hands it to an app."""
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "server": ADDRESS,
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": request.method,
        "root_path": "",
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "headers": [(n.encode(), v.encode("latin-1")) for n, v in request.sent_headers],
        "state": {},
    }


def _start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    return None


def _receive(body: bytes) -> Callable[[], Coroutine[Any, Any, dict[str, Any]]]:
    """A body comes in pieces of 64 KiB, as from a socket."""
    pieces = iter([body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""])
    left = len(body)

    async def receive() -> dict[str, Any]:
        nonlocal left
        piece = next(pieces, b"")
        left -= len(piece)
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    return receive


async def _send(message: dict[str, Any]) -> None:
    pass
