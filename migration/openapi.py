"""One OpenAPI document for all topics, whoever answers them."""

from copy import deepcopy
from functools import cache
from typing import Any

from fastapi import FastAPI
from flask import Flask


def install(app: FastAPI, flask: Flask) -> None:
    """Let FastAPI describe the moved topics, and Flask the others. Flask's own document is whole
    as long as it has all blueprints."""

    @cache
    def openapi() -> dict[str, Any]:
        return merged(flask.extensions["openapi"], FastAPI.openapi(app))

    app.openapi = openapi  # type: ignore[method-assign]


def merged(whole: dict[str, Any], moved: dict[str, Any]) -> dict[str, Any]:
    """The document `whole`, each operation and component that `moved` has too taken from there.

    The scheme of the session stays: Flask knows the cookie's name.
    """
    document = deepcopy(whole)
    for path, operations in moved["paths"].items():
        document["paths"].setdefault(path, {}).update(operations)
    schemas = moved.get("components", {}).get("schemas", {})
    document["components"].setdefault("schemas", {}).update(schemas)
    return document
