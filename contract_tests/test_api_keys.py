import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from contract_tests import expect, forgery, logins, regulars, wire
from contract_tests.client import Api
from contract_tests.exchange import Answer
from contract_tests.logins import PASSWORD

KEY = re.compile(r"shop_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")
MOST = 20
DAY = 86_400
Headers = dict[str, str]
Key = dict[str, Any]


def created(api: Api, headers: Headers, label: str = "key", **values: Any) -> Key:
    """A new key; `label` tells the keys of one test apart, whose values differ between targets."""
    answer = api.post("/api-keys", json={"name": "till", **values}, headers=headers)
    assert answer.status_code == 201, answer.text
    key: Key = answer.json()
    api.volatile(f"id of {label}", key["id"])
    api.volatile(f"text of {label}", key["key"])
    api.volatile(f"prefix of {label}", prefix(key))
    return key


def made(api: Api, **values: Any) -> Key:
    """A key of a new account."""
    return created(api, logins.log_in(api), **values)


def prefix(key: Key) -> str:
    return str(key["key"][:21])


def use(api: Api, key: str, label: str = "key") -> requests.Response:
    answer = api.get("/api-keys/current", headers={"X-API-Key": key})
    if "X-RateLimit-Reset" in answer.headers:
        api.volatile(f"end of the window of {label}", answer.headers["X-RateLimit-Reset"])
    if answer.status_code == 200:
        name_times(api, label, answer.json())
    return answer


def counted(api: Api, key: str, label: str) -> requests.Response:
    """A use of a key that was used before: only the moment is a new one."""
    answer = api.get("/api-keys/current", headers={"X-API-Key": key})
    api.volatile("end of the window", answer.headers["X-RateLimit-Reset"])
    if answer.status_code == 200:
        api.volatile("created_at", answer.json()["created_at"])
        api.volatile(f"last_used_at of {label}", answer.json()["last_used_at"])
    else:
        api.volatile(f"Retry-After of {label}", answer.headers["Retry-After"])
    return answer


def name_times(api: Api, label: str, key: Key) -> None:
    for field in ("created_at", "last_used_at"):
        if key[field]:
            api.volatile(f"{field} of {label}", key[field])


def token(api: Api, scope: str) -> Headers:
    email = logins.sign_up(api)
    form = {"grant_type": "password", "username": email, "password": PASSWORD, "scope": scope}
    tokens = api.post("/tokens", data=form).json()
    api.volatile("access token", tokens["access_token"])
    api.volatile("refresh token", tokens["refresh_token"])
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def narrow(api: Api) -> Headers:
    """A token that allows something else only, signed by us."""
    claims = forgery.claims(regulars.of(api).access_token)
    token = forgery.sign({**claims, "scope": "profile orders:read"}, forgery.key())
    return {"Authorization": f"Bearer {token}"}


def invalid_key(answer: Answer) -> None:
    __tracebackhide__ = True
    expect.problem(answer, 401, type="/problems/invalid-api-key")
    assert answer.headers["WWW-Authenticate"] == "APIKey"
    assert not [name for name in answer.headers if name.lower().startswith("x-ratelimit")]


# Making and revoking keys


@pytest.mark.core
def test_a_key_is_shown_once(api: Api) -> None:
    headers = logins.log_in(api)
    answer = api.post("/api-keys", json={"name": "till"}, headers=headers)
    key = answer.json()
    api.volatile("id", key["id"])
    api.volatile("key", key["key"])
    api.volatile("prefix", prefix(key))
    assert KEY.fullmatch(key["key"])
    expected = {"id": key["id"], "name": "till", "key": key["key"], "limit": 60, "window": 60}
    expect.json(answer, expected, status=201)
    assert answer.headers["Cache-Control"] == "no-store"
    listed = api.get("/api-keys", headers=headers)
    name_times(api, "key", listed.json()[0])
    assert key["key"].split("_", 2)[2] not in listed.text


@pytest.mark.core
def test_a_key_works_until_it_is_revoked(api: Api) -> None:
    headers = logins.log_in(api)
    key = created(api, headers)
    assert use(api, key["key"]).status_code == 200
    expect.empty(api.delete(f"/api-keys/{key['id']}", headers=headers), 204)
    invalid_key(use(api, key["key"]))
    expect.problem(api.delete(f"/api-keys/{key['id']}", headers=headers), 404)


