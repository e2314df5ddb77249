import re

import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

# Answers of every kind: a success, none, a page, a file, each refusal that the app itself gives.
EXCHANGES = [
    ("GET", "/", {}, b"", 200),
    ("HEAD", "/", {}, b"", 200),
    ("OPTIONS", "/", {}, b"", 200),
    ("DELETE", "/profile", {}, b"", 204),
    ("GET", "/docs", {}, b"", 200),
    ("GET", "/redoc", {}, b"", 200),
    ("GET", "/docs/assets/swagger-ui.css", {}, b"", 200),
    ("GET", "/static/hello.txt", {"Range": "bytes=0-1"}, b"", 206),
    ("GET", "/static/hello.txt", {"If-None-Match": "*"}, b"", 304),
    ("GET", "/headers/old", {}, b"", 302),
    ("POST", "/lowercase", {"Content-Type": "application/json"}, b"{", 400),
    ("GET", "/users/directory", {"X-Team": "none"}, b"", 403),
    ("GET", "/nope", {}, b"", 404),
    ("POST", "/health", {}, b"", 405),
    ("GET", "/errors/conflict", {}, b"", 409),
    ("GET", "/headers/report", {"If-Match": '"x"'}, b"", 412),
    ("POST", "/lowercase", {"Content-Type": "application/json"}, b" " * (2**21 + 1), 413),
    ("POST", "/lowercase", {"Content-Type": "text/plain"}, b"x", 415),
    ("GET", "/static/hello.txt", {"Range": "bytes=99-"}, b"", 416),
    ("POST", "/lowercase", {"Content-Type": "application/json"}, b"{}", 422),
    ("GET", "/errors/unexpected", {}, b"", 500),
]
each_exchange = pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    EXCHANGES,
    ids=[f"{method} {path} {status}" for method, path, _, _, status in EXCHANGES],
)
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
WELL_FORMED = ["a", "7", "req-1", "A.b_c-9", "x" * 64, "0b5e3a3e-8f0e-4a52-9f0f-0a4a4fd0c1a2"]
MALFORMED = [
    "",
    " ",
    "x" * 65,
    "x" * 4000,
    "a b",
    "a,b",
    "a;b",
    "a/b",
    "a=b",
    "a:b",
    '"a"',
    "{a}",
    "<script>",
    "a\tb",
    "é",
    "\xff",
    "%0A",
    "\\n",
    "$(id)",
]


