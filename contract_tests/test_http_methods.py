import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@pytest.mark.core
@pytest.mark.parametrize("method", METHODS)
def test_each_method_has_its_own_answer(api: Api, method: str) -> None:
    expect.json(api.request(method, "/methods"), {"method": method})


@pytest.mark.core
def test_head_is_get_without_the_body(api: Api) -> None:
    answer = api.head("/methods")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len('{"method":"GET"}'))


@pytest.mark.core
def test_options_lists_the_methods(api: Api) -> None:
    answer = api.options("/methods")
    expect.empty(answer, 200)
    expect.allow(answer, [*METHODS, "HEAD", "OPTIONS"])


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", ["GET"]),
        ("/lowercase", ["POST"]),
        ("/users", ["POST"]),
        ("/users/1", ["GET"]),
        ("/profile", ["GET", "POST", "DELETE"]),
        ("/headers/report", ["GET", "PUT"]),
        ("/docs", ["GET"]),
        ("/errors/conflict", ["GET"]),
    ],
)
def test_options_answers_on_every_address(api: Api, path: str, allowed: list[str]) -> None:
    head = ["HEAD"] if "GET" in allowed else []
    answer = api.options(path)
    expect.empty(answer, 200)
    expect.allow(answer, [*allowed, *head, "OPTIONS"])


def test_options_of_an_unknown_address_is_not_found(api: Api) -> None:
    expect.problem(api.options("/nope"), 404)


@pytest.mark.parametrize("path", ["/users/abc", "/sizes/huge", "/ratios/1"])
def test_options_of_a_path_value_that_does_not_fit_is_not_found(api: Api, path: str) -> None:
    expect.problem(api.options(path), 404)


@pytest.mark.core
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_is_not_there_is_told_which_are(api: Api, method: str) -> None:
    answer = api.request(method, "/health")
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "OPTIONS"])


def test_allow_is_over_all_functions_of_an_address(api: Api) -> None:
    answer = api.patch("/profile")
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])


def test_head_where_there_is_no_get_is_refused(api: Api) -> None:
    answer = api.head("/lowercase")
    assert (answer.status_code, answer.content) == (405, b"")
    expect.allow(answer, ["POST", "OPTIONS"])


def test_a_wrong_method_comes_before_a_wrong_body(api: Api) -> None:
    answer = api.put("/lowercase", data=b"{", headers={"Content-Type": "application/json"})
    expect.problem(answer, 405)


def test_an_unknown_address_comes_before_a_wrong_method(api: Api) -> None:
    expect.problem(api.delete("/users/abc"), 404)


@pytest.mark.parametrize("method", ["get", "Get", "FOO", "G T", "PROPFINDX", "GET1"])
def test_a_method_that_http_does_not_know_is_refused(api: Api, method: str) -> None:
    api.raw(wire.request(method, "/methods"), refusal=True)


def test_a_body_of_a_method_that_reads_none_is_ignored(api: Api) -> None:
    expect.json(api.delete("/methods", data=b"anything"), {"method": "DELETE"})


def test_a_method_in_a_header_or_query_changes_nothing(api: Api) -> None:
    answer = api.post("/methods?_method=DELETE", headers={"X-HTTP-Method-Override": "DELETE"})
    expect.json(answer, {"method": "POST"})


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/health/"), ("POST", "/lowercase/")])
def test_a_slash_too_many_is_not_found_whatever_the_method(
    api: Api, method: str, path: str
) -> None:
    expect.problem(api.request(method, path, data=b"{}"), 404)


def test_options_of_a_body_that_is_too_large_is_refused(api: Api) -> None:
    request = wire.request("OPTIONS", "/methods", [("Content-Length", "99999999")])
    expect.problem(api.raw(request), 413)