@pytest.mark.core
def test_keys_are_listed_without_their_secrets(api: Api) -> None:
    headers = logins.log_in(api)
    expect.json(api.get("/api-keys", headers=headers), [])
    one = created(api, headers, "one", name="é 汉", limit=1000, window=DAY)
    two = created(api, headers, "two", limit=1, window=1)
    use(api, one["key"], "one")
    answer = api.get("/api-keys", headers=headers)
    found = answer.json()
    name_times(api, "one", found[0])
    name_times(api, "two", found[1])
    expected = [
        {
            "id": key["id"],
            "name": key["name"],
            "prefix": prefix(key),
            "limit": key["limit"],
            "window": key["window"],
            "created_at": shown["created_at"],
            "last_used_at": shown["last_used_at"],
        }
        for key, shown in zip((one, two), found, strict=True)
    ]
    expect.json(answer, expected)
    assert found[0]["created_at"] < found[0]["last_used_at"]
    assert found[0]["created_at"].endswith("Z")
    assert found[1]["last_used_at"] is None


def test_two_keys_are_never_the_same(api: Api) -> None:
    headers = logins.log_in(api)
    one, two = created(api, headers, "one"), created(api, headers, "two")
    assert one["id"] != two["id"]
    assert prefix(one) != prefix(two)


def test_keys_of_others_are_not_there(api: Api) -> None:
    mine, yours = logins.log_in(api, "one"), logins.log_in(api, "another")
    key = created(api, mine)
    expect.json(api.get("/api-keys", headers=yours), [])
    expect.problem(api.delete(f"/api-keys/{key['id']}", headers=yours), 404)
    assert use(api, key["key"]).status_code == 200


def test_a_user_has_at_most_20_keys(api: Api) -> None:
    headers = logins.log_in(api)
    keys = [created(api, headers, f"key {number}") for number in range(MOST)]
    answer = api.post("/api-keys", json={"name": "one more"}, headers=headers)
    expect.problem(answer, 409, type="/problems/too-many-api-keys")
    expect.empty(api.delete(f"/api-keys/{keys[3]['id']}", headers=headers), 204)
    created(api, headers, "one more")


def test_many_requests_at_once_make_no_more(api: Api) -> None:
    headers = logins.log_in(api)
    for number in range(MOST - 2):
        created(api, headers, f"key {number}")

    def create(_: int) -> int:
        answer = requests.post(
            f"{api.url}/api-keys", json={"name": "x"}, headers=headers, timeout=30
        )
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(create, range(6))) == [201, 201, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api-keys/0", 404),
        ("/api-keys/1e3", 404),
        ("/api-keys/9223372036854775807", 404),
        ("/api-keys/9223372036854775808", 404),
        ("/api-keys/-1", 404),
        ("/api-keys/", 404),
        ("/api-keys/x", 404),
        ("/api-keys/current", 405),
    ],
)
def test_only_a_key_can_be_revoked(api: Api, path: str, status: int) -> None:
    expect.problem(api.delete(path, headers=regulars.of(api).logged_in), status)


@pytest.mark.core
@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({}, "name", "required"),
        ({"name": None}, "name", "type"),
        ({"name": 1}, "name", "type"),
        ({"name": ""}, "name", "minLength"),
        ({"name": "x" * 51}, "name", "maxLength"),
        ({"name": "a\x00b"}, "name", "pattern"),
        ({"name": "a\nb"}, "name", "pattern"),
        ({"name": "x", "limit": 0}, "limit", "minimum"),
        ({"name": "x", "limit": -1}, "limit", "minimum"),
        ({"name": "x", "limit": 1001}, "limit", "maximum"),
        ({"name": "x", "limit": 2**63}, "limit", "maximum"),
        ({"name": "x", "limit": "5"}, "limit", "type"),
        ({"name": "x", "limit": 1.5}, "limit", "type"),
        ({"name": "x", "limit": True}, "limit", "type"),
        ({"name": "x", "limit": None}, "limit", "type"),
        ({"name": "x", "window": 0}, "window", "minimum"),
        ({"name": "x", "window": DAY + 1}, "window", "maximum"),
        ({"name": "x", "window": "60"}, "window", "type"),
        ({"name": "x", "window": []}, "window", "type"),
        ({"name": "x", "key": "mine"}, "key", "additionalProperties"),
        ({"name": "x", "user_id": 1}, "user_id", "additionalProperties"),
    ],
)
def test_a_value_that_is_invalid_is_refused(
    api: Api, values: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post("/api-keys", json=values, headers=regulars.of(api).logged_in)
    expect.problem(answer, 422, errors=[("body", field, code)])


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1", '[{"name": "x"}]'])
def test_a_body_that_is_no_object_is_refused(api: Api, body: str) -> None:
    headers = {**regulars.of(api).logged_in, "Content-Type": "application/json"}
    answer = api.post("/api-keys", data=body, headers=headers)
    expect.problem(answer, 422, errors=[("body", "", "type")])


# Who may


@pytest.mark.core
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api-keys"), ("POST", "/api-keys"), ("DELETE", "/api-keys/1")]
)
def test_only_a_user_who_is_logged_in_has_keys(api: Api, method: str, path: str) -> None:
    expect.problem(api.request(method, path), 401, type="/problems/login-needed")
    answer = api.request(method, path, headers={"Authorization": "Bearer x"})
    expect.problem(answer, 401, type="/problems/invalid-token")


