"""A route costs the same wherever it stands.

Keeps: the last of many routes is found as fast as the first, as by Werkzeug, and so is its address
by its name. Starlette asks one route after the other, and FastAPI all routes of each included
router, the one that matches three times. They still ask each route, in their order, but once, and
only those that can match: at a path that some route has without parameters, these are known
before; elsewhere routes with parameters are asked that begin as the path does. Not wanted in an
app of few routes.

    Places.install(app.router)
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeGuard

from fastapi import APIRouter
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, NoMatchFound, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send


class Places:
    """What stands in the place of `router`: routers of few routes, by a path or its first part.

    A router that was included must have its routes by then.
    """

    def __init__(self, router: APIRouter) -> None:
        self.router, self.whole = router, router.middleware_stack
        self.any_address = router.url_path_for
        self.known: list[BaseRoute] = []
        self.by_path: dict[str, APIRouter] = {}
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
        scope["router"] = self.router
        await self.find(_route_path(scope)).app(scope, receive, send)

    def find(self, path: str) -> APIRouter:
        """The router of all routes that may match a path."""
        self._sort()
        return self.by_path.get(path) or self.by_start.get(_start(path)) or self.by_start[""]

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
        self.known, self.by_name = [*self.router.routes], {}
        placed: list[tuple[BaseRoute, set[str]]] = []
        for route in self.known:
            contexts = [*iter_route_contexts([route])]
            if all(isinstance(context.original_route, APIRoute) for context in contexts):
                placed += [(Placed(context), {_start(context.path or "")}) for context in contexts]
                for context in contexts:
                    self.by_name.setdefault(context.name, []).append(context)
            else:
                placed.append((route, {_start(context.path or "") for context in contexts}))
        self.by_path = {
            path: self._router(route for route, starts in placed if _fits(path, route, starts))
            for path in {route.path for route, _ in placed if _is_literal(route)}
        }
        if not self.router.redirect_slashes:  # which looks for another path than the one asked for
            placed = [(route, starts) for route, starts in placed if not _is_literal(route)]
        self.by_start = {
            start: self._router(route for route, starts in placed if starts & {start, ""})
            for start in {""}.union(*(starts for _, starts in placed))
        }

    def _router(self, routes: Iterable[BaseRoute]) -> APIRouter:
        return APIRouter(
            routes=[*routes],
            redirect_slashes=self.router.redirect_slashes,
            default=self.router.default,
        )


class Placed(BaseRoute):
    """A route without the way through its router, which would match it twice more.

    Limits for forms that were given to `include_router` are not known here.
    """

    def __init__(self, context: RouteContext) -> None:
        self.route, self.path = context.original_route, context.path or ""
        self.regex, *_ = compile_path(self.path)
        self.path_format, self.methods = context.path_format, context.methods or set()
        self.app: ASGIApp = context.app
        self.matches = context.matches  # type: ignore[method-assign]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self.methods:
            raise HTTPException(405, headers={"Allow": ", ".join(self.methods)})
        scope["route"] = self.route
        await self.app(scope, receive, send)


def _is_literal(route: BaseRoute) -> TypeGuard[Placed]:
    return isinstance(route, Placed) and "{" not in route.path


def _fits(path: str, route: BaseRoute, starts: set[str]) -> bool:
    """Whether a route may match a path; `starts` are the first parts of its own."""
    if isinstance(route, Placed):
        return route.regex.match(path) is not None
    return bool(starts & {_start(path), ""})


def _start(path: str) -> str:
    start = path[: path.find("/", 1)] if "/" in path[1:] else path
    return "" if "{" in start else start


def _route_path(scope: Scope) -> str:
    """The path below the address of the app."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    return path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path
