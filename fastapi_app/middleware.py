"""What happens to every request and answer, outermost layer first."""

from collections.abc import Mapping
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


def outer(settings: Settings) -> list[Middleware]:
    proxies = settings.trusted_proxies
    name = {"X-Served-By": NAME} if settings.served_by else {}
    return [
        Middleware(FlaskEnviron),
        Middleware(Envelope, headers=SECURITY_HEADERS | name),
        *([Middleware(ProxyFix, trusted=proxies)] if proxies else []),
    ]


def inner() -> list[Middleware]:
    return [
        Middleware(RequestLimits, answer=problem_response),
        Middleware(CatchErrors, handler=on_exception),
        Middleware(FlaskMethods),
    ]


class Envelope:
    """Gives a request its id, times it, and writes its line in the log; gives every answer
    `headers`.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = [(n.lower().encode(), value.encode()) for n, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = unquote(scope["raw_path"].decode("latin-1"))
        request = request_log.begin(scope["method"], path, sent(scope, b"x-request-id"), NAME)

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *self.headers,
                    (b"x-request-id", request.request_id.encode()),
                    (b"server-timing", request.timing.encode()),
                ]
            else:
                request.sent(len(message.get("body", b"")))
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            request.end()