@pytest.mark.core
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api-keys"), ("POST", "/api-keys"), ("DELETE", "/api-keys/1")]
)
def test_a_token_needs_the_scope(api: Api, method: str, path: str) -> None:
    answer = api.request(method, path, headers=narrow(api))
    expect.problem(answer, 403, type="/problems/insufficient-scope")
    challenge = 'Bearer realm="shop", error="insufficient_scope", scope="api-keys"'
    assert answer.headers["WWW-Authenticate"] == challenge


def test_a_token_with_the_scope_may(api: Api) -> None:
    headers = token(api, "api-keys")
    key = created(api, headers)
    expect.empty(api.delete(f"/api-keys/{key['id']}", headers=headers), 204)


def test_a_key_makes_no_keys(api: Api) -> None:
    headers = {"X-API-Key": regulars.of(api).key}
    answer = api.post("/api-keys", json={"name": "x"}, headers=headers)
    expect.problem(answer, 401, type="/problems/login-needed")


@pytest.mark.core
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"\xff", "application/json"),
        (b"{}", "application/json"),
        (b"{}", "text/plain"),
        (b"x" * 100_000, "application/octet-stream"),
    ],
)
def test_who_asks_is_judged_before_what_is_sent(api: Api, body: bytes, kind: str) -> None:
    headers = {"Content-Type": kind}
    expect.problem(
        api.post("/api-keys", data=body, headers=headers), 401, type="/problems/login-needed"
    )
    headers |= narrow(api)
    expect.problem(
        api.post("/api-keys", data=body, headers=headers), 403, type="/problems/insufficient-scope"
    )


def test_a_body_that_is_too_large_is_refused_before_that(api: Api) -> None:
    headers = [("Content-Type", "application/json"), ("Content-Length", "99999999")]
    expect.problem(api.raw(wire.request("POST", "/api-keys", headers)), 413)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"name": "\xff"}', "application/json", 400),
    ],
)
def test_only_json_makes_a_key(api: Api, body: bytes, kind: str, status: int) -> None:
    headers = {**regulars.of(api).logged_in, "Content-Type": kind}
    expect.problem(api.post("/api-keys", data=body, headers=headers), status)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api-keys", ["GET", "POST"]),
        ("/api-keys/1", ["DELETE"]),
        ("/api-keys/current", ["GET"]),
    ],
)
def test_other_methods_are_refused_before_who_asks_is_known(
    api: Api, path: str, methods: list[str]
) -> None:
    answer = api.patch(path)
    expect.problem(answer, 405)
    allowed = [*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])]
    expect.allow(answer, allowed)
    answer = api.options(path)
    expect.empty(answer, 200)
    expect.allow(answer, allowed)


# Asking with a key


@pytest.mark.core
def test_a_key_says_which_it_is(api: Api) -> None:
    key = made(api, name="till", limit=5, window=DAY)
    answer = use(api, key["key"])
    found = answer.json()
    expected = {
        "id": key["id"],
        "name": "till",
        "prefix": prefix(key),
        "limit": 5,
        "window": DAY,
        "created_at": found["created_at"],
        "last_used_at": found["last_used_at"],
    }
    expect.json(answer, expected)
    assert found["last_used_at"] > found["created_at"]


@pytest.mark.core
@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "{prefix}",
        "{prefix}_",
        "{key}x",
        "x{key}",
        "{key} x",
        "{key},{key}",
        "{key}\xa0",
        "Bearer {key}",
        "{prefix}_" + "A" * 43,
        "shop_" + "0" * 16 + "_" + "A" * 43,
        "\xe9",
        "shop_%_%",
        "' OR 1=1 --",
        "x" * 5000,
    ],
)
def test_what_is_no_key_is_refused(api: Api, sent: str) -> None:
    key = regulars.of(api).key
    value = sent.replace("{key}", key).replace("{prefix}", key[:21])
    answer = api.get("/api-keys/current", headers={"X-API-Key": value.encode("latin-1")})
    invalid_key(answer)


def test_a_key_has_capitals_and_small_letters(api: Api) -> None:
    key = regulars.of(api).key
    changed = key[:22] + key[22:].swapcase()
    assert changed != key
    invalid_key(use(api, changed))
    invalid_key(use(api, key.upper()))


