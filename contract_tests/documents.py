"""OpenAPI documents, brought to one form so that they can be compared.

Dropped: titles, the names of components, the two ways to say "or null", and what stands beside a
reference to an object: the default of a whole form. Nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = Any
NULL = {"type": "null"}


def operations(document: Json) -> dict[str, Json]:
    """`GET /users/{user_id}` -> the operation, whole: without references."""
    return {
        f"{method.upper()} {path}": _operation(document, item, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def differences(one: Json, other: Json, where: str = "") -> Iterator[str]:
    """A line for each place where two values of JSON differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differences(
                one.get(key, "absent"), other.get(key, "absent"), f"{where}/{key}"
            )
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{where}/{index}")
    elif one != other or isinstance(one, bool) is not isinstance(other, bool):
        yield f"{where}: {one!r} is {other!r}"


def _operation(document: Json, item: Json, operation: Json) -> Json:
    own = [*item.get("parameters", []), *operation.get("parameters", [])]
    parameters = [_plain(document, parameter) for parameter in own]
    whole = _plain(document, {k: v for k, v in operation.items() if k != "parameters"})
    return {**whole, "parameters": {f"{p['in']} {p['name']}": p for p in parameters}}


def _plain(document: Json, value: Json) -> Json:
    if isinstance(value, list):
        return [_plain(document, entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        found = _resolve(document, value["$ref"])
        beside = {} if found.get("type") == "object" else value
        return _plain(document, {k: v for k, v in {**beside, **found}.items() if k != "$ref"})
    plain = {
        key: _named(document, entry)
        if key in {"properties", "content"}
        else _plain(document, entry)
        for key, entry in value.items()
        if not (key == "title" and isinstance(entry, str))
    }
    if isinstance(plain.get("required"), list):
        plain["required"] = sorted(plain["required"])
    return _without_null(plain)


def _named(document: Json, value: Json) -> Json:
    """An object whose keys are names, of which one may well be `title` or `required`."""
    return {name: _plain(document, entry) for name, entry in value.items()}


def _resolve(document: Json, reference: str) -> Json:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def _without_null(schema: Json) -> Json:
    """`anyOf` with null, and a list of types with null, as one schema that says `or null`."""
    choices = schema.get("anyOf")
    if isinstance(choices, list) and NULL in choices and len(choices) == 2:
        rest = {key: entry for key, entry in schema.items() if key != "anyOf"}
        (only,) = (choice for choice in choices if choice != NULL)
        return {**rest, **only, "or null": True}
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds and len(kinds) == 2:
        (kind,) = (kind for kind in kinds if kind != "null")
        return {**schema, "type": kind, "or null": True}
    return schema
