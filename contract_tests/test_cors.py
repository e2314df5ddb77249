import pytest

from contract_tests import expect, logins, wire
from contract_tests.client import Api

LISTED = ["http://127.0.0.1:8080", "http://localhost:8080"]
UNLISTED = [
    "http://evil.test",
    "http://localhost:8081",
    "https://localhost:8080",
    "http://localhost:8080.evil.test",
    "http://localhost:80800",
    "http://xlocalhost:8080",
    "http://127x0.0.1:8080",
    "null",
    "*",
    "",
    "http://localhost:8080, http://evil.test",
    "http://localhost:8080/",
]
ALLOW = "Access-Control-Allow-"
EXPOSED = [
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
    "X-Served-By",
    "X-Total-Count",
]


def granted(headers: object) -> list[str]:
    return [name for name in dict(headers) if name.lower().startswith(ALLOW.lower())]  # type: ignore[call-overload]


@pytest.mark.core
@pytest.mark.parametrize("origin", LISTED)
def test_a_listed_origin_may_read(api: Api, origin: str) -> None:
    answer = api.get("/cors/open", headers={"Origin": origin})
    expect.json(answer, {"shared_with": "listed origins"})
    assert answer.headers[ALLOW + "Origin"] == origin
    assert answer.headers["Vary"] == "Origin"
    assert ALLOW + "Credentials" not in answer.headers


def test_an_origin_has_no_case(api: Api) -> None:
    answer = api.get("/cors/open", headers={"Origin": "HTTP://LocalHost:8080"})
    assert answer.headers[ALLOW + "Origin"] == "HTTP://LocalHost:8080"


@pytest.mark.core
@pytest.mark.parametrize("origin", UNLISTED)
@pytest.mark.parametrize("path", ["/cors/open", "/cors/account"])
def test_another_origin_may_not(api: Api, path: str, origin: str) -> None:
    answer = api.get(path, headers={"Origin": origin})
    assert answer.status_code == 200
    assert granted(answer.headers) == []
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.core
def test_an_answer_to_no_origin_varies_all_the_same(api: Api) -> None:
    answer = api.get("/cors/open")
    assert granted(answer.headers) == []
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.core
@pytest.mark.parametrize("path", ["/cors/account", "/profile"])
def test_credentials_are_allowed_where_cookies_are_used(api: Api, path: str) -> None:
    answer = api.get(path, headers={"Origin": LISTED[0]})
    assert answer.headers[ALLOW + "Origin"] == LISTED[0]
    assert answer.headers[ALLOW + "Credentials"] == "true"


@pytest.mark.parametrize("path", ["/cors/account/nope", "/profile/", "/profile/nope"])
def test_credentials_are_allowed_below_it_though_nothing_is_there(api: Api, path: str) -> None:
    answer = api.get(path, headers={"Origin": LISTED[0]})
    expect.problem(answer, 404)
    assert answer.headers[ALLOW + "Credentials"] == "true"


@pytest.mark.core
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/accounts"),
        ("POST", "/session"),
        ("GET", "/session"),
        ("PUT", "/session/draft"),
        ("GET", "/orders"),
        ("POST", "/orders"),
        ("GET", "/orders/1"),
        ("GET", "/api-keys"),
        ("DELETE", "/api-keys/1"),
        ("GET", "/tokens/me"),
        ("POST", "/dependencies/desks/1"),
    ],
)
def test_a_page_of_a_listed_origin_may_ask_for_who_is_logged_in(
    api: Api, method: str, path: str
) -> None:
    preflight = {"Origin": LISTED[0], "Access-Control-Request-Method": method}
    for answer in (
        api.options(path, headers=preflight),
        api.request(method, path, headers={"Origin": LISTED[0]}),
    ):
        assert answer.headers[ALLOW + "Origin"] == LISTED[0]
        assert answer.headers[ALLOW + "Credentials"] == "true"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/orders"), ("POST", "/api-keys"), ("PUT", "/session/draft"), ("POST", "/session")],
)
def test_what_a_page_may_send_without_a_preflight_does_nothing(
    api: Api, method: str, path: str
) -> None:
    headers = {"Origin": UNLISTED[0], "Content-Type": "text/plain", **logins.log_in(api)}
    expect.problem(api.request(method, path, data=b"{}", headers=headers), 415)


@pytest.mark.parametrize(
    "path", ["/dependencies/%250A", "/dependencies/a%0Ab", "/%2564ependencies/x"]
)
def test_the_path_that_takes_credentials_may_be_escaped_twice(api: Api, path: str) -> None:
    answer = api.raw(wire.request("GET", path, [("Origin", LISTED[0])]))
    assert answer.headers[ALLOW + "Credentials"] == "true"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cors/open",
        "/cors/accounts",
        "/cors/account2",
        "/profiles",
        "/products/0",
        "/customers/0",
        "/sessions",
        "/account",
    ],
)
def test_credentials_are_allowed_nowhere_else(api: Api, path: str) -> None:
    answer = api.get(path, headers={"Origin": LISTED[0]})
    assert ALLOW + "Credentials" not in answer.headers


