"""What the OpenAPI document says of each operation, without references."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """A value that an operation takes outside of its body."""

    place: str
    name: str
    required: bool
    schema: Schema


@dataclass(frozen=True)
class Operation:
    """One method of one path; `bodies` are its content types with their schemas, `schemes`
    the security schemes of which one is to be used."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[tuple[str, Schema], ...]
    schemes: tuple[str, ...] = ()


def fetch(address: tuple[str, int]) -> Any:
    """The document of the server at `address`."""
    connection = HTTPConnection(*address, timeout=10)
    try:
        connection.request("GET", "/openapi.json", headers={"Connection": "close"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def operations(document: Any) -> list[Operation]:
    """Every operation, in the order of the document."""
    return [
        _operation(method, path, item, _plain(document, item[method]), document)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def _operation(method: str, path: str, item: Any, operation: Any, document: Any) -> Operation:
    own = [*_plain(document, item.get("parameters", [])), *operation.get("parameters", [])]
    content = operation.get("requestBody", {}).get("content", {})
    return Operation(
        method.upper(),
        path,
        tuple(Parameter(p["in"], p["name"], p.get("required", False), p["schema"]) for p in own),
        tuple((kind, body["schema"]) for kind, body in content.items()),
        tuple(name for wanted in operation.get("security", ()) for name in wanted),
    )


def _plain(document: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(document, entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return _plain(document, found)
    return {key: _plain(document, entry) for key, entry in value.items()}
