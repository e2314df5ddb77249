"""What the OpenAPI document says beyond the types of the handlers."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from shared import api_description
from shared.settings import Settings


def install(app: FastAPI, settings: Settings) -> None:
    """The scheme of the session is older than any app, and does not know the cookie's name."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schemes = document["components"]["securitySchemes"]
        schemes["session"]["name"] = settings.session_cookie_name
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}.{route.name}"


OPTIONS: dict[str, Any] = {
    "title": api_description.TITLE,
    "version": api_description.VERSION,
    # The openapi topic serves the document and its pages itself.
    "openapi_url": None,
    "generate_unique_id_function": operation_id,
    "responses": api_description.PROBLEMS,
}
