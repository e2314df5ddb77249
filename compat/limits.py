"""What gunicorn refuses, for an app that uvicorn serves.

Keeps: 414 for a request line over 4,094 bytes, 431 for over 100 headers or one over 8,190
bytes, 417 for an expectation other than 100-continue; 400 for a Host that is none, a repeated
Host or Content-Type, a version other than HTTP/1.0 and 1.1, a transfer coding that HTTP does
not know, a chunked body in HTTP/1.0, and a body behind the offer of another protocol. uvicorn
does none of this. Not wanted behind a proxy that does it.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from compat.environ import BY_NAME, RAW
from shared.hosts import is_host

REQUEST_LINE = 4094
FIELDS = 100
FIELD_SIZE = 8190
VERSIONS = ("1.0", "1.1")
CONTINUE = b"100-continue"
UNUSUAL = {b"expect", b"transfer-encoding", b"upgrade"}
PLAIN = 4096  # bytes of all headers, far below FIELD_SIZE for one
CODINGS = (b"gzip", b"deflate", b"compress")
# Where `servers.protocol` leaves the request's target as it came, with authority and fragment.
TARGET = "servers.target"
JUDGED = {
    b"connection",
    b"content-length",
    b"content-type",
    b"expect",
    b"host",
    b"transfer-encoding",
    b"upgrade",
}
# Each header's values, in their order.
Values = dict[bytes, list[bytes]]


class RequestLimits:
    """ASGI layer: `answer(status)` is the ASGI app that sends the refusal."""

    def __init__(self, app: ASGIApp, answer: Callable[[int], ASGIApp]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (status := refusal(scope)):
            await self.answer(status)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def refusal(scope: Scope) -> int | None:
    """The status with which gunicorn would refuse the request of `scope`; None if it would not."""
    if len(scope["method"]) + len(_target(scope)) + len(" HTTP/1.1 ") > REQUEST_LINE:
        return 414
    if is_plain(scope):
        return None
    headers: Values = {}
    fields, too_long = 0, False
    for name, value in scope.get(RAW, scope["headers"]):
        if b"_" in name:
            continue
        fields += 1
        if len(name) + len(value) + 4 > FIELD_SIZE:
            too_long = too_long or len(name) + len(value.strip(b" \t")) + 4 > FIELD_SIZE
        if name in JUDGED:
            headers.setdefault(name, []).append(value.strip(b" \t"))
    if fields > FIELDS or too_long:
        return 431
    if scope["http_version"] not in VERSIONS or not _hosts_are_fine(scope, headers):
        return 400
    if len(headers.get(b"content-type", ())) > 1 or not _framing_is_fine(scope, headers):
        return 400
    if any(value.lower() != CONTINUE for value in headers.get(b"expect", ())):
        return 417
    return None


def is_plain(scope: Scope) -> bool:
    """Whether there is nothing to judge but the host: so it is with nearly all requests."""
    raw = scope.get(RAW, scope["headers"])
    values = scope.get(BY_NAME)
    if values is None:
        values = dict(raw)
    return (
        len(values) == len(raw) <= FIELDS
        and UNUSUAL.isdisjoint(values)
        and len(b"".join(values)) + len(b"".join(values.values())) <= PLAIN
        and scope["http_version"] == "1.1"
        and is_host(str(values.get(b"host", b"").strip(b" \t"), "latin-1"))
    )


def _target(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    target: bytes = scope.get(TARGET) or scope["raw_path"] + (b"?" + query if query else b"")
    return target


def _hosts_are_fine(scope: Scope, headers: Values) -> bool:
    hosts = headers.get(b"host")
    if not hosts:
        return bool(scope["http_version"] == "1.0")
    return len(hosts) == 1 and is_host(hosts[0].decode("latin-1"))


def _framing_is_fine(scope: Scope, headers: Values) -> bool:
    codings = headers.get(b"transfer-encoding")
    if codings:
        *others, last = [coding.strip(b" \t").lower() for coding in b",".join(codings).split(b",")]
        known = last == b"chunked" and all(coding in CODINGS for coding in others)
        if not known or scope["http_version"] == "1.0":
            return False
    has_body = codings or any(value.strip(b"0") for value in headers.get(b"content-length", ()))
    return not (has_body and offers_upgrade(headers))


def offers_upgrade(headers: Values) -> bool:
    """Whether a request asks to go on in another protocol."""
    if b"upgrade" not in headers:
        return False
    tokens = b",".join(headers.get(b"connection", ())).lower().split(b",")
    return b"upgrade" in [token.strip() for token in tokens]
