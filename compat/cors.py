"""CORS as flask-cors answers it.

Keeps: headers on every answer, errors and 404 included; a preflight is answered by the route,
so an unknown path stays 404; methods that a resource lacks leave the headers out. Starlette's
CORSMiddleware answers each preflight before routing, 400 if it does not like it. Not wanted in
a new app.
"""

from collections.abc import Sequence
from urllib.parse import unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat.environ import sent

METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


class FlaskCORS:
    """ASGI layer for a list of origins, compared in any case.

    Cookies are allowed below `credential_paths`; `max_age` is in seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        origins: Sequence[str],
        credential_paths: Sequence[str] = (),
        expose_headers: Sequence[str] = (),
        max_age: int = 600,
    ) -> None:
        self.app = app
        self.origins = {origin.lower() for origin in origins}
        self.credential_paths = tuple(credential_paths)
        self.exposed = ", ".join(expose_headers)
        self.max_age = str(max_age)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        origin = sent(scope, b"origin") or ""

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                vary_on_origin(message)
                if origin.lower() in self.origins:
                    self._add(origin, scope, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, add_headers)

    def _add(self, origin: str, scope: Scope, answer: MutableHeaders) -> None:
        request = Headers(scope=scope)
        answer["access-control-allow-origin"] = origin
        if self.exposed:
            answer["access-control-expose-headers"] = self.exposed
        if self._takes_credentials(scope["path"]):
            answer["access-control-allow-credentials"] = "true"
        if request.get("access-control-request-private-network") == "true":
            answer["access-control-allow-private-network"] = "false"
        if scope["method"] == "OPTIONS":
            self._add_preflight(request, answer)

    def _add_preflight(self, request: Headers, answer: MutableHeaders) -> None:
        method = request.get("access-control-request-method", "").upper()
        if not method or method not in METHODS:
            return
        answer["access-control-allow-methods"] = METHODS
        answer["access-control-max-age"] = self.max_age
        names = request.get("access-control-request-headers")
        if names and (wanted := ", ".join(sorted(name.strip() for name in names.split(",")))):
            answer["access-control-allow-headers"] = wanted.strip()

    def _takes_credentials(self, path: str) -> bool:
        again = unquote(path)  # flask-cors decodes what was decoded
        return any(
            again == prefix or again.startswith(prefix + "/") for prefix in self.credential_paths
        )


def vary_on_origin(message: Message) -> None:
    """A cache must not give one origin's answer to another, or to none."""
    if b"vary" in dict(message["headers"]):
        MutableHeaders(scope=message).add_vary_header("Origin")
    else:
        message["headers"] = [*message["headers"], (b"vary", b"Origin")]
