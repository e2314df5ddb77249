import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import requests

from contract_tests import expect, forgery, logins, regulars, wire
from contract_tests.client import Api
from contract_tests.exchange import Answer
from contract_tests.logins import PASSWORD
from contract_tests.targets import SECRET_KEY

SCOPES = "profile orders:read orders:write api-keys"
CHALLENGE = 'Bearer realm="shop"'
INVALID = f'{CHALLENGE}, error="invalid_token"'
HOUR = 3600
Tokens = dict[str, Any]


def ask(api: Api, **form: str) -> requests.Response:
    return api.post("/tokens", data=form)


def named(api: Api, answer: requests.Response, name: str = "user") -> Tokens:
    """The tokens of an answer, whose values differ between targets."""
    assert answer.status_code == 200, answer.text
    tokens: Tokens = answer.json()
    api.volatile(f"access token of {name}", tokens["access_token"])
    api.volatile(f"refresh token of {name}", tokens["refresh_token"])
    return tokens


def granted(api: Api, name: str = "user", **form: str) -> Tokens:
    """Tokens of a new account."""
    email = logins.sign_up(api, name)
    form = {"grant_type": "password", "username": email, "password": PASSWORD, **form}
    return named(api, ask(api, **form), name)


def refreshed(api: Api, token: str, **form: str) -> requests.Response:
    return ask(api, grant_type="refresh_token", refresh_token=token, **form)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def me(api: Api, token: str) -> requests.Response:
    return api.get("/tokens/me", headers=bearer(token))


def refused(answer: Answer, error: str) -> None:
    """The answer is a problem document that OAuth2 clients understand too (RFC 6749, 5.2)."""
    __tracebackhide__ = True
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    assert list(document) == ["type", "title", "status", "detail", "error"]
    assert document["error"] == error
    assert document["type"] == f"/problems/{error.replace('_', '-')}"


def unauthorized(answer: Answer, challenge: str = INVALID) -> None:
    __tracebackhide__ = True
    invalid = "/problems/invalid-token"
    expect.problem(answer, 401, type=invalid if challenge == INVALID else "/problems/login-needed")
    assert answer.headers["WWW-Authenticate"] == challenge


# Asking with a password


@pytest.mark.core
def test_a_password_is_exchanged_for_tokens(api: Api) -> None:
    email = logins.sign_up(api)
    answer = ask(api, grant_type="password", username=email, password=PASSWORD)
    tokens = named(api, answer)
    expected = {
        "access_token": tokens["access_token"],
        "token_type": "Bearer",
        "expires_in": 900,
        "refresh_token": tokens["refresh_token"],
        "scope": SCOPES,
    }
    expect.json(answer, expected)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.core
def test_an_access_token_says_who_asks(api: Api) -> None:
    email = logins.sign_up(api)
    tokens = named(api, ask(api, grant_type="password", username=email, password=PASSWORD))
    answer = me(api, tokens["access_token"])
    expect.json(answer, {"id": answer.json()["id"], "email": email})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_has_the_registered_claims(api: Api) -> None:
    before = int(time.time())
    tokens = granted(api)
    found = forgery.claims(tokens["access_token"])
    assert list(found) == ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "scope"]
    assert (found["iss"], found["aud"], found["scope"]) == ("shop", "shop-api", SCOPES)
    assert found["sub"] == str(me(api, tokens["access_token"]).json()["id"])
    assert before <= found["iat"] == found["nbf"] == found["exp"] - 900
    assert forgery.header(tokens["access_token"]) == forgery.HEADER
    refresh = forgery.claims(tokens["refresh_token"])
    assert refresh["exp"] - refresh["iat"] == 30 * 24 * HOUR
    assert refresh["sid"] == found["sid"]
    assert refresh["jti"] != found["jti"]


def test_tokens_hold_no_address_and_no_password(api: Api) -> None:
    tokens = granted(api)
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert not {"email", "username", "password"} & forgery.claims(token).keys()


