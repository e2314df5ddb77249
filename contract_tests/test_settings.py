import pytest

from contract_tests import expect
from contract_tests.client import Api

SHOWN = [
    "environment",
    "cors_origins",
    "credential_paths",
    "max_body_size",
    "served_by",
    "trusted_proxies",
    "log_level",
    "log_format",
]
KEY = "a key that the contract tests know"


@pytest.mark.core
def test_in_development_the_settings_are_shown(api: Api) -> None:
    answer = api.get("/settings")
    found = answer.json()
    expect.json(answer, found)
    assert list(found) == SHOWN
    assert found["environment"] == "development"
    assert found["cors_origins"] == ["http://127.0.0.1:8080", "http://localhost:8080"]
    assert found["max_body_size"] == 2 * 1024 * 1024
    assert found["trusted_proxies"] == 0


@pytest.mark.core
def test_no_secret_is_among_them(api: Api) -> None:
    text = api.get("/settings").text
    for word in ("secret", "_key", "password", "database", "sqlite", "postgresql", KEY):
        assert word not in text.lower()


@pytest.mark.parametrize("query", ["?secret_key=1", "?environment=production", "?show=all"])
def test_nobody_changes_what_is_shown(api: Api, query: str) -> None:
    assert api.get(f"/settings{query}").content == api.get("/settings").content


def test_a_header_does_not_change_the_environment(api: Api) -> None:
    headers = {"ENVIRONMENT": "production", "X-Environment": "production"}
    assert api.get("/settings", headers=headers).json()["environment"] == "development"


def test_the_values_shown_are_those_that_hold(api: Api) -> None:
    found = api.get("/settings").json()
    for origin in found["cors_origins"]:
        answer = api.get("/", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
    for path in found["credential_paths"]:
        answer = api.get(path, headers={"Origin": found["cors_origins"][0]})
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    answer = api.get("/")
    assert ("X-Served-By" in answer.headers) is found["served_by"]


def test_the_size_shown_is_the_largest(api: Api) -> None:
    size = api.get("/settings").json()["max_body_size"]
    headers = {"Content-Type": "application/json"}
    body = b'{"text":"A"}'
    expect.json(api.post("/lowercase", data=body.ljust(size), headers=headers), {"text": "a"})
    expect.problem(api.post("/lowercase", data=body.ljust(size + 1), headers=headers), 413)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_they_cannot_be_changed(api: Api, method: str) -> None:
    answer = api.request(method, "/settings", json={"environment": "production"})
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "OPTIONS"])


@pytest.mark.parametrize("path", ["/settings/", "/settings/secret_key", "/Settings", "/.env"])
def test_there_is_nothing_else(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)


def test_head_has_the_headers_of_get_and_no_body(api: Api) -> None:
    answer = api.head("/settings")
    assert answer.content == b""
    assert answer.headers["Content-Length"] == str(len(api.get("/settings").content))
