from typing import Any

import pytest

from contract_tests import expect
from contract_tests.client import Api

MINIMAL: dict[str, Any] = {"username": "ada", "age": 36}
WHOLE: dict[str, Any] = {
    "username": "ada",
    "age": 36,
    "nickname": None,
    "language": "en",
    "rating": None,
    "tags": [],
    "addresses": [],
    "guardian": None,
}
HOME = {"street": "Main Street 1", "city": "Paris"}


@pytest.mark.core
def test_a_user_is_created_with_the_defaults(api: Api) -> None:
    expect.json(api.post("/users", json=MINIMAL), WHOLE, status=201)


@pytest.mark.core
@pytest.mark.parametrize(
    "given",
    [
        {"nickname": "Countess"},
        {"nickname": ""},
        {"nickname": None},
        {"language": "fr"},
        {"rating": 4.5},
        {"rating": 0.1},
        {"rating": 5.0},
        {"tags": ["a", "b"]},
        {"tags": ["x" * 20] * 5},
        {"addresses": [{**HOME, "postcode": "75001"}]},
        {"addresses": [{**HOME, "postcode": None}] * 3},
        {"guardian": "Anne"},
        {"age": 17, "guardian": "Anne"},
        {"age": 0, "guardian": "x"},
        {"age": 18},
        {"age": 150},
        {"username": "a_1"},
        {"username": "x" * 30},
    ],
)
def test_what_is_given_is_kept(api: Api, given: dict[str, Any]) -> None:
    expect.json(api.post("/users", json={**MINIMAL, **given}), {**WHOLE, **given}, status=201)


def test_the_answer_has_the_declared_order(api: Api) -> None:
    answer = api.post("/users", json={"age": 36, "username": "ada"})
    expect.json(answer, WHOLE, status=201)


def test_a_whole_number_is_a_number(api: Api) -> None:
    answer = api.post("/users", json={**MINIMAL, "rating": 4})
    expect.json(answer, {**WHOLE, "rating": 4.0}, status=201)


def test_a_nested_default_is_filled(api: Api) -> None:
    answer = api.post("/users", json={**MINIMAL, "addresses": [HOME]})
    expect.json(answer, {**WHOLE, "addresses": [{**HOME, "postcode": None}]}, status=201)


@pytest.mark.core
@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"username": None}, "username", "type"),
        ({"username": 5}, "username", "type"),
        ({"username": "ab"}, "username", "minLength"),
        ({"username": ""}, "username", "minLength"),
        ({"username": "x" * 31}, "username", "maxLength"),
        ({"username": "Ada"}, "username", "pattern"),
        ({"username": "ada\n"}, "username", "pattern"),
        ({"username": "adaé"}, "username", "pattern"),
        ({"username": "ada\u0663"}, "username", "pattern"),
        ({"age": None}, "age", "type"),
        ({"age": "36"}, "age", "type"),
        ({"age": 36.0}, "age", "type"),
        ({"age": 36.5}, "age", "type"),
        ({"age": True}, "age", "type"),
        ({"age": [36]}, "age", "type"),
        ({"age": -1}, "age", "minimum"),
        ({"age": 151}, "age", "maximum"),
        ({"age": 10**30}, "age", "maximum"),
        ({"nickname": 5}, "nickname", "type"),
        ({"nickname": "x" * 31}, "nickname", "maxLength"),
        ({"language": None}, "language", "type"),
        ({"language": ""}, "language", "pattern"),
        ({"language": "EN"}, "language", "pattern"),
        ({"language": "eng"}, "language", "pattern"),
        ({"rating": 0}, "rating", "exclusiveMinimum"),
        ({"rating": 0.0}, "rating", "exclusiveMinimum"),
        ({"rating": -0.0}, "rating", "exclusiveMinimum"),
        ({"rating": 5.1}, "rating", "maximum"),
        ({"rating": 10**400}, "rating", "type"),
        ({"rating": "4"}, "rating", "type"),
        ({"rating": False}, "rating", "type"),
        ({"tags": None}, "tags", "type"),
        ({"tags": "a"}, "tags", "type"),
        ({"tags": {"a": 1}}, "tags", "type"),
        ({"tags": ["a"] * 6}, "tags", "maxItems"),
        ({"tags": [1] * 6}, "tags", "maxItems"),
        ({"tags": ["a", ""]}, "tags.1", "minLength"),
        ({"tags": ["x" * 21]}, "tags.0", "maxLength"),
        ({"tags": [None]}, "tags.0", "type"),
        ({"tags": [["a"]]}, "tags.0", "type"),
        ({"addresses": {}}, "addresses", "type"),
        ({"addresses": [HOME] * 4}, "addresses", "maxItems"),
        ({"addresses": ["x"]}, "addresses.0", "type"),
        ({"addresses": [None]}, "addresses.0", "type"),
        ({"addresses": [[]]}, "addresses.0", "type"),
        ({"addresses": [HOME, {**HOME, "city": ""}]}, "addresses.1.city", "minLength"),
        ({"addresses": [{**HOME, "postcode": "1234"}]}, "addresses.0.postcode", "pattern"),
        ({"addresses": [{**HOME, "postcode": "١٢٣٤٥"}]}, "addresses.0.postcode", "pattern"),
        ({"addresses": [{**HOME, "x": 1}]}, "addresses.0.x", "additionalProperties"),
        ({"guardian": 5}, "guardian", "type"),
        ({"age": 17}, "guardian", "guardianRequired"),
        ({"age": 17, "guardian": None}, "guardian", "guardianRequired"),
        ({"age": 17, "guardian": ""}, "guardian", "guardianRequired"),
        ({"id": 1}, "id", "additionalProperties"),
    ],
)
def test_an_invalid_field_is_named(api: Api, given: dict[str, Any], field: str, code: str) -> None:
    answer = api.post("/users", json={**MINIMAL, **given})
    expect.problem(answer, 422, errors=[("body", field, code)])


