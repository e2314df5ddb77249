"""The two apps answer generated requests alike, and the fuzzer would have noticed if not."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from urllib3 import HTTPHeaderDict

from contract_tests import targets
from contract_tests.raw import RawAnswer
from contract_tests.targets import ENVIRON, Target
from fuzzing import dictionary, document, raw, raw_cases, report
from fuzzing.__main__ import PAGE, main, running, summary
from fuzzing.connection import Connection
from fuzzing.generator import Generator
from fuzzing.lane import joined
from fuzzing.message import Conversation, Request, Taken
from fuzzing.run import Fuzzer, Result
from fuzzing.shrinking import TRIES, Shrinker, smaller_values
from fuzzing.values import Values
from fuzzing.verdict import Finding, Judge
from servers.running import start, stop_all
from tests.variants import FASTAPI, FLASK, Variant

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("flask_app", "fastapi_app", "shared", "compat", "servers", "contract_tests")
SEED = "a fixed one"
# Where the topics are found.
PATHS = {
    "", "methods", "search", "lowercase", "submit", "upload", "profile", "users", "field-types",
    "errors", "headers", "cors", "customers", "session", "middleware", "settings", "logging",
    "testing", "lifespan",
}  # fmt: skip
HEALTH = Request("GET", b"/health")


def fuzz(
    chosen: list[Target],
    count: int,
    *,
    most: int = 10,
    seconds: float = 300,
    only: str = "",
    tries: int = TRIES,
    wanted: Callable[[Finding], bool] = lambda _: False,
) -> tuple[Result, str]:
    """The result of a run, and all it said."""
    said: list[str] = []
    fuzzer = Fuzzer(chosen, SEED, said.append, only=only, tries=tries)
    result = fuzzer.run(count, most=most, seconds=seconds, wanted=wanted)
    return result, "\n".join([*said, summary(result, SEED)])


@pytest.fixture(scope="module")
def apps() -> Iterator[list[Target]]:
    with running([]) as chosen:
        yield chosen


@contextmanager
def broken(folder: Path, *variants: Variant) -> Iterator[list[Target]]:
    """Both apps, served from a copy of the repository with these variants applied."""
    copied = folder / "copy"
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, copied / part, ignore=ignored)
    for name in ("topics.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, copied / name)
    for variant in variants:
        variant.apply(copied)
    environ = {**ENVIRON, "PYTHONDONTWRITEBYTECODE": "1"}
    servers = [
        start(name, log_path=folder / name, environ=environ, root=copied)
        for name in ("flask", "fastapi")
    ]
    try:
        for server in servers:
            server.wait_ready(30)
        yield [targets.given(f"{server.name}={server.url}") for server in servers]
    finally:
        stop_all(servers)


# The apps


def test_both_apps_answer_alike(apps: list[Target]) -> None:
    result, said = fuzz(apps, 1500)
    assert not result.groups, said
    assert {200, 201, 204, 304, 400, 404, 405, 415, 422} <= set(result.statuses)


@pytest.mark.slow
def test_both_apps_answer_many_more_requests_alike(apps: list[Target]) -> None:
    result, said = fuzz(apps, 40_000, seconds=60)
    assert not result.groups, said


@pytest.mark.slow
def test_the_page_says_what_each_server_does_with_raw_requests(apps: list[Target]) -> None:
    """`python -m fuzzing --raw --write` writes it anew."""
    rows = raw.rows(apps)
    assert raw.page(rows) == PAGE.read_text(encoding="utf-8")
    assert [row.case.name for row in rows if row.broken and not row.case.known] == []


def test_the_page_lists_every_raw_request() -> None:
    listed = re.findall(r"^\| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    names = [name for name in listed if name not in ("sent", "---")]
    assert names == [case.name for case in raw_cases.cases()]


def test_a_raw_request_is_in_the_list_once() -> None:
    keys = [(case.group, case.name) for case in raw_cases.cases()]
    assert len(set(keys)) == len(keys) >= 250


# What it finds


def test_a_difference_is_found_and_shrunk(tmp_path: Path) -> None:
    casefold = Variant("fastapi_app/routes/json_body.py", ".lower()", ".casefold()")
    with broken(tmp_path, casefold) as chosen:
        result, said = fuzz(chosen, 5000, most=1, only="/lowercase")
    (small,) = result.small
    (request,) = small.finding.conversation
    assert (small.finding.kind, small.again) == ("differs", True)
    assert (request.method, request.target) == ("POST", b"/lowercase")
    assert request.headers == ((b"Content-Type", request.headers[0][1]),)
    (text,) = json.loads(request.body).values()
    assert len(text) == 1 and text.lower() != text.casefold()
    assert "curl -i --path-as-is" in said
    assert "def test_post_lowercase(api: Api) -> None:" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variants", "paths"),
    [
        # FastAPI's variant of the topic openapi breaks assets whose names only the pages tell.
        (FLASK, {*PATHS, "api-keys", "docs"}),
        (FASTAPI, {*PATHS, "orders", "tokens"}),
    ],
    ids=["flask", "fastapi"],
)
def test_a_broken_topic_is_found(variants: list[Variant], paths: set[str], tmp_path: Path) -> None:
    missed = []
    with broken(tmp_path, *variants) as chosen:
        for path in sorted(paths):

            def is_there(finding: Finding, path: str = path) -> bool:
                return finding.path.split("/")[1] == path

            # The OpenAPI document does not describe the pages that are made from it.
            only = "" if path == "docs" else f"/{path}"
            result, _ = fuzz(chosen, 3000, most=1000, only=only, tries=0, wanted=is_there)
            if not any(is_there(small.finding) for small in result.small):
                missed.append(path)
    assert missed == []


@pytest.mark.slow
def test_a_finding_is_a_ready_made_case(tmp_path: Path) -> None:
    """Pasted into the contract of the copy, it fails there."""
    variants = [v for v in FASTAPI if v.topic in ("cookies", "headers", "validation")]
    with broken(tmp_path, *variants) as chosen:
        result, said = fuzz(chosen, 5000, most=3)
    cases = re.findall(r"^(def test_.*?)\n\n", said + "\n\n", re.MULTILINE | re.DOTALL)
    assert len(cases) == len(result.small) >= 2
    imports = "from contract_tests import wire\nfrom contract_tests.client import Api\n\n\n"
    for number, case in enumerate(cases):
        ast.parse(case)
        file = tmp_path / "copy" / "contract_tests" / f"test_found_{number}.py"
        file.write_text(imports + case + "\n", encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "contract_tests",
            "-k",
            "found",
        ],
        cwd=tmp_path / "copy",
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    failed = set(re.findall(r"test_found_(\d+)\.py::", done.stdout.partition("short test")[2]))
    assert failed == {str(number) for number in range(len(cases))}, done.stdout


def test_two_servers_that_differ_are_exit_status_1(tmp_path: Path) -> None:
    with answering(lambda _: b"a") as one, answering(lambda _: b"b") as other:
        arguments = ["50", "--seed", "1", "--target", f"a={one}", "--target", f"b={other}"]
        assert main([*arguments, "--most", "1"]) == 1


# Whom it judges


def answer(status: int, body: bytes = b"", **headers: str) -> RawAnswer:
    """A server's own answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawAnswer(status, HTTPHeaderDict(named), body)


