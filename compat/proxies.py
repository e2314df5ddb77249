"""Who asked, and under which address, when the app stands behind proxies: Werkzeug's ProxyFix.

Keeps: client, scheme, host and path prefix from the last of X-Forwarded-For, -Proto, -Host and
-Prefix, counted from the right by the number of proxies. uvicorn knows the first two only, and
trusts them from 127.0.0.1. Not wanted where no proxy sets these headers: any client could.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from compat.environ import BY_NAME


class ProxyFix:
    """ASGI layer; `trusted` is how many proxies stand before the app, each adding to the
    headers."""

    def __init__(self, app: ASGIApp, trusted: int = 1) -> None:
        self.app, self.trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = self._fixed(scope)
        await self.app(scope, receive, send)

    def _fixed(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        fixed = dict(scope)
        if client := self._value(headers, "x-forwarded-for"):
            fixed["client"] = (client, 0)
        if scheme := self._value(headers, "x-forwarded-proto"):
            fixed["scheme"] = scheme
        if host := self._value(headers, "x-forwarded-host"):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            fixed["headers"] = [*others, (b"host", host.encode("latin-1"))]
            fixed.pop(BY_NAME, None)
        if prefix := self._value(headers, "x-forwarded-prefix"):
            fixed["root_path"], fixed["path"] = prefix, prefix + scope["path"]
        return fixed

    def _value(self, headers: Headers, name: str) -> str | None:
        values = [value.strip() for value in ",".join(headers.getlist(name)).split(",")]
        return values[-self.trusted] if len(values) >= self.trusted else None
