import re
from typing import Any
from uuid import uuid4

import pytest

from contract_tests import expect, signing, wire
from contract_tests.client import Api
from contract_tests.exchange import Answer
from contract_tests.logins import PASSWORD, cookie, sign_up

LIFETIME = 14 * 24 * 60 * 60
ATTRIBUTES = "HttpOnly; Path=/; SameSite=Lax"
GONE = f"session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; {ATTRIBUTES}"
TOO_LONG = "a@" + "b" * 60 + ".c" * 100 + ".test"
JSON = {"Content-Type": "application/json"}


def sent(value: str) -> dict[str, str]:
    return {"Cookie": f"session={value}"}


def log_in(api: Api, email: str, *, name: str = "session", old: str = "") -> str:
    """The cookie of a login, which lasts as long as the browser runs; `old` is the one before."""
    credentials = {"email": email, "password": PASSWORD}
    answer = api.post("/session", json=credentials, headers=sent(old) if old else {})
    expect.empty(answer, 204)
    return cookie(api, answer, name)


def lasting(api: Api, answer: Answer, name: str = "session") -> str:
    """The cookie that an answer sets for longer than the browser runs."""
    found = re.fullmatch(
        rf"session=([^;]+); Expires=([A-Z][a-z]{{2}}, .* GMT); {ATTRIBUTES}",
        answer.headers["Set-Cookie"],
    )
    assert found
    api.volatile(name, found[1])
    api.volatile(f"end of {name}", found[2])
    return found[1]


def is_logged_in(api: Api, value: str) -> bool:
    answer = api.get("/session", headers=sent(value))
    if answer.status_code == 200:
        return True
    expect.problem(answer, 401, type="/problems/login-needed")
    return False


# Accounts


@pytest.mark.core
def test_an_account_is_made_and_nobody_logged_in(api: Api) -> None:
    email = f"Ada-{uuid4().hex}@Example.com"
    answer = api.post("/accounts", json={"email": email, "password": PASSWORD})
    number = answer.json()["id"]
    api.volatile("email", email.lower())
    api.volatile("id", number)
    expect.json(answer, {"id": number, "email": email.lower()}, status=201)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_an_email_address_has_one_account_in_any_case(api: Api, change: Any) -> None:
    email = change(sign_up(api))
    answer = api.post("/accounts", json={"email": email, "password": PASSWORD})
    expect.problem(answer, 409, type="/problems/email-taken")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": None}, "email", "type"),
        ({"email": 5}, "email", "type"),
        ({"email": ""}, "email", "format"),
        ({"email": "ada"}, "email", "format"),
        ({"email": "ada@localhost"}, "email", "format"),
        ({"email": "é@example.com"}, "email", "format"),
        ({"email": "a\x00@example.com"}, "email", "format"),
        ({"email": " a@example.com"}, "email", "format"),
        ({"email": "a@example.com\n"}, "email", "format"),
        ({"email": TOO_LONG}, "email", "format"),
        ({"password": None}, "password", "type"),
        ({"password": 12345678}, "password", "type"),
        ({"password": ["12345678"]}, "password", "type"),
        ({"password": ""}, "password", "minLength"),
        ({"password": "1234567"}, "password", "minLength"),
        ({"password": "x" * 129}, "password", "maxLength"),
        ({"is_admin": True}, "is_admin", "additionalProperties"),
        ({"id": 1}, "id", "additionalProperties"),
    ],
)
def test_what_makes_no_account_is_refused(
    api: Api, changes: dict[str, Any], field: str, code: str
) -> None:
    account = {"email": "ada@example.com", "password": PASSWORD, **changes}
    answer = api.post("/accounts", json=account)
    expect.problem(answer, 422, errors=[("body", field, code)])


@pytest.mark.parametrize("path", ["/accounts", "/session"])
def test_both_fields_are_needed(api: Api, path: str) -> None:
    errors = [("body", "email", "required"), ("body", "password", "required")]
    expect.problem(api.post(path, json={}), 422, errors=errors)