@pytest.mark.parametrize(
    ("scope", "given"),
    [
        ("profile", "profile"),
        ("api-keys profile", "profile api-keys"),
        ("orders:read orders:read", "orders:read"),
        (SCOPES, SCOPES),
        ("", SCOPES),
    ],
)
def test_a_client_asks_for_less_than_everything(api: Api, scope: str, given: str) -> None:
    assert granted(api, scope=scope)["scope"] == given


@pytest.mark.parametrize(
    "scope",
    [
        "admin",
        "profile admin",
        "Profile",
        "profile,orders:read",
        " profile",
        "profile ",
        "profile  orders:read",
        "profile\torders:read",
        "orders:*",
        "é",
        "\x00",
    ],
)
def test_a_scope_that_is_none_is_refused(api: Api, scope: str) -> None:
    answer = ask(api, grant_type="password", username="a@example.com", password="x", scope=scope)
    refused(answer, "invalid_scope")


@pytest.mark.core
@pytest.mark.parametrize("name", ["grant_type", "username", "password"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_every_parameter_of_the_password_grant_is_needed(api: Api, name: str, how: str) -> None:
    form = {"grant_type": "password", "username": "a@example.com", "password": PASSWORD, name: ""}
    refused(ask(api, **{k: v for k, v in form.items() if v or how == "empty"}), "invalid_request")


@pytest.mark.parametrize("kind", [{}, {"Content-Type": "application/x-www-form-urlencoded"}])
def test_no_body_at_all_is_a_request_without_parameters(api: Api, kind: dict[str, str]) -> None:
    refused(api.post("/tokens", headers=kind), "invalid_request")


@pytest.mark.parametrize(
    "grant_type",
    ["client_credentials", "authorization_code", "PASSWORD", "password ", "implicit", "1", "é"],
)
def test_another_grant_type_is_not_supported(api: Api, grant_type: str) -> None:
    answer = ask(api, grant_type=grant_type, username="a@example.com", password=PASSWORD)
    refused(answer, "unsupported_grant_type")


@pytest.mark.core
def test_a_wrong_password_is_refused(api: Api) -> None:
    email = logins.sign_up(api)
    answer = ask(api, grant_type="password", username=email, password=PASSWORD + "x")
    refused(answer, "invalid_grant")
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("rest", ["@example.com", "", "%", "'", "é", "x" * (254 - 32)])
def test_an_unknown_user_is_refused_as_a_wrong_password_is(api: Api, rest: str) -> None:
    username = uuid4().hex + rest  # a name that is always the same may be tried ten times only
    refused(ask(api, grant_type="password", username=username, password="x"), "invalid_grant")


def test_the_user_name_is_the_email_address_in_any_case(api: Api) -> None:
    email = logins.sign_up(api)
    named(api, ask(api, grant_type="password", username=email.upper(), password=PASSWORD))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("grant_type", "x" * 51, "maxLength"),
        ("username", "x" * 255, "maxLength"),
        ("username", "a\x00b", "pattern"),
        ("username", "a\nb", "pattern"),
        ("password", "x" * 129, "maxLength"),
        ("refresh_token", "x" * 4097, "maxLength"),
        ("scope", "x" * 201, "maxLength"),
    ],
)
def test_a_parameter_that_nobody_would_look_at_is_invalid(
    api: Api, field: str, value: str, code: str
) -> None:
    form = {"grant_type": "password", "username": "a", "password": "b", field: value}
    answer = ask(api, **form)
    expect.problem(answer, 422, errors=[("body", field, code)])
    assert answer.headers["Cache-Control"] == "no-store"


def test_unknown_parameters_are_ignored(api: Api) -> None:
    tokens = granted(api, client_id="shop", client_secret="", state="x", audience="y")
    assert tokens["scope"] == SCOPES


def test_the_first_of_repeated_parameters_counts(api: Api) -> None:
    pairs = [("grant_type", "other"), ("grant_type", "password"), ("username", "a")]
    refused(api.post("/tokens", data=[*pairs, ("password", "b")]), "unsupported_grant_type")


