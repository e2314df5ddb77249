"""compat/places.py changes how many routes are asked, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount, NoMatchFound
from starlette.testclient import TestClient

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


def test_an_unknown_name_has_no_address(app: FastAPI) -> None:
    assert app.url_path_for("found", start="x") == "/x/last"
    for name, values in (("unknown", {}), ("found", {}), ("found", {"start": "x", "more": "y"})):
        with pytest.raises(NoMatchFound):
            app.url_path_for(name, **values)


def test_each_route_of_the_app_is_found_where_it_was() -> None:
    app = create_app(Settings())
    places = app.router.middleware_stack
    assert isinstance(places, Places)
    places._sort()
    contexts = [*iter_route_contexts(app.routes)]
    for context in contexts:
        assert isinstance(context.original_route, APIRoute)
        start = "/" + (context.path or "").split("/")[1]
        placed = [route for route in places.by_start[start].routes if isinstance(route, Placed)]
        alike = [
            c.original_route for c in contexts if (c.path or "").split("/")[1] == start.strip("/")
        ]
        assert [route.route for route in placed] == alike
        assert context.original_route in alike
