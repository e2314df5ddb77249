"""Which pages of other origins may read the answers."""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response
from flask_cors import CORS

from flask_app.parsing import current_request
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
    app.wsgi_app = VaryOnOrigin(app.wsgi_app)  # type: ignore[method-assign]


def look_at_origins_only(app: Flask) -> None:
    """Without an origin flask-cors would try all its patterns, and add nothing."""
    add_headers = app.after_request_funcs[None].pop()

    @app.after_request
    def add_headers_for_origin(response: Response) -> Any:
        return add_headers(response) if "HTTP_ORIGIN" in current_request().environ else response


class VaryOnOrigin:
    """A cache must not give one origin's answer to another, or to none."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if "Vary" in dict(headers):
                others = [value for name, value in headers if name == "Vary"]
                headers = [header for header in headers if header[0] != "Vary"]
                headers.append(("Vary", ", ".join(["Origin", *others])))
            else:
                headers.append(("Vary", "Origin"))
            return start_response(status, headers, *exc_info)

        return self.app(environ, start)