@pytest.mark.parametrize("credentials", ["Basic Og==", "Basic w6k6w7w=", "Basic dQ==", "Bearer x"])
def test_credentials_in_the_authorization_header_are_not_looked_at(
    api: Api, credentials: str
) -> None:
    """Swagger UI sends those of the client, which are empty here."""
    email = logins.sign_up(api)
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    named(api, api.post("/tokens", data=form, headers={"Authorization": credentials}))


def test_a_multipart_form_is_read_too(api: Api) -> None:
    form = {"grant_type": "password", "username": uuid4().hex, "password": "x"}
    parts = {name: (None, value) for name, value in form.items()}
    refused(api.post("/tokens", files=parts), "invalid_grant")


@pytest.mark.core
@pytest.mark.parametrize("path", ["/tokens", "/tokens/revoke"])
def test_json_is_no_form(api: Api, path: str) -> None:
    answer = api.post(path, json={"grant_type": "password"})
    expect.problem(answer, 415)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("body", [b"grant_type=%ff", b"grant_type=\xff"])
def test_a_form_that_is_no_utf_8_cannot_be_parsed(api: Api, body: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    expect.problem(api.post("/tokens", data=body, headers=kind), 400)


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/tokens", "POST"), ("/tokens/revoke", "POST"), ("/tokens/me", "GET")],
)
def test_each_address_answers_one_method(api: Api, path: str, methods: str) -> None:
    answer = api.put(path)
    expect.problem(answer, 405)
    allowed = [methods, "OPTIONS", *(["HEAD"] if methods == "GET" else [])]
    expect.allow(answer, allowed)
    answer = api.options(path)
    expect.empty(answer, 200)
    expect.allow(answer, allowed)


@pytest.mark.parametrize("path", ["/tokens/", "/tokens/other", "/token", "/tokens/me/"])
def test_nothing_is_at_other_addresses(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)


# Refreshing


@pytest.mark.core
def test_a_refresh_token_is_exchanged_for_new_tokens(api: Api) -> None:
    first = granted(api)
    answer = refreshed(api, first["refresh_token"])
    second = named(api, answer, "the same user")
    assert list(second) == list(first)
    assert second["scope"] == SCOPES
    assert len({*first.values(), *second.values()}) == 7
    assert me(api, second["access_token"]).status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.core
def test_a_refresh_token_that_is_used_again_ends_everything(api: Api) -> None:
    first = granted(api)
    second = named(api, refreshed(api, first["refresh_token"]), "the same user")
    refused(refreshed(api, first["refresh_token"]), "invalid_grant")
    refused(refreshed(api, second["refresh_token"]), "invalid_grant")
    for tokens in (first, second):
        unauthorized(me(api, tokens["access_token"]))


def test_other_grants_of_the_user_go_on(api: Api) -> None:
    email = logins.sign_up(api)
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    here, there = named(api, ask(api, **form), "here"), named(api, ask(api, **form), "there")
    named(api, refreshed(api, here["refresh_token"]), "here again")
    refused(refreshed(api, here["refresh_token"]), "invalid_grant")
    assert me(api, there["access_token"]).status_code == 200
    named(api, refreshed(api, there["refresh_token"]), "there again")


def test_refreshing_keeps_earlier_access_tokens(api: Api) -> None:
    first = granted(api)
    named(api, refreshed(api, first["refresh_token"]), "the same user")
    assert me(api, first["access_token"]).status_code == 200


def test_a_chain_of_refreshes_holds(api: Api) -> None:
    tokens = granted(api)
    for turn in range(5):
        tokens = named(api, refreshed(api, tokens["refresh_token"]), f"turn {turn}")
    assert me(api, tokens["access_token"]).status_code == 200