def of_app(status: int, body: bytes = b"", **headers: str) -> RawAnswer:
    return answer(status, body, x_served_by="any", **headers)


def judged(left: RawAnswer, right: RawAnswer, request: Request = HEALTH) -> Finding | None:
    chosen = [targets.given("a=http://127.0.0.1:1"), targets.given("b=http://127.0.0.1:2")]
    judge = Judge(chosen, [True, True])
    sent = request.encoded()
    return judge.look((request,), judge.runs(), [sent, sent], [left, right])


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (of_app(200, b"a"), of_app(200, b"b"), "differs"),
        (of_app(200, b"a"), of_app(200, b"a", etag="x"), "differs"),
        (of_app(500), of_app(500), "5xx"),
        (answer(503), answer(503), "5xx"),
        (answer(0), of_app(200), "no answer"),
        (RawAnswer(0, HTTPHeaderDict(), b"", "timeout"), of_app(200), "hang"),
        (answer(400), of_app(200), "refused by one server alone"),
    ],
)
def test_what_is_wrong_has_a_name(left: RawAnswer, right: RawAnswer, kind: str) -> None:
    for pair in ((left, right), (right, left)):
        found = judged(*pair)
        assert found and found.kind == kind


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (of_app(200, b"a"), of_app(200, b"a", date="now")),
        (answer(400, b"a"), answer(431, b"b")),
        (answer(414, b"a"), of_app(414, b"b")),
    ],
)
def test_what_is_right_is_no_finding(left: RawAnswer, right: RawAnswer) -> None:
    assert judged(left, right) is None


@pytest.mark.parametrize("target", [b"/errors/unexpected", b"//errors/unexpecte%64?x"])
def test_an_error_that_was_asked_for_is_none(target: bytes) -> None:
    broken, request = of_app(500), Request("GET", target)
    assert judged(broken, broken, request) is None


