"""Who answers a request: FastAPI if one of its routes does, else Flask."""

from collections.abc import Iterable

from flask import Flask
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from compat.environ import FlaskEnviron, flask_path
from compat.limits import refusal
from compat.methods import matches, methods
from migration.mount import FlaskMount
from servers.servings import THREADS

EVERYWHERE = {"HEAD", "OPTIONS"}


class Border:
    """ASGI layer, the outermost, so that each request passes the layers of one app only.

    What gunicorn refuses before Flask sees it, FastAPI's layers refuse.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute], flask: Flask) -> None:
        self.app = app
        # To look at all routes for each request would cost more than many an answer.
        self.routes: dict[str | None, list[BaseRoute]] = {}
        for route in routes:
            self.routes.setdefault(first_part(getattr(route, "path", "{")), []).append(route)
        self.flask = FlaskEnviron(FlaskMount(flask, THREADS))
        self.urls = flask.url_map.bind("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_flask = scope["type"] == "http" and not (self.has_moved(scope) or refusal(scope))
        await (self.flask if of_flask else self.app)(scope, receive, send)

    def has_moved(self, scope: Scope) -> bool:
        """Whether FastAPI has a route for this method and path, or all that Flask has for the path.

        So Flask tells what is allowed where the methods of a path are split between the two.
        """
        path = flask_path(scope["path"])
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        asked = {**scope, "path": path, "method": method}
        routes = [*self.routes.get(first_part(path), ()), *self.routes.get(None, ())]
        if not routes:
            return False
        if matches(routes, asked):
            return True
        moved = set(methods(routes, asked))
        return bool(moved) and moved.issuperset({*self.urls.allowed_methods(path)} - EVERYWHERE)


def first_part(path: str) -> str | None:
    """How a path begins; None if that is a parameter."""
    part = path.split("/", 2)[1] if path.startswith("/") else path
    return None if "{" in part else part