def test_one_access_token_can_be_asked_to_allow_less(api: Api) -> None:
    tokens = granted(api)
    less = named(api, refreshed(api, tokens["refresh_token"], scope="orders:read"), "less")
    assert less["scope"] == "orders:read"
    assert me(api, less["access_token"]).status_code == 403
    again = named(api, refreshed(api, less["refresh_token"]), "again")
    assert again["scope"] == SCOPES


@pytest.mark.parametrize("scope", ["orders:write", "profile orders:write", "admin", "  "])
def test_refreshing_never_allows_more(api: Api, scope: str) -> None:
    tokens = granted(api, scope="profile orders:read")
    refused(refreshed(api, tokens["refresh_token"], scope=scope), "invalid_scope")
    # The refresh token is not used up by it.
    named(api, refreshed(api, tokens["refresh_token"]), "the same user")


def test_of_many_uses_of_a_refresh_token_at_once_one_succeeds(api: Api) -> None:
    tokens = granted(api)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    def use(_: int) -> int:
        return requests.post(f"{api.url}/tokens", data=form, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(use, range(8)))
    assert statuses == [200, *[400] * 7]
    unauthorized(me(api, tokens["access_token"]))


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_refresh_needs_a_token(api: Api, how: str) -> None:
    form = {"refresh_token": ""} if how == "empty" else {}
    refused(ask(api, grant_type="refresh_token", **form), "invalid_request")


@pytest.mark.core
def test_an_access_token_refreshes_nothing(api: Api) -> None:
    refused(refreshed(api, regulars.of(api).access_token), "invalid_grant")


@pytest.mark.core
def test_a_refresh_token_is_no_access_token(api: Api) -> None:
    unauthorized(me(api, regulars.of(api).refresh_token))


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "..", "null", "x" * 4096])
def test_garbage_refreshes_nothing(api: Api, token: str) -> None:
    refused(refreshed(api, token), "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "secret"),
    [
        ({"exp": 1}, "refresh"),
        ({"nbf": 2**40}, "refresh"),
        ({"aud": "other"}, "refresh"),
        ({"iss": "other"}, "refresh"),
        ({"sid": "0" * 32}, "refresh"),
        ({"sid": "\x00"}, "refresh"),
        ({"jti": None}, "refresh"),
        ({}, "access"),
        ({}, "session"),
    ],
)
def test_a_forged_token_refreshes_nothing(api: Api, changes: dict[str, Any], secret: str) -> None:
    claims = forgery.claims(regulars.of(api).refresh_token)
    forged = forgery.sign({**claims, **changes}, forgery.key(secret))
    refused(refreshed(api, forged), "invalid_grant")


def test_a_refresh_token_that_was_never_given_ends_everything_too(api: Api) -> None:
    tokens = granted(api)
    claims = {**forgery.claims(tokens["refresh_token"]), "jti": "0" * 32}
    refused(refreshed(api, forgery.sign(claims, forgery.key("refresh"))), "invalid_grant")
    refused(refreshed(api, tokens["refresh_token"]), "invalid_grant")


# Revoking


@pytest.mark.core
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_revoked_token_ends_its_grant(api: Api, kind: str) -> None:
    tokens = granted(api)
    answer = api.post("/tokens/revoke", data={"token": tokens[kind]})
    expect.empty(answer, 200)
    assert answer.headers["Cache-Control"] == "no-store"
    unauthorized(me(api, tokens["access_token"]))
    refused(refreshed(api, tokens["refresh_token"]), "invalid_grant")


def test_revoking_leaves_others_alone(api: Api) -> None:
    mine, yours = granted(api, "one"), granted(api, "another")
    expect.empty(api.post("/tokens/revoke", data={"token": mine["refresh_token"]}), 200)
    assert me(api, yours["access_token"]).status_code == 200
    named(api, refreshed(api, yours["refresh_token"]), "another again")


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "other", ""])
def test_the_hint_is_only_a_hint(api: Api, hint: str) -> None:
    tokens = granted(api)
    form = {"token": tokens["access_token"], "token_type_hint": hint, "client_id": "x"}
    expect.empty(api.post("/tokens/revoke", data=form), 200)
    unauthorized(me(api, tokens["access_token"]))


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "..", "null"])
def test_to_revoke_what_is_no_token_is_no_error(api: Api, token: str) -> None:
    expect.empty(api.post("/tokens/revoke", data={"token": token}), 200)