@pytest.mark.parametrize(
    ("summary", "same"), [({"title": "One"}, True), ({"description": "One"}, False)]
)
def test_an_openapi_document_is_compared_as_one(summary: dict[str, str], same: bool) -> None:
    operation = {"/a": {"get": summary}}, {"/a": {"get": {"title": "Other"}}}
    left, right = (of_app(200, json.dumps({"paths": paths}).encode()) for paths in operation)
    assert (judged(left, right, Request("GET", b"/openapi.json")) is None) is same
    assert judged(left, right)


def test_an_expiry_counted_from_now_may_differ_but_no_other() -> None:
    def cookie(later: int, age: int) -> RawAnswer:
        date = datetime.now(UTC) + timedelta(seconds=age + later)
        text = f"name=a; Expires={date:%a, %d %b %Y %H:%M:%S} GMT; Max-Age={age}; Path=/"
        return of_app(204, set_cookie=text)

    assert judged(cookie(0, 60), cookie(1, 60)) is None
    assert judged(cookie(0, 60), cookie(100, 60))
    assert judged(cookie(100, 60), cookie(101, 60))


def test_a_wait_counted_from_now_may_differ_but_no_other() -> None:
    def later(wait: str) -> RawAnswer:
        return of_app(429, retry_after=wait)

    assert judged(later("59"), later("60")) is None
    for wait in ("50", "soon"):
        assert judged(later(wait), later("60"))
    assert judged(of_app(429), later("60"))


# What it sends


@pytest.fixture(scope="module")
def generator() -> Generator:
    schema = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 3}}}
    body = {"content": {"application/json": {"schema": schema}}}
    parameter = {"in": "path", "name": "x", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/a/{x}": {"get": {}, "parameters": [parameter]},
        "/profile": {"post": {"requestBody": body}},
        "/errors/unexpected": {"get": {}},
    }
    operations = document.operations({"paths": paths})
    return Generator(operations, dictionary.load(), SEED)


def test_a_seed_makes_the_same_requests_again(generator: Generator) -> None:
    other = Generator([*generator.operations, *generator.unexpected], dictionary.load(), SEED)
    assert [generator.conversation(n) for n in range(300)] == [
        other.conversation(n) for n in range(300)
    ]


def test_every_request_can_be_sent(generator: Generator) -> None:
    for number in range(3000):
        for request in generator.conversation(number):
            head = request.encoded().partition(b"\r\n\r\n")[0]
            first, *headers = head.split(b"\r\n")
            assert re.fullmatch(rb"[A-Z]+ [!-~]+ HTTP/1\.1", first)
            assert all(re.fullmatch(rb"[^\x00-\x08\x0a-\x1f\x7f]*", line) for line in headers)


def test_half_of_the_bodies_are_valid(generator: Generator) -> None:
    bodies = [
        request.body
        for number in range(2000)
        for request in generator.conversation(number)
        if request.method == "POST" and request.target == b"/profile"
    ]
    valid = sum(
        re.fullmatch(rb'\{\s*("text":\s*"[^"]{0,9}")?\s*\}', body) is not None for body in bodies
    )
    assert 0.3 < valid / len(bodies) < 0.9


BOOLEANS = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "boolean"}}


@pytest.mark.parametrize(
    ("schema", "is_valid"),
    [
        ({"type": "string", "minLength": 2, "maxLength": 4}, lambda text: 2 <= len(text) <= 4),
        ({"type": "string", "pattern": "^[0-9]{5}$"}, lambda text: re.fullmatch("[0-9]{5}", text)),
        ({"type": "integer", "minimum": 1, "maximum": 3}, lambda number: number in (1, 2, 3)),
        ({"type": ["string", "null"], "enum": ["a", "b"]}, lambda text: text in ("a", "b", None)),
        (BOOLEANS, lambda items: 1 <= len(items) <= 2 and {*items} <= {True, False}),
    ],
)
def test_valid_values_are_valid(
    schema: document.Schema, is_valid: Callable[[object], object]
) -> None:
    values, random = Values(dictionary.load().texts), Random(1)
    made = [values.valid(schema, random) for _ in range(300)]
    assert [value for value in made if not is_valid(value)] == []
    assert any(values.beside(schema, random) not in made for _ in range(50))


def test_the_words_of_the_contract_are_used() -> None:
    words = dictionary.load()
    assert ("Accept-Encoding", "gzip") in words.headers or len(words.headers) > 10
    assert "/headers/report" in words.targets
    assert len(words.texts) > 500


