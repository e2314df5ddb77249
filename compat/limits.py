"""What gunicorn refuses, for an app that uvicorn serves.

Keeps: 414 for a request line over 4,094 bytes, 431 for over 100 headers or one over 8,190
bytes, 400 for a Host that is none, a repeated Host or Content-Type, a version other than
HTTP/1.0 and 1.1 and a chunked body in HTTP/1.0, 417 for an expectation other than 100-continue;
headers with underscores are left out. uvicorn does none of this. Not wanted behind a proxy that
does it.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.hosts import is_host

REQUEST_LINE = 4094
FIELDS = 100
FIELD_SIZE = 8190
VERSIONS = ("1.0", "1.1")
CONTINUE = b"100-continue"
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
    if scope["http_version"] not in VERSIONS:
        return 400
    headers = scope["headers"]
    if len(headers) > FIELDS or any(len(n) + len(v) + 4 > FIELD_SIZE for n, v in headers):
        return 431
    names = [name for name, _ in headers]
    host = dict(headers).get(b"host")
    if host is None and scope["http_version"] == "1.1":
        return 400
    if host is not None and not is_host(host.strip(b" \t").decode("latin-1")):
        return 400
    if any(names.count(name) > 1 for name in SINGLE):
        return 400
    if scope["http_version"] == "1.0" and b"transfer-encoding" in names:
        return 400
    expected = dict(headers).get(b"expect", CONTINUE)
    return 417 if expected.lower() != CONTINUE else None
