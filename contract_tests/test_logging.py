import re
from typing import Any

import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

JSON = {"Content-Type": "application/json", "X-Request-ID": "a"}


@pytest.mark.core
@pytest.mark.parametrize(
    "fault",
    [
        {"message": "x is not a function"},
        {"message": "x", "level": "warning"},
        {"message": "x", "level": "error", "page": "/cart"},
        {"page": None, "message": "x"},
        {"message": "x", "page": ""},
        {"message": "x" * 1000, "page": "y" * 1000},
        {"message": "é € 😀 \u202e"},
        {"message": 'a"b\\c\r\n{"level":"critical"}\x00\x1b[31m\t'},
        {"message": "%s %(message)s {0} {event} $(id)"},
        {"message": "exc_info", "page": "_record"},
    ],
)
def test_a_fault_is_told_and_the_request_named(api: Api, fault: dict[str, Any]) -> None:
    answer = api.post("/logging/faults", json=fault, headers={"X-Request-ID": "shop-7"})
    expect.json(answer, {"request_id": "shop-7"}, status=201)
    assert answer.headers["X-Request-ID"] == "shop-7"


@pytest.mark.core
def test_without_an_id_of_the_client_one_is_made_to_be_quoted(api: Api) -> None:
    answer = api.post("/logging/faults", json={"message": "x"})
    made = answer.headers["X-Request-ID"]
    api.volatile("request id", made)
    assert re.fullmatch(r"[0-9a-f-]{36}", made)
    expect.json(answer, {"request_id": made}, status=201)


@pytest.mark.core
@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        ({}, [("message", "required")]),
        ({"message": None}, [("message", "type")]),
        ({"message": ""}, [("message", "minLength")]),
        ({"message": "x" * 1001}, [("message", "maxLength")]),
        ({"message": 1}, [("message", "type")]),
        ({"message": True}, [("message", "type")]),
        ({"message": ["x"]}, [("message", "type")]),
        ({"message": {"x": 1}}, [("message", "type")]),
        ({"message": "x", "level": "info"}, [("level", "enum")]),
        ({"message": "x", "level": "ERROR"}, [("level", "enum")]),
        ({"message": "x", "level": ""}, [("level", "enum")]),
        ({"message": "x", "level": 40}, [("level", "enum")]),
        ({"message": "x", "level": None}, [("level", "type")]),
        ({"message": "x", "page": "y" * 1001}, [("page", "maxLength")]),
        ({"message": "x", "page": 2**63}, [("page", "type")]),
        ({"message": "x", "user": 1}, [("user", "additionalProperties")]),
        (
            {"event": "x", "request_id": "y", "message": ""},
            [
                ("message", "minLength"),
                ("event", "additionalProperties"),
                ("request_id", "additionalProperties"),
            ],
        ),
    ],
)
def test_an_invalid_fault_is_refused(
    api: Api, fault: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    expected = [("body", field, code) for field, code in errors]
    expect.problem(api.post("/logging/faults", json=fault), 422, errors=expected)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"message":NaN}', b'{"message":"\\ud800"}'])
def test_what_is_no_json_is_refused(api: Api, body: bytes) -> None:
    expect.problem(api.post("/logging/faults", data=body, headers=JSON), 400)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_what_is_no_object_is_refused(api: Api, body: bytes) -> None:
    answer = api.post("/logging/faults", data=body, headers=JSON)
    expect.problem(answer, 422, errors=[("body", "", "type")])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(api: Api, kind: str) -> None:
    headers = {"Content-Type": kind}
    expect.problem(api.post("/logging/faults", data=b'{"message":"x"}', headers=headers), 415)


def test_a_fault_that_is_too_large_is_refused(api: Api) -> None:
    body = b'{"message":"' + b"x" * 2**21 + b'"}'
    expect.problem(api.raw(wire.chunked("/logging/faults", "application/json", [body])), 413)


def test_of_repeated_names_the_last_counts(api: Api) -> None:
    answer = api.post("/logging/faults", data=b'{"message":"","message":"x"}', headers=JSON)
    expect.json(answer, {"request_id": "a"}, status=201)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_log_cannot_be_read(api: Api, method: str) -> None:
    answer = api.request(method, "/logging/faults")
    expect.problem(answer, 405)
    expect.allow(answer, ["POST", "OPTIONS"])


def test_an_error_report_has_its_id_in_the_answer_and_nothing_else_of_it(api: Api) -> None:
    answer = api.get("/errors/unexpected", headers={"X-Request-ID": "shop-8"})
    expect.problem(answer, 500)
    assert answer.headers["X-Request-ID"] == "shop-8"
    assert "secret" not in answer.text + str(answer.headers)
