"""compat/places.py changes how many routes are asked, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import Match, Mount, NoMatchFound
from starlette.testclient import TestClient
from starlette.types import Scope

from compat.places import Placed, Places
from fastapi_app.app import create_app
from shared.settings import Settings


def told(name: str) -> APIRouter:
    """A router with nothing in it yet; its handlers answer with its name."""
    router = APIRouter()
    router.name = name  # type: ignore[attr-defined]
    return router


def route(router: APIRouter, path: str, name: str = "") -> None:
    async def handler() -> str:
        return f"{router.name} {path}"  # type: ignore[attr-defined]

    router.add_api_route(path, handler, name=name or None)


@pytest.fixture
def app() -> FastAPI:
    first, second, any_start = told("first"), told("second"), told("any")
    for path in ("/a/{key}", "/b"):
        route(first, path)
    for path in ("/a/one", "/a/one/two", "/c"):
        route(second, path)
    route(any_start, "/{start}/last", "found")
    app = FastAPI()
    for router in (first, second, any_start):
        app.include_router(router)
    app.router.redirect_slashes = False
    Places.install(app.router)
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/a/one", "first /a/{key}"),
        ("/a/one/two", "second /a/one/two"),
        ("/a/last", "first /a/{key}"),
        ("/b/last", "any /{start}/last"),
        ("/unknown/last", "any /{start}/last"),
        ("/c", "second /c"),
    ],
)
def test_routes_are_asked_in_their_order(client: TestClient, path: str, answer: str) -> None:
    assert client.get(path).json() == answer


@pytest.mark.parametrize("path", ["/", "//", "/unknown", "/a", "/a/", "/c/", "/ab", "/c/one"])
def test_what_no_route_matches_is_404(client: TestClient, path: str) -> None:
    assert client.get(f"http://testserver{path}").status_code == 404


def test_another_method_is_405(client: TestClient) -> None:
    answer = client.post("/c")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_what_is_added_later_is_found(app: FastAPI, client: TestClient) -> None:
    assert client.get("/later").status_code == 404
    later = told("later")
    route(later, "/later", "later")
    app.include_router(later)
    app.router.routes.append(Mount("/d", app=FastAPI(openapi_url="/openapi.json"), name="mounted"))
    assert client.get("/later").json() == "later /later"
    assert client.get("/d/openapi.json").status_code == 200
    assert app.url_path_for("later") == "/later"
    assert app.url_path_for("mounted", path="/x") == "/d/x"


def test_a_prefix_of_the_address_is_no_part_of_the_path(app: FastAPI) -> None:
    with TestClient(app, root_path="/prefix") as client:
        assert client.get("/prefix/c").json() == "second /c"


def test_a_slash_too_many_is_redirected_if_the_router_says_so(app: FastAPI) -> None:
    app.router.redirect_slashes = True
    with TestClient(app) as client:
        assert (
            client.get("/c/", follow_redirects=False).headers["location"] == "http://testserver/c"
        )
        assert client.get("/a/one/two/").json() == "second /a/one/two"


def test_an_unknown_name_has_no_address(app: FastAPI) -> None:
    assert app.url_path_for("found", start="x") == "/x/last"
    for name, values in (("unknown", {}), ("found", {}), ("found", {"start": "x", "more": "y"})):
        with pytest.raises(NoMatchFound):
            app.url_path_for(name, **values)


def test_whatever_matches_a_path_is_asked_and_hardly_anything_else() -> None:
    app = create_app(Settings())
    places = app.router.middleware_stack
    assert isinstance(places, Places)
    contexts = [*iter_route_contexts(app.routes)]
    paths = {path for context in contexts for path in some_paths(context.path or "")}
    assert len(paths) > 100
    for path in sorted(paths):
        for method in ("GET", "PUT"):
            scope: Scope = {"type": "http", "path": path, "method": method, "headers": []}
            matching = [c.original_route for c in contexts if is_matched(c, scope)]
            asked = [route for route in places.find(path).routes if isinstance(route, Placed)]
            assert [route.route for route in asked if is_matched(route, scope)] == matching, path
            if path in places.by_path:
                assert len(asked) == len(matching), path


def some_paths(path: str) -> Iterator[str]:
    """A path without parameters, or what matches one with them, or nearly does."""
    for value in ("1", "one", "a.txt", "one/two", "1.5", ""):
        yield re.sub(r"\{.*?\}", value, path)
    yield path + "/"
    yield path + "/more"


def is_matched(route: RouteContext | Placed, scope: Scope) -> bool:
    return route.matches(scope)[0] is not Match.NONE
