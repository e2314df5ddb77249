"""The bare twin of each endpoint in FastAPI: the same handler, one route, no layers.

What a handler itself asks for stays: its database, its session, its credentials.
"""

from typing import Any

from fastapi import FastAPI

from benchmarks import fastapi_routes
from benchmarks.items import PLACES
from fastapi_app import database, security, sessions
from fastapi_app.routes import (
    cookies,
    customers,
    file_upload,
    form,
    hello,
    json_body,
    orders,
    path_params,
    query_params,
)
from fastapi_app.routes import sessions as session_routes
from shared.settings import Settings

# Method, path, handler and, where it is not 200, the status.
_ROUTES: dict[str, list[tuple[Any, ...]]] = {
    "hello": [("GET", "/", hello.hello)],
    "path": [("GET", "/users/{user_id:int}", path_params.show_user)],
    "query": [("GET", "/search/advanced", query_params.search_advanced)],
    "json": [("POST", "/lowercase", json_body.lowercase)],
    "form": [("POST", "/submit", form.submit)],
    "cookie": [("GET", "/profile", cookies.show_profile)],
    "upload-0.9": [("POST", "/upload", file_upload.upload)],
    "upload-1.1": [("POST", "/upload", file_upload.upload)],
    "list": [("GET", "/benchmark/list", fastapi_routes.list_items)],
    "last": [("GET", PLACES["last"], fastapi_routes.light)],
    "crowded": [("GET", PLACES["crowded"], fastapi_routes.light)],
    "wait": [("GET", "/benchmark/wait", fastapi_routes.wait)],
    "rows": [("GET", "/customers", customers.list_customers)],
    "login": [("POST", "/session", session_routes.log_in, 204)],
    # The answer names the address of the new order.
    "order": [
        ("POST", "/orders", orders.place_order, 201),
        ("GET", "/orders/{order_id:id}", orders.show_order),
    ],
}


def twin(name: str, settings: Settings) -> FastAPI:
    """The app that answers the endpoint `name`, and nothing else."""
    needs_session = name in {"login", "order"}
    app = FastAPI(openapi_url=None, middleware=sessions.layers(settings) if needs_session else [])
    if needs_session or name == "rows":
        database.install(app, settings)
        security.install(app, settings)
    for method, path, handler, *status in _ROUTES[name]:
        app.add_api_route(path, handler, methods=[method], status_code=status[0] if status else 200)
    return app
