"""What happens to every request and answer, outermost layer first."""

from urllib.parse import unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat.environ import FlaskEnviron
from compat.errors import CatchErrors
from compat.limits import RequestLimits
from compat.methods import FlaskMethods
from compat.proxies import ProxyFix
from fastapi_app.errors import on_exception, problem_response
from shared import request_log
from shared.security_headers import SECURITY_HEADERS
from shared.settings import Settings


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


class LogRequests:
    """Gives a request its id, times it, and writes its line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = unquote(scope["raw_path"].decode("latin-1"))
        sent_id = Headers(scope=scope).get("x-request-id")
        request = request_log.begin(scope["method"], path, sent_id)

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(request.start(message["status"]))
            else:
                request.sent(len(message.get("body", b"")))
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            request.end()


class AddSecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, add_headers)


class NameApp:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-served-by"] = "fastapi"
            await send(message)

        await self.app(scope, receive, add_header)