@pytest.mark.parametrize("path", ["/accounts", "/session"])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"email":"\xff"}', "application/json", 400),
        (b"email=a%40example.com&password=12345678", "application/x-www-form-urlencoded", 415),
        (b'{"email":"a@example.com","password":"12345678"}', "text/plain", 415),
        (b"[" * 65 + b"]" * 65, "application/json", 400),
    ],
)
def test_only_json_is_read(
    api: Api, path: str, body: bytes, content_type: str, status: int
) -> None:
    answer = api.post(path, data=body, headers={"Content-Type": content_type})
    expect.problem(answer, status)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/accounts", ["POST", "OPTIONS"]),
        ("/session", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]),
        ("/session/draft", ["GET", "HEAD", "PUT", "OPTIONS"]),
    ],
)
def test_other_methods_are_not_allowed(api: Api, path: str, methods: list[str]) -> None:
    expect.allow(api.options(path), methods)
    answer = api.patch(path)
    expect.problem(answer, 405)
    expect.allow(answer, methods)


@pytest.mark.parametrize("path", ["/accounts/1", "/sessions", "/session/", "/session/1"])
def test_there_is_nothing_else(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)


@pytest.mark.parametrize(
    "password", ["12345678", "x" * 128, "😀" * 128, "a\x00b\x00c\x00d\x00", " " * 8]
)
def test_a_password_may_have_any_characters(api: Api, password: str) -> None:
    email = sign_up(api, password=password)
    answer = api.post("/session", json={"email": email, "password": password})
    expect.empty(answer, 204)
    cookie(api, answer)


def test_a_password_is_the_same_however_its_accents_are_typed(api: Api) -> None:
    email = sign_up(api, password="caf\u00e9 caf\u00e9")
    answer = api.post("/session", json={"email": email, "password": "cafe\u0301 cafe\u0301"})
    expect.empty(answer, 204)
    cookie(api, answer)


@pytest.mark.parametrize(
    "password", ["", "x", PASSWORD.upper(), PASSWORD + " ", PASSWORD + "\x00", PASSWORD[:-1]]
)
def test_another_password_is_refused(api: Api, password: str) -> None:
    answer = api.post("/session", json={"email": sign_up(api), "password": password})
    expect.problem(answer, 403, type="/problems/wrong-credentials")
    assert "Set-Cookie" not in answer.headers


def test_nobody_learns_whether_an_account_exists(api: Api) -> None:
    answers = [
        api.post("/session", json={"email": email, "password": "not the password"})
        for email in (sign_up(api), f"nobody-{uuid4().hex}@example.com")
    ]
    assert answers[0].status_code == answers[1].status_code == 403
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": None}, "email", "type"),
        ({"email": "' OR 1=1 --"}, "email", "format"),
        ({"password": None}, "password", "type"),
        ({"password": "x" * 129}, "password", "maxLength"),
        ({"remember": None}, "remember", "type"),
        ({"remember": 1}, "remember", "type"),
        ({"remember": "true"}, "remember", "type"),
        ({"next": "/"}, "next", "additionalProperties"),
    ],
)
def test_what_are_no_credentials_are_refused(
    api: Api, changes: dict[str, Any], field: str, code: str
) -> None:
    credentials = {"email": "ada@example.com", "password": PASSWORD, **changes}
    answer = api.post("/session", json=credentials)
    expect.problem(answer, 422, errors=[("body", field, code)])
    assert "Set-Cookie" not in answer.headers


def refused(api: Api, answer: Answer, name: str = "window") -> None:
    """The answer to one attempt too many."""
    api.volatile(f"end of {name}", answer.headers["X-RateLimit-Reset"])
    api.volatile(f"seconds left of {name}", answer.headers["Retry-After"])
    expect.problem(answer, 429)
    assert "Set-Cookie" not in answer.headers
    assert 15 * 60 - 60 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert answer.headers["X-RateLimit-Limit"] == "10"


@pytest.mark.core
@pytest.mark.parametrize("exists", [True, False])
def test_after_ten_wrong_passwords_no_login_is_tried_any_more(api: Api, exists: bool) -> None:
    email = sign_up(api) if exists else f"nobody-{uuid4().hex}@example.com"
    form = {"grant_type": "password", "username": email, "password": "wrong"}
    for attempt in range(10):
        if attempt % 2:
            assert api.post("/tokens", data=form).json()["error"] == "invalid_grant"
        else:
            answer = api.post("/session", json={"email": email.upper(), "password": "wrong"})
            expect.problem(answer, 403, type="/problems/wrong-credentials")
    for right in (False, True):
        credentials = {"email": email, "password": PASSWORD if right else "wrong"}
        refused(api, api.post("/session", json=credentials), f"window, right {right}")
        answer = api.post("/tokens", data={**form, "password": credentials["password"]})
        refused(api, answer, f"window of tokens, right {right}")


