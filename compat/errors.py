"""An unexpected exception becomes a 500 inside the other layers.

Keeps: the headers that CORS and other layers add, also on a 500, and the connection. Starlette
answers such an exception outside of every layer, so a browser cannot read it, and the server
closes.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class CatchErrors:
    """ASGI layer: answers with `handler(request, error)` unless the answer has begun."""

    def __init__(self, app: ASGIApp, handler: Callable[[Request, Exception], Response]) -> None:
        self.app, self.handler = app, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if started:
                raise
            await self.handler(Request(scope, receive), error)(scope, receive, send)
