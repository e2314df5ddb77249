"""Which pages of other origins may read the answers."""

from typing import Any

from flask import Flask, Response
from flask_cors import CORS

from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    credentials: dict[Any, dict[str, Any]] = {
        rf"{path}(/.*)?\Z": {"supports_credentials": True} for path in settings.credential_paths
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
    app.after_request(vary_on_origin)


def vary_on_origin(response: Response) -> Response:
    """A cache must not give one origin's answer to another, or to none."""
    response.vary.add("Origin")
    return response