def test_wrong_passwords_concern_nobody_else_and_no_login_there_is(api: Api) -> None:
    email, other = sign_up(api), sign_up(api, "other")
    value = log_in(api, email)
    for _ in range(10):
        api.post("/session", json={"email": email, "password": "wrong"})
    refused(api, api.post("/session", json={"email": email, "password": PASSWORD}))
    assert is_logged_in(api, value)
    assert is_logged_in(api, log_in(api, other, name="session of other"))


def test_right_passwords_are_not_counted(api: Api) -> None:
    email = sign_up(api)
    for number in range(11):
        log_in(api, email, name=f"session {number}")


# Who is logged in


@pytest.mark.core
def test_a_login_says_who_asks(api: Api) -> None:
    email = sign_up(api)
    value = log_in(api, email)
    answer = api.get("/session", headers=sent(value))
    expect.json(answer, {"id": answer.json()["id"], "email": email})
    assert answer.headers["Vary"] == "Origin, Cookie"
    assert "Set-Cookie" not in answer.headers


def test_an_email_address_may_be_written_in_any_case(api: Api) -> None:
    assert is_logged_in(api, log_in(api, sign_up(api).upper()))


@pytest.mark.core
def test_nobody_is_logged_in_without_a_cookie(api: Api) -> None:
    answer = api.get("/session")
    expect.problem(answer, 401, type="/problems/login-needed")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="shop"'
    assert answer.headers["Vary"] == "Origin, Cookie"


@pytest.mark.core
def test_a_cookie_lasts_as_long_as_the_browser_runs(api: Api) -> None:
    answer = api.post("/session", json={"email": sign_up(api), "password": PASSWORD})
    value = cookie(api, answer)
    assert answer.headers["Set-Cookie"] == f"session={value}; {ATTRIBUTES}"
    assert answer.headers["Vary"] == "Origin, Cookie"


@pytest.mark.core
def test_a_cookie_that_is_to_be_remembered_outlasts_the_browser(api: Api) -> None:
    credentials = {"email": sign_up(api), "password": PASSWORD, "remember": True}
    answer = api.post("/session", json=credentials)
    assert signing.read(lasting(api, answer))["_permanent"] is True


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/session", 200),
        ("HEAD", "/session", 200),
        ("OPTIONS", "/session", 200),
        ("PATCH", "/session", 405),
        ("GET", "/nothing", 404),
        ("GET", "/static/hello.txt", 200),
        ("PUT", "/session/draft", 415),
        ("GET", "/errors/unexpected", 500),
    ],
)
def test_every_answer_prolongs_what_is_to_be_remembered(
    api: Api, method: str, path: str, status: int
) -> None:
    first = signing.read(log_in(api, sign_up(api)))
    old = signing.sign({**first, "_permanent": True}, age=LIFETIME - 60)
    answer = api.request(method, path, headers=sent(old))
    assert answer.status_code == status
    new = lasting(api, answer, "prolonged")
    assert signing.read(new) == signing.read(old)
    assert "Cookie" in answer.headers["Vary"].split(", ")
    assert new != old


@pytest.mark.parametrize("path", ["/", "/session", "/nothing", "/errors/unexpected"])
def test_no_answer_prolongs_what_lasts_as_long_as_the_browser(api: Api, path: str) -> None:
    answer = api.get(path, headers=sent(log_in(api, sign_up(api))))
    assert "Set-Cookie" not in answer.headers


def test_what_an_answer_varies_with_stands_in_one_header(api: Api) -> None:
    headers = [("Origin", "http://127.0.0.1:8080"), ("Cookie", "session=x")]
    answer = api.raw(wire.request("GET", "/session", headers))
    assert answer.headers.getlist("Vary") == ["Origin, Cookie"]


def test_where_the_session_is_not_looked_at_caches_need_not_know_of_it(api: Api) -> None:
    assert api.get("/", headers=sent(log_in(api, sign_up(api)))).headers["Vary"] == "Origin"