@pytest.mark.parametrize("missing", ["username", "age"])
def test_a_required_field_is_missed(api: Api, missing: str) -> None:
    user = {name: value for name, value in MINIMAL.items() if name != missing}
    answer = api.post("/users", json=user)
    expect.problem(answer, 422, errors=[("body", missing, "required")])


def test_all_errors_come_at_once_in_declared_order(api: Api) -> None:
    user = {
        "zeta": 1,
        "addresses": [{"street": 1, "beta": 2}, {}],
        "tags": ["", "ok", 1],
        "rating": 9,
        "alpha": 1,
        "language": "x",
    }
    expected = [
        ("username", "required"),
        ("age", "required"),
        ("language", "pattern"),
        ("rating", "maximum"),
        ("tags.0", "minLength"),
        ("tags.2", "type"),
        ("addresses.0.street", "type"),
        ("addresses.0.city", "required"),
        ("addresses.1.street", "required"),
        ("addresses.1.city", "required"),
        ("addresses.0.beta", "additionalProperties"),
        ("zeta", "additionalProperties"),
        ("alpha", "additionalProperties"),
    ]
    answer = api.post("/users", json=user)
    expect.problem(answer, 422, errors=[("body", field, code) for field, code in expected])


def test_unknown_fields_stand_in_input_order(api: Api) -> None:
    names = [f"field_{n * 7 % 50}" for n in range(50)]
    answer = api.post("/users", json={**MINIMAL, **dict.fromkeys(names, 1)})
    errors = [("body", name, "additionalProperties") for name in names]
    expect.problem(answer, 422, errors=errors)


@pytest.mark.parametrize("given", [{"language": "x"}, {"unknown": 1}, {"tags": [1]}])
def test_the_rule_over_two_fields_waits_for_valid_fields(api: Api, given: dict[str, Any]) -> None:
    document = api.post("/users", json={"username": "ada", "age": 5, **given}).json()
    assert "guardianRequired" not in [error["code"] for error in document["errors"]]


def test_messages_say_what_is_expected(api: Api) -> None:
    user = {"username": "ab", "age": 151, "language": 1, "rating": 0, "tags": ["a"] * 6}
    document = api.post("/users", json=user).json()
    assert [error["message"] for error in document["errors"]] == [
        "Must have at least 3 characters.",
        "Must be at most 150.",
        "Must be a string.",
        "Must be greater than 0.",
        "Must have at most 5 items.",
    ]


def test_no_value_is_echoed_in_an_error(api: Api) -> None:
    user = {"username": "SECRET", "age": "SECRET", "addresses": [{"city": ["SECRET"]}]}
    assert "SECRET" not in api.post("/users", json=user).text
