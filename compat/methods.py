"""HEAD, OPTIONS and 405 as Flask answers them.

Needs `compat.routing.FlaskRoute`. Keeps: HEAD wherever GET is, OPTIONS on every known path,
`Allow` over all routes of a path. FastAPI answers 405 to HEAD and OPTIONS, and `Allow` from the
first route only. Not wanted where clients use GET alone.
"""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

# Where an OPTIONS request carries its `Allow` to the route, so that the route's hooks see it.
ALLOW = "compat.allow"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class FlaskMethods:
    """ASGI layer: HEAD becomes GET (the server drops the body), OPTIONS is answered from the
    routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                scope = {**scope, "method": "GET"}
            elif scope["method"] == "OPTIONS" and (allow := allowed(scope)):
                scope = {**scope, "method": allow.partition(",")[0], ALLOW: allow}
        await self.app(scope, receive, send)


def allowed(scope: Scope) -> str:
    """The methods of all routes that match the path of `scope`, as `Allow` has them; or nothing."""
    found = methods(scope["app"].router.routes, scope)
    if "GET" in found:
        found.append("HEAD")
    return ", ".join([*found, "OPTIONS"]) if found else ""


def methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """Those of METHODS for which one of `routes` answers at the path of `scope`."""
    return [method for method in METHODS if matches(routes, {**scope, "method": method})]


def matches(routes: Sequence[BaseRoute], scope: Scope) -> bool:
    """Whether one of `routes` answers the request of `scope`."""
    try:
        return any(route.matches(scope)[0] is Match.FULL for route in routes)
    except HTTPException:
        return False
