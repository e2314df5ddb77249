"""Jinja templates that were written for Flask.

Keeps: in every template `request`, `session`, `url_for` with the names of endpoints
(`blueprint.function`), `get_flashed_messages`; `flash`, in the format of Flask's session; HTML
escaped in .svg and .xhtml too, and in templates made from a string. Starlette's Jinja2Templates
escapes neither, its `url_for` has other names and whole addresses, and it writes into the context
that it is given, which then shows one request to the next. Not wanted with templates of one's own.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request

from compat.sessions import Session

ANCHOR = "%!#$&'()*+,/:;=?@"  # what stands in the last part of an address as it is
ESCAPED = ("html", "htm", "xml", "xhtml", "svg")
Flashed = tuple[str, str]


class FlaskTemplates:
    """The templates of a folder, for the endpoints of `routers`."""

    def __init__(self, folder: Path, routers: Iterable[APIRouter]) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(ESCAPED, default_for_string=True),
            auto_reload=False,
        )
        self.endpoints = endpoints(routers)

    def render(self, request: Request, name: str, **context: Any) -> str:
        """The template `name` of the folder, with this context."""
        return self.environment.get_template(name).render(self._names(request), **context)

    def render_string(self, request: Request, source: str, **context: Any) -> str:
        """A template that is a text."""
        return self.environment.from_string(source).render(self._names(request), **context)

    def url_for(
        self, request: Request, endpoint: str, *, _anchor: str | None = None, **values: Any
    ) -> str:
        """The path of an endpoint. Values that are no part of it become its query; None is left
        out."""
        route = self.endpoints[endpoint]
        inside = {name: values.pop(name) for name in route.param_convertors}
        path = quote(route.url_path_for(route.name, **inside), safe="!$&'()*+,/:;=@")
        query = {name: value for name, value in values.items() if value is not None}
        tail = "?" + urlencode(query, doseq=True, safe="!$'()*,/:;?@") if query else ""
        if _anchor is not None:
            tail += "#" + quote(_anchor, safe=ANCHOR)
        prefix: str = request.scope.get("root_path", "")
        return prefix.rstrip("/") + path + tail

    def _names(self, request: Request) -> dict[str, Any]:
        session: Session = request.scope["session"]
        return {
            "request": request,
            "session": session,
            "url_for": partial(self.url_for, request),
            "get_flashed_messages": partial(get_flashed_messages, request),
        }


def endpoints(routers: Iterable[APIRouter]) -> dict[str, APIRoute]:
    """`blueprint.function` -> the route; the first tag of a router stands for the blueprint."""
    return {
        f"{route.tags[0]}.{route.name}": route
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    }


def flash(session: Session, message: str, category: str = "message") -> None:
    """Keep a message for the next page that this visitor sees."""
    session["_flashes"] = [*session.get("_flashes", []), (category, message)]


def get_flashed_messages(
    request: Request, with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[Any]:
    """The messages kept, which are then forgotten; the same ones again during this request."""
    if not hasattr(request.state, "flashes"):
        session: Session = request.scope["session"]
        request.state.flashes = session.pop("_flashes") if "_flashes" in session else []
    wanted = tuple(category_filter)
    found: list[Flashed] = [
        (category, message)
        for category, message in request.state.flashes
        if not wanted or category in wanted
    ]
    return found if with_categories else [message for _, message in found]
