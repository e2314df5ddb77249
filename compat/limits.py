"""The limits of gunicorn for an app that uvicorn serves.

Keeps: 414 for a request line over 4,094 bytes, 431 for over 100 headers or one over 8,190
bytes, 400 for a repeated Host or Content-Type, and no headers with underscores. uvicorn has
none of these. Not wanted behind a proxy that has such limits itself.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

REQUEST_LINE = 4094
FIELDS = 100
FIELD_SIZE = 8190
SINGLE = (b"host", b"content-type")


class RequestLimits:
    """ASGI layer: `answer(status)` is the ASGI app that sends the refusal."""

    def __init__(self, app: ASGIApp, answer: Callable[[int], ASGIApp]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if status := refusal(scope):
                await self.answer(status)(scope, receive, send)
                return
            if any(b"_" in name for name, _ in scope["headers"]):
                kept = [(name, value) for name, value in scope["headers"] if b"_" not in name]
                scope = {**scope, "headers": kept}
        await self.app(scope, receive, send)


def refusal(scope: Scope) -> int | None:
    """The status with which gunicorn would refuse the request of `scope`; None if it would not."""
    target = len(scope["raw_path"]) + len(scope["query_string"]) + bool(scope["query_string"])
    if len(scope["method"]) + target + len(" HTTP/1.1 ") > REQUEST_LINE:
        return 414
    headers = scope["headers"]
    if len(headers) > FIELDS or any(len(n) + len(v) + 4 > FIELD_SIZE for n, v in headers):
        return 431
    names = [name for name, _ in headers]
    return 400 if any(names.count(name) > 1 for name in SINGLE) else None
