"""What happens to every request and answer, outermost layer first."""

from collections.abc import Mapping
from functools import cache
from urllib.parse import unquote

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat.environ import FlaskEnviron, sent
from compat.errors import CatchErrors
from compat.limits import RequestLimits
from compat.methods import FlaskMethods
from compat.proxies import ProxyFix
from fastapi_app.errors import on_exception, problem_response
from shared import request_log
from shared.security_headers import SECURITY_HEADERS
from shared.settings import Settings

NAME = "fastapi"
RawHeaders = list[tuple[bytes, bytes]]


def outer(settings: Settings) -> list[Middleware]:
    proxies = settings.trusted_proxies
    return [
        Middleware(FlaskEnviron),
        Middleware(LogRequests),
        *([Middleware(ProxyFix, trusted=proxies)] if proxies else []),
        Middleware(AddSecurityHeaders),
        *([Middleware(NameApp)] if settings.served_by else []),
    ]


def inner() -> list[Middleware]:
    return [
        Middleware(RequestLimits, answer=problem_response),
        Middleware(CatchErrors, handler=on_exception),
        Middleware(FlaskMethods),
    ]


def raw(headers: Mapping[str, str]) -> RawHeaders:
    """Headers as a message has them."""
    return [(raw_name(name), value.encode("latin-1")) for name, value in headers.items()]


@cache
def raw_name(name: str) -> bytes:
    return name.lower().encode()


def add(message: Message, headers: RawHeaders) -> None:
    """Add headers that an answer does not have; `MutableHeaders` would look for each."""
    message["headers"] = [*message["headers"], *headers]


class LogRequests:
    """Gives a request its id, times it, and writes its line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = unquote(scope["raw_path"].decode("latin-1"))
        request = request_log.begin(scope["method"], path, sent(scope, b"x-request-id"), NAME)

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                add(message, raw(request.start(message["status"])))
            else:
                request.sent(len(message.get("body", b"")))
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            request.end()


class AddSecurityHeaders:
    headers = raw(SECURITY_HEADERS)

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = dict(message["headers"])
                add(message, [header for header in self.headers if header[0] not in there])
            await send(message)

        await self.app(scope, receive, add_headers)


class NameApp:
    headers = raw({"X-Served-By": NAME})

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                add(message, self.headers)
            await send(message)

        await self.app(scope, receive, add_header)