def test_nobody_is_asked_for_a_login_that_a_handler_does_not_need(api: Api) -> None:
    assert api.get("/", headers=sent("garbage")).status_code == 200


# Which cookies are good


def test_a_cookie_signed_with_the_key_is_good(api: Api) -> None:
    session = signing.read(log_in(api, sign_up(api)))
    assert is_logged_in(api, signing.sign(session))
    assert is_logged_in(api, signing.sign(session, compressed=True))
    assert is_logged_in(api, signing.sign({"other": [1, {"a": None}], **session}))


@pytest.mark.core
def test_a_cookie_of_another_key_is_ignored(api: Api) -> None:
    session = signing.read(log_in(api, sign_up(api)))
    assert not is_logged_in(api, signing.sign(session, secret_key="a key of someone else"))
    assert not is_logged_in(api, signing.sign(session, salt=b"another purpose"))


@pytest.mark.core
@pytest.mark.parametrize(
    ("age", "good"),
    [
        (0, True),
        (LIFETIME - 60, True),
        (LIFETIME + 60, False),
        (-60, False),
        (1_700_000_000, False),
    ],
)
def test_a_cookie_is_good_for_two_weeks(api: Api, age: int, good: bool) -> None:
    session = signing.read(log_in(api, sign_up(api)))
    assert is_logged_in(api, signing.sign(session, age=age)) is good


def test_a_stale_cookie_is_not_prolonged(api: Api) -> None:
    session = signing.read(log_in(api, sign_up(api)))
    stale = signing.sign({**session, "_permanent": True}, age=LIFETIME + 60)
    answer = api.get("/session", headers=sent(stale))
    expect.problem(answer, 401, type="/problems/login-needed")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_cookie_that_was_changed_is_ignored(api: Api, part: int) -> None:
    parts = log_in(api, sign_up(api)).split(".")
    middle = len(parts[part]) // 2
    letter = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + letter + parts[part][middle + 1 :]
    assert not is_logged_in(api, ".".join(parts))


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "...",
        "x",
        "e30.x.x",
        "e30",
        '""',
        "%00",
        "null",
        "{}",
        "\xff",
        "é",
        "A" * 7000,
    ],
)
def test_what_is_no_session_is_ignored(api: Api, value: str) -> None:
    raw = wire.request("GET", "/session", [("Cookie", f"session={value}")])
    expect.problem(api.raw(raw), 401, type="/problems/login-needed")


def test_a_signature_alone_is_no_login(api: Api) -> None:
    key, now = "k" * 32, 4_000_000_000
    nobody = [f"nobody@example.com {now} {key}", f"{key} {now} {key}", f"é@a.test {now} {key}"]
    broken = [
        f"a@a.test 1e9 {key}",
        f"a@a.test {'9' * 12} {key}",
        f"a@a.test  {key}",
        f"a\x00 1 {key}",
    ]
    odd: list[Any] = [None, "x", "x" * 32, "a\x00b", "é" * 32, 1, [], {"a": 1}, {" t": ["x"]}]
    logins = [*nobody, *broken, *odd]
    for login in logins:
        value = signing.sign({"login": login, "user_id": 1})
        assert not is_logged_in(api, value)
        expect.empty(api.delete("/session", headers=sent(value)), 204)


@pytest.mark.core
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "held",
    [
        None,
        True,
        0,
        5,
        1.5,
        "",
        "login",
        [],
        [1],
        ["login"],
        [["login", None]],
        [[[], 1]],
        {" t": [1, 2]},
        {" t": 5},
        {" u": "x"},
        {" u": 5},
        {" b": "x"},
        {" d": "x"},
        {" m": "x"},
        {" di": 5},
        {"a": {" u": "x"}},
        b"",
        b"{",
        b"\xff",
        b'{"login":"\\ud800"}',
        b"[" * 5000,
    ],
)
def test_what_is_signed_and_no_session_is_an_empty_one(
    api: Api, held: Any, compressed: bool
) -> None:
    value = signing.sign(held, compressed=compressed)
    assert not is_logged_in(api, value)
    answer = api.delete("/session", headers=sent(value))
    expect.empty(answer, 204)
    assert answer.headers["Set-Cookie"] == GONE


