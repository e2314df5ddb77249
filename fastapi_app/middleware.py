"""What happens to every request and answer, outermost layer first."""

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat.environ import FlaskEnviron
from compat.errors import CatchErrors
from compat.limits import RequestLimits
from compat.methods import FlaskMethods
from compat.proxies import ProxyFix
from fastapi_app.errors import on_exception, problem_response
from shared.settings import Settings


def outer(settings: Settings) -> list[Middleware]:
    proxies = settings.trusted_proxies
    return [
        Middleware(FlaskEnviron),
        *([Middleware(ProxyFix, trusted=proxies)] if proxies else []),
        *([Middleware(NameApp)] if settings.served_by else []),
    ]


def inner() -> list[Middleware]:
    return [
        Middleware(RequestLimits, answer=problem_response),
        Middleware(CatchErrors, handler=on_exception),
        Middleware(FlaskMethods),
    ]


class NameApp:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-served-by"] = "fastapi"
            await send(message)

        await self.app(scope, receive, add_header)