def test_a_value_is_taken_from_an_answer() -> None:
    request = Request("GET", Taken(0, "location"), ((b"Cookie", Taken(0, "set-cookie", ";")),))
    given = answer(303, location="http://b.test/x?y", set_cookie="name=a; Path=/")
    assert request.encoded([given]) == (
        b"GET /x?y HTTP/1.1\r\nHost: a.test\r\nCookie: name=a\r\n\r\n"
    )
    assert request.encoded([answer(200)]) == b"GET / HTTP/1.1\r\nHost: a.test\r\nCookie: \r\n\r\n"


def test_conversations_in_a_row_take_from_their_own_answers() -> None:
    taking: Conversation = (HEALTH, Request("GET", Taken(0, "location")))
    assert joined([taking, taking])[3] == Request("GET", Taken(2, "location"))


@pytest.mark.parametrize("value", [b"", "", "a" * 60, b"\xff" + b"x" * 70000 + b"\n", "ab" * 50])
def test_a_case_writes_long_values_short(value: str | bytes) -> None:
    text = report._literal(value)
    assert ast.literal_eval(text) == value if "*" not in text else eval(text) == value
    assert len(text) <= 110


# How it shrinks


def test_nothing_is_left_that_does_not_matter() -> None:
    def fails(conversation: Conversation) -> bool:
        return any(
            request.target == b"/a?y=2" and b"k" in request.body and len(request.headers) > 0
            for request in conversation
        )

    long = Request(
        "PUT", b"/a?y=2", ((b"A", b"a" * 50), (b"B", b"b")), b'{"x":[1,2,"ok!"],"z":0}', "chunked"
    )
    shrinker = Shrinker(lambda some: fails(some) and some[-1].target == b"/end")
    smallest = shrinker.smallest((HEALTH, long, HEALTH, Request("GET", b"/end", ((b"C", b"c"),))))
    assert smallest == (
        Request("GET", b"/a?y=2", ((b"B", b""),), b"k", "length"),
        Request("GET", b"/end"),
    )


def test_shrinking_ends() -> None:
    calls: list[Conversation] = []
    Shrinker(lambda some: not calls.append(some), tries=20).smallest(  # type: ignore[func-returns-value]
        (Request("POST", b"/" + b"a" * 500, (), b"b" * 500, "length"),) * 3
    )
    assert len(calls) <= 20


def test_json_shrinks_as_json() -> None:
    assert list(smaller_values({"a": [1], "b": "xy"})) == [
        {"b": "xy"},
        {"a": [], "b": "xy"},
        {"a": [0], "b": "xy"},
        {"a": [1]},
        {"a": [1], "b": ""},
        {"a": [1], "b": "x"},
        {"a": [1], "b": "y"},
        {"a": [1], "b": "x"},
        {"a": [1], "b": "y"},
    ]


# Servers that misbehave


@contextmanager
def answering(body: Callable[[int], bytes | None]) -> Iterator[str]:
    """A server that answers request `n` of a connection with a body; with None it closes."""
    listening = socket.create_server(("127.0.0.1", 0))
    document = b'{"openapi":"3.1.0","paths":{"/a":{"get":{}}}}'

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        number = 0
        with connection, suppress(OSError):
            while (data := connection.recv(65536)) and (text := body(number)) is not None:
                text = document if b"/openapi.json " in data else text
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text)
                connection.sendall(head + text)
                number += 1

    Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def ask(url: str, wait: float = 5) -> tuple[RawAnswer, RawAnswer]:
    connection = Connection(targets.given(f"a={url}").address, wait)
    answers = []
    for _ in range(2):
        connection.send(HEALTH.encoded())
        answers.append(connection.receive("GET"))
    connection.close()
    return answers[0], answers[1]


def test_a_second_request_that_is_lost_is_noticed() -> None:
    with answering(lambda number: b"a" if number == 0 else None) as url:
        first, second = ask(url)
    assert (first.status_code, second.status_code, second.ended) == (200, 0, "closed")


def test_bytes_that_nobody_asked_for_are_noticed() -> None:
    with answering(lambda _: b"a") as url:
        connection = Connection(targets.given(f"a={url}").address)
        connection.send(HEALTH.encoded())
        unasked = connection.receive("HEAD")
    assert unasked.status_code == 0 and unasked.content == b"unasked: a"


def test_a_server_that_is_not_there_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    first, _ = ask(f"http://127.0.0.1:{port}")
    assert (first.status_code, first.ended) == (0, "closed")


def test_a_server_that_hangs_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        first, _ = ask(f"http://127.0.0.1:{listening.getsockname()[1]}", wait=0.1)
    assert (first.status_code, first.ended) == (0, "timeout")