def test_the_first_of_two_cookies_counts(api: Api) -> None:
    value = log_in(api, sign_up(api))
    both = {"Cookie": f"session={value}; session=x"}
    assert api.get("/session", headers=both).status_code == 200
    both = {"Cookie": f"session=x; session={value}"}
    expect.problem(api.get("/session", headers=both), 401, type="/problems/login-needed")


# The end of a session


@pytest.mark.core
def test_logging_out_ends_the_login_even_if_the_cookie_was_copied(api: Api) -> None:
    value = log_in(api, sign_up(api))
    answer = api.delete("/session", headers=sent(value))
    expect.empty(answer, 204)
    assert answer.headers["Set-Cookie"] == GONE
    assert answer.headers["Vary"] == "Origin, Cookie"
    assert not is_logged_in(api, value)
    assert not is_logged_in(api, signing.sign(signing.read(value)))


@pytest.mark.parametrize("value", ["", "garbage"])
def test_who_is_not_logged_in_may_log_out(api: Api, value: str) -> None:
    answer = api.delete("/session", headers=sent(value))
    expect.empty(answer, 204)
    assert answer.headers["Set-Cookie"] == GONE


def test_logging_out_leaves_other_browsers_alone(api: Api) -> None:
    email = sign_up(api)
    here, there = log_in(api, email, name="here"), log_in(api, email, name="there")
    assert here != there
    api.delete("/session", headers=sent(here))
    assert not is_logged_in(api, here)
    assert is_logged_in(api, there)


@pytest.mark.core
def test_nothing_of_the_old_session_survives_a_login(api: Api) -> None:
    email = sign_up(api)
    old = log_in(api, email, name="old")
    planted = signing.sign({"draft": "planted", "csrf_token": "planted", **signing.read(old)})
    new = log_in(api, email, name="new", old=planted)
    assert set(signing.read(new)) <= {"login", "_permanent"}
    assert signing.read(new)["login"] != signing.read(old)["login"]


def test_a_login_ends_the_one_before_in_this_browser(api: Api) -> None:
    email, other = sign_up(api), sign_up(api, "other")
    old = log_in(api, email, name="old")
    new = log_in(api, other, name="new", old=old)
    assert not is_logged_in(api, old)
    assert is_logged_in(api, new)


def test_a_failed_login_changes_nothing(api: Api) -> None:
    value = log_in(api, sign_up(api))
    wrong = {"email": f"nobody-{uuid4().hex}@example.com", "password": "not the password"}
    answer = api.post("/session", json=wrong, headers=sent(value))
    expect.problem(answer, 403, type="/problems/wrong-credentials")
    assert "Set-Cookie" not in answer.headers
    assert is_logged_in(api, value)


# What a session holds


def keep_draft(api: Api, text: str, value: str) -> Answer:
    answer = api.put("/session/draft", json={"text": text}, headers=sent(value))
    api.volatile("draft", answer.json()["id"])
    api.volatile("time", answer.json()["kept_at"])
    expect.json(answer, {**answer.json(), "text": text})
    assert list(answer.json()) == ["id", "kept_at", "text"]
    return answer


@pytest.mark.core
@pytest.mark.parametrize("text", ["", "Hello", "é汉 😀", '<b>&"\\', "\x00\x1f\x7f", "x" * 600])
def test_a_draft_is_kept_in_the_session(api: Api, text: str) -> None:
    answer = keep_draft(api, text, log_in(api, sign_up(api), name="login"))
    value = cookie(api, answer)
    again = api.get("/session/draft", headers=sent(value))
    assert again.content == answer.content
    assert "Set-Cookie" not in again.headers


def test_there_is_no_draft_at_first(api: Api) -> None:
    value = log_in(api, sign_up(api))
    expect.problem(api.get("/session/draft", headers=sent(value)), 404)


@pytest.mark.core
def test_a_session_holds_types_that_json_lacks(api: Api) -> None:
    session = signing.read(log_in(api, sign_up(api)))
    draft = [{" u": "0b39d492060f49cb8b944573f1b80f98"}, {" d": "Sun, 22 Nov 2026 09:33:36 GMT"}]
    value = signing.sign({**session, "draft": {" t": [*draft, "Hello"]}})
    expect.json(
        api.get("/session/draft", headers=sent(value)),
        {
            "id": "0b39d492-060f-49cb-8b94-4573f1b80f98",
            "kept_at": "2026-11-22T09:33:36Z",
            "text": "Hello",
        },
    )


