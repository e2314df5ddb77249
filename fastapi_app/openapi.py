"""What the OpenAPI document says beyond the types of the handlers."""

from typing import Any

from fastapi.routing import APIRoute

from shared import api_description


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