def test_revoking_twice_is_no_error(api: Api) -> None:
    tokens = granted(api)
    for _ in range(2):
        form = {"token": tokens["refresh_token"]}
        expect.empty(api.post("/tokens/revoke", data=form), 200)


def test_a_forged_token_revokes_nothing(api: Api) -> None:
    tokens = granted(api)
    forged = forgery.sign(forgery.claims(tokens["access_token"]), b"another key")
    expect.empty(api.post("/tokens/revoke", data={"token": forged}), 200)
    assert me(api, tokens["access_token"]).status_code == 200


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"tokens": "x"}])
def test_revoking_needs_a_token(api: Api, form: dict[str, str]) -> None:
    refused(api.post("/tokens/revoke", data=form), "invalid_request")


def test_a_token_of_more_than_4096_characters_is_not_looked_at(api: Api) -> None:
    answer = api.post("/tokens/revoke", data={"token": "x" * 4097})
    expect.problem(answer, 422, errors=[("body", "token", "maxLength")])


# Asking with a token


@pytest.mark.core
def test_without_credentials_it_is_told_how_to_ask(api: Api) -> None:
    answer = api.get("/tokens/me")
    unauthorized(answer, CHALLENGE)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.core
def test_a_token_without_the_scope_is_not_allowed_to(api: Api) -> None:
    tokens = granted(api, scope="orders:read orders:write")
    answer = me(api, tokens["access_token"])
    expect.problem(answer, 403, type="/problems/insufficient-scope")
    challenge = f'{CHALLENGE}, error="insufficient_scope", scope="profile"'
    assert answer.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "])
def test_the_name_of_the_scheme_has_no_case(api: Api, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {regulars.of(api).access_token}"}
    answer = api.get("/tokens/me", headers=headers)
    assert answer.status_code == 200
    api.volatile("id", answer.json()["id"])
    api.volatile("email", answer.json()["email"])


@pytest.mark.core
@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "Bearer",
        "Bearer ",
        "{token}",
        "Token {token}",
        "Basic {token}",
        "Basic YTpi",
        "BearerX {token}",
        "Bearer\t{token}",
        "Bearer: {token}",
        "Bearer={token}",
        "Bearer {token} x",
        "Bearer {token},",
        "Bearer {token}; x",
        'Bearer "{token}"',
        "Bearer token={token}",
        "Bearer null",
        "Bearer undefined",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer {token}.x",
        "Bearer {token}\xa0",
        "Bearer \xe9",
    ],
)
def test_malformed_credentials_are_refused(api: Api, credentials: str) -> None:
    value = credentials.replace("{token}", regulars.of(api).access_token)
    unauthorized(api.get("/tokens/me", headers={"Authorization": value.encode("latin-1")}))


def test_two_authorization_headers_are_refused(api: Api) -> None:
    credentials = ("Authorization", f"Bearer {regulars.of(api).access_token}")
    unauthorized(api.raw(wire.request("GET", "/tokens/me", [credentials, credentials])))


def test_a_token_in_the_query_or_in_a_form_is_not_looked_at(api: Api) -> None:
    token = regulars.of(api).access_token
    unauthorized(api.get("/tokens/me", params={"access_token": token}), CHALLENGE)
    unauthorized(api.get("/tokens/me", data={"access_token": token}), CHALLENGE)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_token_that_was_tampered_with_is_refused(api: Api, at: int) -> None:
    parts = regulars.of(api).access_token.split(".")
    parts[at] = ("A" if parts[at][3] != "A" else "B").join([parts[at][:3], parts[at][4:]])
    unauthorized(me(api, ".".join(parts)))