@pytest.mark.parametrize(
    "held",
    [
        {" b": "AP8="},
        {" m": "<b>&amp;</b>"},
        {" u": "0b39d492060f49cb8b944573f1b80f98"},
        {" d": "Sun, 22 Nov 2026 09:33:36 GMT"},
        {" t": []},
        {" t": [1, [{" t": ["a", {" b": ""}]}], {"a": {" d": "Sun, 22 Nov 2026 09:33:36 GMT"}}]},
        {" di": {" t__": 1}},
        {" di": {" di__": {" u": "0b39d492060f49cb8b944573f1b80f98"}}},
        {" x": 1},
        {" t": 1, " b": 2},
        ["é", None, True, 1, 1.5, -(2**70), {"": {}}],
    ],
)
def test_what_a_session_holds_is_written_as_it_was(api: Api, held: Any) -> None:
    session = signing.read(log_in(api, sign_up(api), name="login"))
    answer = keep_draft(api, "Hello", signing.sign({"held": held, **session}))
    new = signing.read(cookie(api, answer))
    assert new["held"] == held
    assert list(new) == ["held", *session, "draft"]


def test_a_long_session_is_compressed(api: Api) -> None:
    value = log_in(api, sign_up(api), name="login")
    long = cookie(api, keep_draft(api, "x" * 600, value))
    assert long.startswith(".")
    assert len(long) < 600
    assert not value.startswith(".")


def test_no_draft_makes_a_cookie_that_a_browser_drops(api: Api) -> None:
    text = "".join(chr(0x1F300 + at * 7919 % 0x2000) for at in range(600))
    answer = keep_draft(api, text, log_in(api, sign_up(api), name="login"))
    cookie(api, answer)
    assert len(answer.headers["Set-Cookie"]) < 4096


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        ({}, "text", "required"),
        ({"text": None}, "text", "type"),
        ({"text": 5}, "text", "type"),
        ({"text": "x" * 601}, "text", "maxLength"),
        ({"text": "", "kept_at": "2026-11-22T09:33:36Z"}, "kept_at", "additionalProperties"),
    ],
)
def test_what_is_no_draft_is_refused(
    api: Api, draft: dict[str, Any], field: str, code: str
) -> None:
    value = log_in(api, sign_up(api))
    answer = api.put("/session/draft", json=draft, headers=sent(value))
    expect.problem(answer, 422, errors=[("body", field, code)])
    assert "Set-Cookie" not in answer.headers


# What is said first


@pytest.mark.core
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"text":"Hello"}', JSON),
        (b'{"text":5}', JSON),
        (b"{", JSON),
        (b"", JSON),
        (b"text=Hello", {"Content-Type": "text/plain"}),
        (b"", {}),
    ],
)
def test_who_is_not_logged_in_learns_nothing_of_the_body(
    api: Api, body: bytes, headers: dict[str, str]
) -> None:
    answer = api.put("/session/draft", data=body, headers=headers)
    expect.problem(answer, 401, type="/problems/login-needed")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [(b"{", "application/json", 400), (b"", "application/json", 400), (b"{}", "text/plain", 415)],
)
def test_the_body_comes_after_the_login(
    api: Api, body: bytes, content_type: str, status: int
) -> None:
    headers = {"Content-Type": content_type, **sent(log_in(api, sign_up(api)))}
    expect.problem(api.put("/session/draft", data=body, headers=headers), status)


def test_a_body_that_is_declared_too_large_comes_before_the_login(api: Api) -> None:
    answer = api.put("/session/draft", data=b"x" * (2 * 1024 * 1024 + 1), headers=JSON)
    expect.problem(answer, 413)


def test_a_body_of_unknown_size_is_not_measured_for_who_is_not_logged_in(api: Api) -> None:
    chunks = [b"x" * 65536] * 33
    raw = wire.chunked("/session/draft", "application/json", chunks).replace(b"POST", b"PUT", 1)
    expect.problem(api.raw(raw), 401, type="/problems/login-needed")


def test_a_method_comes_before_the_login(api: Api) -> None:
    expect.problem(api.post("/session/draft"), 405)