@pytest.mark.core
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nope"),
        ("PUT", "/cors/open"),
        ("GET", "/errors/unexpected"),
        ("GET", "/errors/conflict"),
        ("POST", "/lowercase"),
        ("POST", "/headers/notes"),
        ("DELETE", "/headers/notes"),
        ("HEAD", "/"),
    ],
)
def test_errors_and_empty_answers_may_be_read_too(api: Api, method: str, path: str) -> None:
    answer = api.request(method, path, headers={"Origin": LISTED[1]})
    assert answer.headers[ALLOW + "Origin"] == LISTED[1]
    assert answer.headers["Access-Control-Expose-Headers"] == ", ".join(EXPOSED)


@pytest.mark.core
def test_a_preflight_is_granted(api: Api) -> None:
    answer = api.options(
        "/cors/account",
        headers={
            "Origin": LISTED[0],
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "X-B, content-type",
        },
    )
    expect.empty(answer, 200)
    expect.allow(answer, ["GET", "HEAD", "PUT", "OPTIONS"])
    assert answer.headers[ALLOW + "Origin"] == LISTED[0]
    assert answer.headers[ALLOW + "Methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert answer.headers[ALLOW + "Headers"] == "X-B, content-type"
    assert answer.headers[ALLOW + "Credentials"] == "true"
    assert answer.headers["Access-Control-Max-Age"] == "600"


@pytest.mark.parametrize("names", ["", ",", "a", "b,a", "a , b", "a,,b", "é", "a;b"])
def test_the_headers_of_a_preflight_are_sorted(api: Api, names: str) -> None:
    headers = {
        "Origin": LISTED[0],
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": names.encode("latin-1"),
    }
    assert api.options("/cors/open", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["GET", "get", "DELETE", "PURGE", "", "GET, PUT", "E"])
def test_a_preflight_for_any_method_has_one_answer(api: Api, method: str) -> None:
    headers = {"Origin": LISTED[0], "Access-Control-Request-Method": method}
    assert api.options("/cors/open", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", UNLISTED)
def test_a_preflight_of_another_origin_is_granted_nothing(api: Api, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    answer = api.options("/cors/account", headers=headers)
    expect.empty(answer, 200)
    assert granted(answer.headers) == []


def test_a_preflight_of_an_unknown_address_is_not_found(api: Api) -> None:
    headers = {"Origin": LISTED[0], "Access-Control-Request-Method": "GET"}
    answer = api.options("/nope", headers=headers)
    expect.problem(answer, 404)
    assert answer.headers[ALLOW + "Origin"] == LISTED[0]


def test_options_without_an_origin_is_no_preflight(api: Api) -> None:
    answer = api.options("/cors/open", headers={"Access-Control-Request-Method": "GET"})
    expect.empty(answer, 200)
    assert granted(answer.headers) == []


def test_a_private_network_is_not_opened(api: Api) -> None:
    headers = {
        "Origin": LISTED[0],
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = api.options("/cors/open", headers=headers)
    assert answer.headers[ALLOW + "Private-Network"] == "false"


def test_a_preflight_reaches_the_address_that_it_is_for(api: Api) -> None:
    headers = {"Origin": LISTED[0], "Access-Control-Request-Method": "GET", "X-Team": "none"}
    answer = api.options("/users/directory", headers=headers)
    expect.problem(answer, 403)
    assert answer.headers[ALLOW + "Origin"] == LISTED[0]


def test_options_of_a_listed_origin_without_a_method_is_no_preflight(api: Api) -> None:
    answer = api.options("/cors/open", headers={"Origin": LISTED[0]})
    expect.empty(answer, 200)
    assert [name.lower() for name in granted(answer.headers)] == [ALLOW.lower() + "origin"]


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        ([LISTED[0], "http://evil.test"], False),
        (["http://evil.test", LISTED[0]], False),
        ([LISTED[0] + " "], True),
    ],
)
def test_two_origins_are_none(api: Api, lines: list[str], allowed: bool) -> None:
    headers = [("Origin", line) for line in lines]
    answer = api.raw(wire.request("GET", "/cors/account", headers))
    assert (ALLOW + "Origin" in answer.headers) is allowed


@pytest.mark.parametrize("path", ["//profile", "///cors/account", "/profile%0A", "/profile/x%0A"])
def test_another_spelling_of_a_path_has_the_same_rules(api: Api, path: str) -> None:
    answer = api.raw(wire.request("GET", path, [("Origin", LISTED[0])]))
    assert (ALLOW + "Credentials" in answer.headers) is (answer.status_code == 200)


def test_what_a_preflight_allowed_is_done(api: Api) -> None:
    answer = api.put("/cors/account", headers={"Origin": LISTED[0]})
    expect.json(answer, {"shared_with": "listed origins, after a preflight"})
