import pytest

from contract_tests import expect
from contract_tests.client import Api

pytestmark = pytest.mark.core


def test_the_world_is_greeted(api: Api) -> None:
    expect.json(api.get("/"), {"hello": "world"})


def test_health_says_that_the_app_is_ready(api: Api) -> None:
    expect.json(api.get("/health"), {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/health"])
def test_head_has_the_headers_of_get_and_no_body(api: Api, path: str) -> None:
    answer = api.head(path)
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["Content-Length"] == str(len(api.get(path).content))


def test_an_unknown_query_parameter_is_ignored(api: Api) -> None:
    expect.json(api.get("/?unknown=1&unknown=2"), {"hello": "world"})


@pytest.mark.parametrize(
    "path",
    ["/nope", "/health/", "/HEALTH", "//nope", "/health%0A", "/health%00", "/%FF", "/.", "/a/../"],
)
def test_any_other_address_is_not_found(api: Api, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    expect.problem(api.raw(request.encode()), 404)


@pytest.mark.parametrize("path", ["//", "///health", "/%68ealth", "/health?"])
def test_these_spell_the_same_addresses(api: Api, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert api.raw(request.encode()).status_code == 200


def test_a_body_that_nobody_asked_for_is_ignored(api: Api) -> None:
    expect.json(api.request("GET", "/", data=b"\xff{"), {"hello": "world"})


def test_every_answer_may_name_its_app(api: Api) -> None:
    assert api.get("/").headers.get("X-Served-By") in {None, "flask", "fastapi"}