@pytest.mark.core
@pytest.mark.parametrize(
    ("header", "digest"),
    [
        ({"alg": "none", "typ": "JWT"}, ""),
        ({"alg": "None", "typ": "JWT"}, ""),
        ({"alg": "nOnE", "typ": "JWT"}, ""),
        ({"alg": "none", "typ": "JWT"}, "sha256"),
        ({"alg": "HS256", "typ": "JWT"}, ""),
        ({"alg": "HS384", "typ": "JWT"}, "sha384"),
        ({"alg": "HS512", "typ": "JWT"}, "sha512"),
        ({"alg": "HS256", "typ": "JWT"}, "sha512"),
        ({"alg": "RS256", "typ": "JWT"}, "sha256"),
        ({"alg": "ES256", "typ": "JWT"}, "sha256"),
        ({"alg": "EdDSA", "typ": "JWT"}, "sha256"),
        ({"alg": "hs256", "typ": "JWT"}, "sha256"),
        ({"alg": "", "typ": "JWT"}, "sha256"),
        ({"alg": None, "typ": "JWT"}, "sha256"),
        ({"alg": ["HS256"], "typ": "JWT"}, "sha256"),
        ({"alg": {"HS256": 1}, "typ": "JWT"}, "sha256"),
        ({"typ": "JWT"}, "sha256"),
        ({}, "sha256"),
        ([], "sha256"),
        (None, "sha256"),
        (b"x", "sha256"),
        (b"\xff", "sha256"),
        ({"alg": "HS256", "crit": ["x"], "x": 1}, "sha256"),
        ({"alg": "HS256", "crit": []}, "sha256"),
        ({"alg": "HS256", "b64": False}, "sha256"),
        ({"alg": "HS256", "kid": 1}, "sha256"),
    ],
)
def test_a_token_of_another_algorithm_is_refused(api: Api, header: object, digest: str) -> None:
    claims = forgery.claims(regulars.of(api).access_token)
    unauthorized(me(api, forgery.sign(claims, forgery.key(), header, digest)))


@pytest.mark.core
@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"another key that is long enough for everybody",
        SECRET_KEY.encode(),
        forgery.key("refresh"),
        forgery.key("session"),
        forgery.key("access", "a key that nobody knows, 32 characters or more"),
    ],
    ids=["empty", "another", "the secret itself", "refresh", "session", "of another secret"],
)
def test_a_token_of_another_key_is_refused(api: Api, key: bytes) -> None:
    claims = forgery.claims(regulars.of(api).access_token)
    unauthorized(me(api, forgery.sign(claims, key)))


@pytest.mark.core
@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": -1},
        {"exp": time.time() - 60},
        {"exp": "soon"},
        {"exp": True},
        {"exp": [2**40]},
        {"exp": float("nan")},
        {"exp": float("-inf")},
        {"nbf": 2**40},
        {"nbf": time.time() + HOUR},
        {"nbf": "later"},
        {"nbf": float("inf")},
        {"iat": 2**40},
        {"iat": {}},
        {"aud": "shop"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": 1},
        {"aud": "SHOP-API"},
        {"iss": "other"},
        {"iss": ["shop"]},
        {"iss": 1},
        {"sub": 1},
        {"sid": "0" * 32},
        {"sid": "x"},
        {"sid": 1},
        {"sid": ["0" * 32]},
        {"sid": "\x00" * 32},
        {"sid": "é" * 32},
        {"jti": 1},
        {"jti": "x"},
        {"scope": 1},
        {"scope": ["profile"]},
        {"scope": {"profile": 1}},
    ],
    ids=lambda changes: json.dumps(changes)[:40],
)
def test_a_token_with_another_claim_is_refused(api: Api, changes: dict[str, Any]) -> None:
    claims = forgery.claims(regulars.of(api).access_token)
    unauthorized(me(api, forgery.sign({**claims, **changes}, forgery.key())))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "scope"])
