"""Which pages of other origins may read the answers."""

from typing import Any

from flask import Flask, Response, request
from flask_cors import CORS

from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    credentials: dict[Any, dict[str, Any]] = {
        rf"{path}(?s:/.*)?\Z": {"supports_credentials": True} for path in settings.credential_paths
    }
    CORS(
        app,
        resources={**credentials, "/*": {}},
        origins=list(settings.cors_origins),
        expose_headers=list(settings.exposed_headers),
        max_age=600,
        always_send=False,
        vary_header=False,
    )
    look_at_origins_only(app)
    app.after_request(vary_on_origin)


def look_at_origins_only(app: Flask) -> None:
    """Without an origin flask-cors would try all its patterns, and add nothing."""
    add_headers = app.after_request_funcs[None].pop()

    @app.after_request
    def add_headers_for_origin(response: Response) -> Any:
        return add_headers(response) if "HTTP_ORIGIN" in request.environ else response


def vary_on_origin(response: Response) -> Response:
    """A cache must not give one origin's answer to another, or to none."""
    if "vary" in response.headers.keys(lower=True):
        response.vary.add("Origin")
    else:
        response.headers.add("Vary", "Origin")
    return response
