"""A route costs the same wherever it stands.

Keeps: the last of many routes is found as fast as the first, as by Werkzeug, and so is its address
by its name. Starlette asks one route after the other, and FastAPI all routes of each included
router, the one that matches three times. They still ask each route, in their order, but once, and
only those that begin as the path does, or bear the name. Not wanted in an app of few routes.

    Places.install(app.router)
"""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send


class Places:
    """What stands in the place of `router`: routers of few routes, by the first part of a path.

    A router that was included must have its routes by then.
    """

    def __init__(self, router: APIRouter) -> None:
        self.router, self.whole = router, router.middleware_stack
        self.any_address = router.url_path_for
        self.known: list[BaseRoute] = []
        self.by_start: dict[str, APIRouter] = {}
        self.by_name: dict[str | None, list[RouteContext]] = {}

    @classmethod
    def install(cls, router: APIRouter) -> None:
        places = cls(router)
        router.middleware_stack = places
        router.url_path_for = places.url_path_for  # type: ignore[method-assign]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.whole(scope, receive, send)
            return
        self._sort()
        scope["router"] = self.router
        router = self.by_start.get(_start(_route_path(scope))) or self.by_start[""]
        await router.app(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The router's own, asking only the routes of this name. Raises NoMatchFound."""
        self._sort()
        for context in self.by_name.get(name, ()):
            with suppress(NoMatchFound):
                address: URLPath = context.url_path_for(name, **path_params)
                return address
        return self.any_address(name, **path_params)

    def _sort(self) -> None:
        if self.router.routes == self.known:
            return
        self.known = [*self.router.routes]
        self.by_name = {}
        placed: list[tuple[BaseRoute, set[str]]] = []
        for route in self.known:
            contexts = [*iter_route_contexts([route])]
            if all(isinstance(context.original_route, APIRoute) for context in contexts):
                placed += [(Placed(context), {_start(context.path or "")}) for context in contexts]
                for context in contexts:
                    self.by_name.setdefault(context.name, []).append(context)
            else:
                placed.append((route, {_start(context.path or "") for context in contexts}))
        for start in {""}.union(*(found for _, found in placed)):
            fitting = [route for route, found in placed if start in found or "" in found]
            self.by_start[start] = APIRouter(
                routes=fitting,
                redirect_slashes=self.router.redirect_slashes,
                default=self.router.default,
            )


class Placed(BaseRoute):
    """A route without the way through its router, which would match it twice more.

    Limits for forms that were given to `include_router` are not known here.
    """

    def __init__(self, context: RouteContext) -> None:
        self.route = context.original_route
        self.path_format, self.methods = context.path_format, context.methods or set()
        self.app: ASGIApp = context.app
        self.matches = context.matches  # type: ignore[method-assign]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self.methods:
            raise HTTPException(405, headers={"Allow": ", ".join(self.methods)})
        scope["route"] = self.route
        await self.app(scope, receive, send)


def _start(path: str) -> str:
    start = path[: path.find("/", 1)] if "/" in path[1:] else path
    return "" if "{" in start else start


def _route_path(scope: Scope) -> str:
    """The path below the address of the app."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    return path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path
