"""What the contract asks of every answer of a kind, so that a test says only what is its own."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterable, Sequence
from typing import Any

from contract_tests.exchange import Answer


def json(answer: Answer, expected: object, *, status: int = 200) -> None:
    """The answer is this document, as compact UTF-8 with the keys in this order."""
    __tracebackhide__ = True
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == expected
    compact = json_module.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    assert answer.content == compact.encode()


def problem(
    answer: Answer,
    status: int,
    *,
    type: str = "about:blank",
    errors: Sequence[tuple[str, str, str]] | None = None,
) -> dict[str, Any]:
    """The answer is a problem document; `errors` are its (in, field, code), in order.

    Returns the document, for what else a test wants to say of it.
    """
    __tracebackhide__ = True
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    found = document.get("errors", [])
    assert [(error["in"], error["field"], error["code"]) for error in found] == list(errors or [])
    for error in found:
        assert list(error) == ["in", "field", "code", "message"]
        assert _is_told(error["message"])
    members = ["type", "title", "status", "detail"] + ([] if errors is None else ["errors"])
    assert list(document) == members
    assert (document["type"], document["status"]) == (type, status)
    assert _is_told(document["title"])
    assert _is_told(document["detail"])
    return document


def empty(answer: Answer, status: int) -> None:
    """The answer has no body, and no Content-Type without one."""
    __tracebackhide__ = True
    assert answer.status_code == status, answer.text
    assert answer.content == b""
    assert "Content-Type" not in answer.headers


def allow(answer: Answer, methods: Iterable[str]) -> None:
    """The answer's `Allow` names these methods, in any order."""
    __tracebackhide__ = True
    found = answer.headers["Allow"].replace(" ", "").split(",")
    assert sorted(found) == sorted(methods)


def _is_told(text: object) -> bool:
    return isinstance(text, str) and text != ""