@pytest.mark.core
def test_without_a_key_it_is_told_that_one_is_needed(api: Api) -> None:
    invalid_key(api.get("/api-keys/current"))


def test_two_keys_at_once_are_none(api: Api) -> None:
    key = ("X-API-Key", regulars.of(api).key)
    invalid_key(api.raw(wire.request("GET", "/api-keys/current", [key, key])))


def test_a_key_elsewhere_is_not_looked_at(api: Api) -> None:
    key = regulars.of(api).key
    invalid_key(api.get("/api-keys/current", params={"api_key": key, "X-API-Key": key}))
    invalid_key(api.get("/api-keys/current", headers={"Cookie": f"X-API-Key={key}"}))
    invalid_key(api.get("/api-keys/current", headers={"Authorization": f"Bearer {key}"}))


def test_a_login_is_no_key(api: Api) -> None:
    for headers in (regulars.of(api).logged_in, regulars.of(api).bearer):
        invalid_key(api.get("/api-keys/current", headers=headers))


# The rate limit


@pytest.mark.core
def test_each_use_is_counted(api: Api) -> None:
    key = made(api, limit=3, window=DAY)
    now = time.time()
    for left in (2, 1, 0):
        answer = counted(api, key["key"], f"use {left}")
        assert answer.status_code == 200
        assert answer.headers["X-RateLimit-Limit"] == "3"
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
        assert 0 <= int(answer.headers["X-RateLimit-Reset"]) - now - DAY < 60
        assert "Retry-After" not in answer.headers


@pytest.mark.core
def test_one_use_too_many_is_refused(api: Api) -> None:
    key = made(api, limit=2, window=DAY)
    for number in (1, 2):
        assert counted(api, key["key"], f"use {number}").status_code == 200
    for number in (3, 4):
        answer = counted(api, key["key"], f"use {number}")
        expect.problem(answer, 429)
        assert answer.headers["X-RateLimit-Limit"] == "2"
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        assert DAY - 60 < int(answer.headers["Retry-After"]) <= DAY


@pytest.mark.core
def test_after_the_time_that_is_told_it_works_again(api: Api) -> None:
    key = made(api, limit=1, window=2)
    assert use(api, key["key"], "the first window").status_code == 200
    answer = use(api, key["key"], "the first window")
    expect.problem(answer, 429)
    wait = answer.headers["Retry-After"]
    api.volatile("seconds to wait", wait)
    assert 1 <= int(wait) <= 2
    time.sleep(int(wait))
    again = api.get("/api-keys/current", headers={"X-API-Key": key["key"]})
    assert again.status_code == 200
    api.volatile("end of the second window", again.headers["X-RateLimit-Reset"])
    api.volatile("last use", again.json()["last_used_at"])
    assert again.headers["X-RateLimit-Remaining"] == "0"


def test_each_key_has_a_limit_of_its_own(api: Api) -> None:
    headers = logins.log_in(api)
    one = created(api, headers, "one", limit=1, window=DAY)
    two = created(api, headers, "two", limit=1, window=DAY)
    assert statuses(api, one["key"], 2) == [200, 429]
    assert statuses(api, two["key"], 2) == [200, 429]


def test_a_wrong_key_uses_up_nothing(api: Api) -> None:
    key = made(api, limit=1, window=DAY)
    for _ in range(3):
        invalid_key(use(api, prefix(key) + "_" + "A" * 43))
    assert use(api, key["key"]).status_code == 200


def test_a_new_key_starts_anew(api: Api) -> None:
    """Also where the database gives the id of a deleted row to the next one."""
    headers = logins.log_in(api)
    old = created(api, headers, "old", limit=1, window=DAY)
    assert statuses(api, old["key"], 2) == [200, 429]
    expect.empty(api.delete(f"/api-keys/{old['id']}", headers=headers), 204)
    key = {"name": "till", "limit": 1, "window": DAY}
    answer = api.post("/api-keys", json=key, headers=headers, uncompared="an id may come again")
    assert statuses(api, answer.json()["key"], 1) == [200]


@pytest.mark.parametrize("limit", [1, 7, 20])
def test_of_many_uses_at_once_as_many_succeed_as_are_allowed(api: Api, limit: int) -> None:
    key = made(api, limit=limit, window=DAY)
    found = statuses(api, key["key"], 32, workers=8)
    assert sorted(found) == [200] * limit + [429] * (32 - limit)


def statuses(api: Api, key: str, count: int, workers: int = 1) -> list[int]:
    """What a key is answered, on connections of their own; only the statuses matter."""

    def ask(_: int) -> int:
        headers = {"X-API-Key": key}
        return requests.get(f"{api.url}/api-keys/current", headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(ask, range(count)))