@pytest.mark.core
@each_exchange
def test_every_answer_bears_the_id_that_the_client_gave(
    api: Api, method: str, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    sent = {**headers, "X-Request-ID": "given-by.the_client-1"}
    answer = api.request(method, path, headers=sent, data=body)
    assert answer.status_code == status
    assert answer.headers["X-Request-ID"] == "given-by.the_client-1"


@each_exchange
def test_every_answer_bears_an_id_and_a_time_where_the_client_gave_none(
    api: Api, method: str, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = api.request(method, path, headers=headers, data=body)
    assert answer.status_code == status
    assert re.fullmatch(UUID, answer.headers["X-Request-ID"])
    assert re.fullmatch(r"app;dur=\d+\.\d", answer.headers["Server-Timing"])


@pytest.mark.core
@each_exchange
def test_every_answer_bears_the_security_headers(
    api: Api, method: str, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = api.request(method, path, headers=headers, data=body)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_each_of_these_headers_stands_once(api: Api) -> None:
    answer = api.raw(wire.request("GET", "/", [("X-Request-ID", "a")]))
    for name in ("X-Request-ID", "Server-Timing", "Content-Security-Policy", "X-Frame-Options"):
        assert len(answer.headers.getlist(name)) == 1


def test_a_page_may_load_from_its_own_origin_only(api: Api) -> None:
    policy = api.get("/docs").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    assert not re.search(r"https?:|\*", policy)


def test_a_script_in_a_page_is_allowed_by_its_hash(api: Api) -> None:
    answer = api.get("/docs")
    scripts = re.findall(r"<script>(.+?)</script>", answer.text, re.DOTALL)
    sources = answer.headers["Content-Security-Policy"].partition("script-src ")[2]
    assert sources.partition(";")[0].count("'sha256-") == len(scripts) == 1


@pytest.mark.core
@pytest.mark.parametrize("sent", WELL_FORMED)
def test_a_well_formed_id_is_taken_over(api: Api, sent: str) -> None:
    answer = api.get("/middleware/request", headers={"X-Request-ID": sent})
    expected = {"request_id": sent, "taken_over": True, "method": "GET"}
    expect.json(answer, {**expected, "path": "/middleware/request"})
    assert answer.headers["X-Request-ID"] == sent


@pytest.mark.core
@pytest.mark.parametrize("sent", MALFORMED)
def test_a_malformed_id_is_replaced(api: Api, sent: str) -> None:
    headers = [("X-Request-ID", sent)]
    answer = api.raw(wire.request("GET", "/middleware/request", headers))
    made = answer.headers["X-Request-ID"]
    assert re.fullmatch(UUID, made)
    api.volatile("request id", made)
    expected = {"request_id": made, "taken_over": False, "method": "GET"}
    expect.json(answer, {**expected, "path": "/middleware/request"})


@pytest.mark.parametrize("second", ["one", "two", ""])
def test_a_repeated_id_is_replaced(api: Api, second: str) -> None:
    headers = [("X-Request-ID", "one"), ("X-Request-ID", second)]
    answer = api.raw(wire.request("GET", "/", headers))
    assert re.fullmatch(UUID, answer.headers["X-Request-ID"])


@pytest.mark.parametrize(("sent", "taken_over"), [(" a ", True), ("\ta", True), ("a\x0b", False)])
def test_blanks_around_an_id_do_not_count(api: Api, sent: str, taken_over: bool) -> None:
    request = wire.request("GET", "/", [("X-Request-ID", sent)])
    answer = api.raw(request, refusal="\x0b" in sent)
    assert (answer.headers.get("X-Request-ID") == "a") is taken_over


def test_an_underscore_makes_another_header(api: Api) -> None:
    answer = api.raw(wire.request("GET", "/", [("X_Request_ID", "a")]))
    assert re.fullmatch(UUID, answer.headers["X-Request-ID"])


def test_an_id_that_was_made_is_made_once(api: Api) -> None:
    made = {api.get("/").headers["X-Request-ID"] for _ in range(20)}
    assert len(made) == 20


def test_each_request_of_a_connection_has_an_id_of_its_own(api: Api) -> None:
    for sent in ("one", "two"):
        assert api.get("/", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent
    assert re.fullmatch(UUID, api.get("/").headers["X-Request-ID"])


@pytest.mark.parametrize(
    "head",
    [
        b"GET /nope HTTP/1.1\r\nHost:\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n",
        b"POST /lowercase HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
        b"Content-Length: 1\r\n",
    ],
)
def test_a_request_that_the_app_cannot_read_has_its_id_too(api: Api, head: bytes) -> None:
    answer = api.raw(head + b"X-Request-ID: a\r\nConnection: close\r\n\r\nx")
    expect.problem(answer, 400)
    assert answer.headers["X-Request-ID"] == "a"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_time_is_not_shorter_than_the_work(api: Api) -> None:
    answer = api.get("/")
    assert float(answer.headers["Server-Timing"].removeprefix("app;dur=")) >= 0


@pytest.mark.parametrize(
    ("path", "seen"), [("/middleware/request?secret=1", "/middleware/request")]
)
def test_the_path_is_kept_without_its_query(api: Api, path: str, seen: str) -> None:
    answer = api.get(path, headers={"X-Request-ID": "a"})
    assert answer.json()["path"] == seen


def test_head_is_seen_as_head(api: Api) -> None:
    sent = {"X-Request-ID": "a"}
    answer = api.head("/middleware/request", headers=sent)
    assert answer.content == b""
    assert answer.headers["X-Request-ID"] == "a"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_only_get_shows_the_request(api: Api, method: str) -> None:
    answer = api.request(method, "/middleware/request")
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "OPTIONS"])
