from datetime import UTC, datetime
from typing import Any

import pytest

from contract_tests import expect
from contract_tests.client import Api


def throw(api: Api, query: str = "") -> Any:
    answer = api.get(f"/testing/throw{query}")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    api.volatile("rolled", document["rolled"])
    api.volatile("thrown at", document["thrown_at"])
    expect.json(answer, document)
    return document


@pytest.mark.core
@pytest.mark.parametrize(
    ("query", "sides"),
    [("", 6), ("?sides=6", 6), ("?sides=2", 2), ("?sides=9", 9)],
)
def test_a_die_is_thrown(api: Api, query: str, sides: int) -> None:
    document = throw(api, query)
    assert list(document) == ["sides", "rolled", "thrown_at"]
    assert document["sides"] == sides
    assert 1 <= document["rolled"] <= sides


@pytest.mark.core
def test_it_is_said_when(api: Api) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    thrown_at = throw(api)["thrown_at"]
    assert thrown_at.endswith("Z")
    assert before <= datetime.fromisoformat(thrown_at) <= datetime.now(UTC)


def test_every_side_comes_up_and_no_other(api: Api) -> None:
    reason = "every throw is chance"
    answers = [api.get("/testing/throw?sides=2", uncompared=reason) for _ in range(40)]
    assert {answer.json()["rolled"] for answer in answers} == {1, 2}


@pytest.mark.core
@pytest.mark.parametrize(
    ("sides", "code"),
    [
        ("", "type"),
        ("six", "type"),
        ("6.0", "type"),
        ("+6", "type"),
        ("%206", "type"),
        ("0x6", "type"),
        ("1_0", "type"),
        ("%D9%A6", "type"),
        ("%00", "type"),
        ("0", "minimum"),
        ("1", "minimum"),
        ("-6", "minimum"),
        ("10", "maximum"),
        ("100", "maximum"),
        ("9223372036854775808", "maximum"),
        ("99999999999999999999", "type"),
    ],
)
def test_no_die_has_such_a_number_of_sides(api: Api, sides: str, code: str) -> None:
    answer = api.get(f"/testing/throw?sides={sides}")
    expect.problem(answer, 422, errors=[("query", "sides", code)])


def test_a_query_that_is_not_utf_8_cannot_be_parsed(api: Api) -> None:
    expect.problem(api.get("/testing/throw?sides=%FF"), 400)


def test_the_first_of_two_values_counts(api: Api) -> None:
    assert throw(api, "?sides=3&sides=x")["sides"] == 3


def test_other_parameters_are_ignored(api: Api) -> None:
    assert throw(api, "?dice=loaded&now=2000-01-01")["sides"] == 6


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_throw_is_only_read(api: Api, method: str) -> None:
    answer = api.request(method, "/testing/throw")
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "OPTIONS"])


def test_head_tells_the_length_of_any_throw(api: Api) -> None:
    answer = api.head("/testing/throw")
    assert answer.content == b""
    assert answer.headers["Content-Length"] == str(
        len(api.get("/testing/throw", uncompared="chance").content)
    )


def test_there_is_nothing_else(api: Api) -> None:
    expect.problem(api.get("/testing/throw/"), 404)
    expect.problem(api.get("/testing"), 404)