@pytest.mark.parametrize("how", ["missing", "null"])
def test_every_claim_is_needed(api: Api, claim: str, how: str) -> None:
    claims = forgery.claims(regulars.of(api).access_token)
    claims = {**claims, claim: None} if how == "null" else {**claims}
    if how == "missing":
        del claims[claim]
    unauthorized(me(api, forgery.sign(claims, forgery.key())))


@pytest.mark.parametrize(
    "payload", [b"", b"x", b"\xff", b"[]", b"null", b'"x"', b"1", b"[" * 5000, b'{"exp":'], ids=str
)
def test_a_payload_that_is_no_object_is_refused(api: Api, payload: bytes) -> None:
    unauthorized(me(api, forgery.sign(payload, forgery.key())))


def test_a_forgery_with_the_right_key_is_none(api: Api) -> None:
    """So the tests before this one refuse what they say they do."""
    tokens = granted(api)
    token = forgery.sign(forgery.claims(tokens["access_token"]), forgery.key())
    assert token == tokens["access_token"]
    claims = {**forgery.claims(token), "scope": "orders:read"}
    assert me(api, forgery.sign(claims, forgery.key())).status_code == 403


def test_a_token_works_until_its_last_second(api: Api) -> None:
    tokens = granted(api)
    claims = {**forgery.claims(tokens["access_token"]), "exp": int(time.time()) + 60}
    assert me(api, forgery.sign(claims, forgery.key())).status_code == 200


# With the session cookie


@pytest.mark.core
def test_who_is_logged_in_by_cookie_needs_no_token(api: Api) -> None:
    assert api.get("/tokens/me", headers=logins.log_in(api)).status_code == 200


@pytest.mark.core
def test_a_token_wins_over_the_cookie(api: Api) -> None:
    cookie, tokens = logins.log_in(api, "cookie"), granted(api, "token")
    mine = me(api, tokens["access_token"]).json()
    headers = {**cookie, **bearer(tokens["access_token"])}
    expect.json(api.get("/tokens/me", headers=headers), mine)


@pytest.mark.parametrize("credentials", ["Bearer x", "Basic YTpi", ""])
def test_an_invalid_token_is_not_mended_by_a_cookie(api: Api, credentials: str) -> None:
    headers = {**regulars.of(api).logged_in, "Authorization": credentials}
    unauthorized(api.get("/tokens/me", headers=headers))


@pytest.mark.core
@pytest.mark.parametrize(
    ("method", "path", "scope", "other"),
    [
        ("GET", "/orders", "orders:read", "orders:write"),
        ("GET", "/orders/1", "orders:read", "orders:write"),
        ("POST", "/orders", "orders:write", "orders:read"),
        ("PUT", "/orders/1/state", "orders:write", "orders:read"),
    ],
)
def test_orders_need_a_scope_each(api: Api, method: str, path: str, scope: str, other: str) -> None:
    claims = forgery.claims(regulars.of(api).access_token)
    token = forgery.sign({**claims, "scope": f"profile {other} api-keys"}, forgery.key())
    answer = api.request(method, path, headers=bearer(token))
    expect.problem(answer, 403, type="/problems/insufficient-scope")
    assert answer.headers["WWW-Authenticate"].endswith(f'scope="{scope}"')
    token = forgery.sign({**claims, "scope": scope}, forgery.key())
    assert api.request(method, path, headers=bearer(token)).status_code in {200, 400, 404, 415}


def test_a_token_also_logs_in_where_no_scope_is_asked_for(api: Api) -> None:
    tokens = granted(api, scope="orders:read")
    assert api.get("/session", headers=bearer(tokens["access_token"])).status_code == 200


def test_head_is_answered_as_get_without_a_body(api: Api) -> None:
    answer = api.head("/tokens/me", headers=bearer(granted(api)["access_token"]))
    assert answer.status_code == 200
    assert answer.content == b""
    assert api.head("/tokens/me").status_code == 401
