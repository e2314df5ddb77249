"""Both OpenAPI documents are valid, and say the same outside of their operations too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

import fastapi_app.app
import flask_app.app
from contract_tests.documents import differences, operations
from shared.settings import Settings


def documents(**settings: Any) -> dict[str, Any]:
    flask = flask_app.app.create_app(Settings(**settings)).extensions["openapi"]
    fastapi = fastapi_app.app.create_app(Settings(**settings)).openapi()
    return {name: json.loads(json.dumps(d)) for name, d in (("flask", flask), ("fastapi", fastapi))}


@pytest.mark.parametrize("app", ["flask", "fastapi"])
def test_a_document_is_valid(app: str) -> None:
    validate(documents()[app])


def test_a_document_that_is_not_valid_is_noticed() -> None:
    document = documents()["flask"]
    document["paths"]["/users/{user_id}"]["parameters"][0]["in"] = "nowhere"
    with pytest.raises(Exception, match="nowhere"):
        validate(document)


def test_the_documents_are_the_same_around_their_operations() -> None:
    flask, fastapi = (
        {key: value for key, value in document.items() if key not in {"paths", "components"}}
        for document in documents().values()
    )
    assert list(differences(flask, fastapi)) == []


@pytest.mark.parametrize("name", ["session", "shop"])
def test_the_documents_have_the_same_security_schemes(name: str) -> None:
    flask, fastapi = (
        document["components"]["securitySchemes"]
        for document in documents(session_cookie_name=name).values()
    )
    assert list(differences(flask, fastapi)) == []
    assert flask["session"]["name"] == name


def test_a_difference_between_documents_is_found() -> None:
    assert list(differences({"a": [1, {"b": 0}]}, {"a": [1, {"b": False}]})) == [
        "/a/1/b: 0 is False"
    ]


def test_what_stands_beside_a_reference_to_a_value_counts() -> None:
    reference = {"$ref": "#/components/schemas/Sort", "default": "id"}
    parameter = {"in": "query", "name": "sort", "schema": reference}
    document = {
        "components": {"schemas": {"Sort": {"type": "string"}}},
        "paths": {"/": {"get": {"parameters": [parameter]}}},
    }
    found = operations(document)["GET /"]["parameters"]["query sort"]["schema"]
    assert found == {"type": "string", "default": "id"}
