"""The app in between: who answers, what the mount keeps, and what passes the border once."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
import requests
from a2wsgi import WSGIMiddleware
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from flask import Flask, url_for
from starlette.types import Message, Scope

from compat.routing import FlaskRoute
from contract_tests.documents import differences, operations
from fastapi_app.routes import routers
from flask_app.app import create_app as create_flask_app
from migration import matrix
from migration.__main__ import main
from migration.app import create_app
from migration.border import Border
from migration.mount import FlaskMount
from migration.proof import Proof, choice
from migration.steps import Step, steps
from migration.topics import UnknownTopic, parse
from migration.trial import Key
from reading.topics import ROOT, load
from servers import hybrid
from servers.servings import THREADS
from shared.schema import prepare
from shared.settings import Settings
from tests.test_lifespan import BODY, CUSTOMER, events, half_sent, has_ended, rest, serve
from tests.test_power import PARTS
from tests.variants import Variant

TOPICS = list(load())
ORIGIN = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery staple"
WAIT = 60.0
VALUES = {"IdConverter": 7, "IntegerConverter": 7, "FloatConverter": 2.5, "AnyConverter": "small"}
VALUES |= {"UUIDConverter": uuid4(), "PathConverter": "a/b.txt", "UnicodeConverter": "ada"}
UNUSED = Settings(database_url="sqlite:///nowhere/at/all.db")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("migration")
    settings = Settings(database_url=f"sqlite:///{folder}/shop.db")
    prepare(settings)
    return settings


@pytest.fixture(scope="module")
def flask() -> Flask:
    return create_flask_app(UNUSED)


def clients(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False)


def by(client: TestClient, method: str, path: str, **options: Any) -> str:
    """Who answers."""
    return str(client.request(method, path, **options).headers["X-Served-By"])


# Who answers


@pytest.mark.parametrize("topic", TOPICS)
def test_fastapi_answers_exactly_what_has_moved(flask: Flask, topic: str) -> None:
    (router,) = (router for router in routers if router.tags[0] == topic)
    border = Border(FastAPI(), router.routes, flask)
    urls = flask.url_map.bind("")
    for rule in flask.url_map.iter_rules():
        values = {name: VALUES[type(c).__name__] for name, c in rule._converters.items()}
        path = urls.build(rule.endpoint, values)
        for method in rule.methods or ():
            found = border.has_moved({"type": "http", "path": path, "method": method})
            assert found is (rule.endpoint.partition(".")[0] == topic), (method, path)


def test_methods_of_one_path_may_be_split(settings: Settings) -> None:
    router = APIRouter(tags=["http_methods"], route_class=FlaskRoute)

    @router.get("/methods")
    async def mine() -> str:
        return "mine"

    app = create_app(settings, ["http_methods"], [router])
    with clients(app) as client:
        assert by(client, "GET", "/methods") == by(client, "HEAD", "/methods") == "fastapi"
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            assert by(client, method, "/methods") == "flask"
        allowed = client.options("/methods").headers["Allow"].split(", ")
    assert {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} == set(allowed)


def test_of_a_path_that_has_moved_whole_fastapi_tells_what_is_allowed(settings: Settings) -> None:
    with clients(create_app(settings, ["cookies"])) as client:
        for method in ("OPTIONS", "PUT", "TRACE"):
            assert by(client, method, "/profile") == "fastapi"
        assert by(client, "GET", "/profile/") == by(client, "GET", "/nope") == "flask"


def test_a_value_that_no_route_takes_is_flasks_to_refuse(settings: Settings) -> None:
    with clients(create_app(settings, ["path_params"])) as client:
        assert by(client, "GET", "/users/7") == "fastapi"
        answer = client.get("/users/seven")
    assert (answer.status_code, answer.headers["X-Served-By"]) == (404, "flask")


def test_without_topics_flask_answers_all_and_with_all_there_is_no_flask(
    settings: Settings,
) -> None:
    with clients(create_app(settings, [])) as client:
        assert by(client, "GET", "/") == by(client, "GET", "/nope") == "flask"
    app = create_app(settings, TOPICS)
    assert not any("flask" in layer.kwargs for layer in app.user_middleware)
    with clients(app) as client:
        assert by(client, "GET", "/") == by(client, "GET", "/nope") == "fastapi"


def test_who_answered_is_told_by_neither_side_where_that_is_off(settings: Settings) -> None:
    with clients(create_app(replace(settings, served_by=False), ["hello"])) as client:
        assert "X-Served-By" not in client.get("/").headers
        assert "X-Served-By" not in client.get("/methods").headers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" , ", []),
        ("0", []),
        ("3", TOPICS[:3]),
        ("all", TOPICS),
        (str(len(TOPICS)), TOPICS),
        ("cookies, users ,cookies", ["cookies", "users"]),
    ],
)
def test_migrated_names_topics_or_how_many(text: str, expected: list[str]) -> None:
    assert sorted(parse(text)) == sorted(expected)


@pytest.mark.parametrize("text", ["cookie", "Cookies", "hello,all", "99", "-1", "hello users"])
def test_an_unknown_name_stops_the_start_with_the_list_of_names(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MIGRATED", text)
    with pytest.raises(UnknownTopic, match=", ".join(TOPICS)):
        hybrid.create_app()
    assert main(["--jobs=1", "--", text]) == 2
    assert ", ".join(TOPICS) in capsys.readouterr().err


# What both sides share


@pytest.mark.parametrize("moved", [["hello"], ["methods"], []], ids=["fastapi", "flask", "none"])
def test_every_layer_acts_once(
    settings: Settings, moved: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    moved = [topic for topic in moved if topic in TOPICS]
    with clients(create_app(settings, moved)) as client, caplog.at_level(logging.INFO, "access"):
        answer = client.get("/", headers={"Origin": ORIGIN, "X-Request-ID": "one"})
    names = [name for name, _ in answer.headers.multi_items()]
    assert len(names) == len(set(names))
    assert answer.headers["X-Request-ID"] == "one"
    assert answer.headers["Vary"] == "Origin"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    lines = [record for record in caplog.records if record.name == "access"]
    assert [line.__dict__["served_by"] for line in lines] == [answer.headers["X-Served-By"]]


@pytest.mark.parametrize("moved", [["sessions"], ["orders"], ["sessions", "orders"]])
def test_who_logs_in_at_one_side_is_logged_in_at_the_other(
    settings: Settings, moved: list[str]
) -> None:
    credentials = {"email": f"{uuid4()}@example.com", "password": PASSWORD}
    with clients(create_app(settings, moved)) as client:
        assert client.get("/orders").status_code == 401
        assert client.post("/accounts", json=credentials).status_code == 201
        assert client.post("/session", json=credentials).status_code == 204
        assert client.get("/orders").json() == []
        assert client.delete("/session").status_code == 204
        assert client.get("/orders").status_code == 401


def test_both_sides_use_one_database_with_a_pool_each(settings: Settings) -> None:
    customer = {"name": "Ada", "email": f"{uuid4()}@example.com"}
    app = create_app(settings, ["customers"])
    (border,) = (layer.kwargs for layer in app.user_middleware if "flask" in layer.kwargs)
    theirs = cast(Flask, border["flask"]).extensions["database"].engine
    ours = app.state.database.engine
    assert theirs.url == ours.url
    assert theirs.pool is not ours.pool
    with clients(app) as client, clients(create_app(settings, [])) as other:
        created = client.post("/customers", json=customer)
        assert (created.status_code, created.headers["X-Served-By"]) == (201, "fastapi")
        found = other.get(created.headers["Location"])
    assert found.headers["X-Served-By"] == "flask"
    assert found.content == created.content


@pytest.mark.parametrize("moved", [[], ["products", "path_params"], TOPICS[:-1]])
def test_an_address_across_the_border_is_the_one_that_flask_makes(
    settings: Settings, flask: Flask, moved: list[str]
) -> None:
    templates = create_app(settings, moved).state.templates
    request = Request({"type": "http", "headers": [], "root_path": ""})
    for rule in flask.url_map.iter_rules():
        values: dict[str, Any] = {
            name: VALUES[type(converter).__name__] for name, converter in rule._converters.items()
        }
        values |= {"q": "a b&c", "none": None, "_anchor": "the end"}
        with flask.test_request_context():
            expected = url_for(rule.endpoint, **values)
        assert templates.url_for(request, rule.endpoint, **values) == expected


@pytest.mark.parametrize("moved", [["openapi"], TOPICS[:16], TOPICS[10:], TOPICS[:-1]])
def test_the_document_describes_the_whole_api_whoever_answers(
    settings: Settings, moved: list[str]
) -> None:
    whole = create_flask_app(settings).extensions["openapi"]
    with clients(create_app(settings, moved)) as client:
        answer = client.get("/openapi.json")
    assert answer.headers["X-Served-By"] == "fastapi"
    found = answer.json()
    assert list(differences(operations(json.loads(json.dumps(whole))), operations(found))) == []
    outside = {"paths", "components"}
    assert {k: v for k, v in found.items() if k not in outside} == {
        k: v for k, v in whole.items() if k not in outside
    }


def test_both_apps_start_and_stop_together(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "lifespan"):
        with clients(create_app(settings, ["hello"])) as client:
            client.get("/")
        told = [record.message for record in caplog.records if record.name == "lifespan"]
    assert told == ["started", "started", "stopped", "stopped"]


@pytest.mark.slow
def test_both_sides_are_closed_when_the_server_is_told_to_stop(tmp_path: Path) -> None:
    """uvicorn ends by the signal, so no `atexit` hook of Flask's runs."""
    with serve("hybrid", tmp_path, MIGRATED="products") as server:
        server.wait_ready(90)
        for path, body in (
            ("/customers", CUSTOMER),
            ("/categories", {"slug": "lamps", "name": "Lamps"}),
        ):
            assert requests.post(server.url + path, json=body, timeout=WAIT).status_code == 201
        assert (tmp_path / "shop.db-wal").exists()
        server.process.send_signal(signal.SIGTERM)
        assert has_ended(server)
        assert events(server) == ["started", "started", "stopped", "stopped"]
    assert not (tmp_path / "shop.db-wal").exists()


@pytest.mark.slow
@pytest.mark.parametrize("migrated", ["", "json_body"], ids=["flask", "fastapi"])
def test_a_request_whose_body_still_comes_is_answered_after_the_stop(
    migrated: str, tmp_path: Path
) -> None:
    with serve("hybrid", tmp_path, MIGRATED=migrated) as server:
        server.wait_ready(90)
        with half_sent(server) as connection:
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            connection.sendall(BODY)
            answer = rest(connection)
        assert has_ended(server)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'\r\n\r\n{"text":"a"}')


@pytest.mark.parametrize("moved", [[], ["headers", "customers", "pages"]], ids=["flask", "fastapi"])
def test_behind_a_proxy_both_sides_tell_the_address_outside(
    settings: Settings, moved: list[str]
) -> None:
    customer = {"name": "Ada", "email": f"{uuid4()}@example.com"}
    outside = {"Host": "shop.test", "Proto": "https", "Prefix": "/shop"}
    headers = {f"X-Forwarded-{name}": value for name, value in outside.items()}
    with clients(create_app(replace(settings, trusted_proxies=1), moved)) as client:
        absolute = client.get("/headers/older", headers=headers)
        created = client.post("/customers", json=customer, headers=headers)
        led = client.get("/account", headers={**headers, "Accept": "text/html"})
    assert absolute.headers["Location"] == "https://shop.test/shop/headers"
    assert created.headers["Location"] == f"/shop/customers/{created.json()['id']}"
    assert led.headers["Location"] == "/shop/login?next=/shop/account"


# What a2wsgi alone would change: each of these shows that the mount's own part is still needed


def echo(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Tells what it was asked, as Werkzeug reads a body: not at all unless it knows the end."""
    known = environ.get("CONTENT_LENGTH") or environ.get("wsgi.input_terminated")
    body = environ["wsgi.input"].read().decode() if known else ""
    start("200 OK", [])
    told = {name: environ.get(name) for name in ("PATH_INFO", "QUERY_STRING", "RAW_URI")}
    return [json.dumps({**told, "body": body}).encode()]


def scope_of(target: str = "/", *headers: tuple[bytes, bytes]) -> Scope:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": list(headers),
    }


Mount = Callable[[Scope, Any, Any], Awaitable[None]]
CHUNKED = (b"transfer-encoding", b"chunked")


def asked(mount: Mount, scope: Scope, *messages: Message) -> Any:
    """What the app tells that it was asked; the client sends these messages and goes away."""
    sent: list[Message] = []

    async def call() -> None:
        coming = iter(messages)

        async def receive() -> Message:
            return next(coming, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            sent.append(message)

        await mount(scope, receive, send)

    asyncio.run(call())
    return json.loads(b"".join(message.get("body", b"") for message in sent))


def chunk(body: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def bare(app: WSGIApplication) -> Mount:
    mount: Any = WSGIMiddleware
    return mount(app)  # type: ignore[no-any-return]


def mounted(app: WSGIApplication) -> Mount:
    return FlaskMount(app, 4)


def test_a_chunked_body_arrives() -> None:
    messages = chunk(b"first "), chunk(b"second "), chunk(b"", more=False)
    assert asked(mounted(echo), scope_of("/", CHUNKED), *messages)["body"] == "first second "
    assert asked(bare(echo), scope_of("/", CHUNKED), *messages)["body"] == ""


def test_a_body_that_breaks_off_is_an_error() -> None:
    scope = scope_of("/", CHUNKED, (b"content-length", b"9"))
    with pytest.raises(ConnectionResetError, match="before its body was complete"):
        asked(mounted(echo), scope, chunk(b"first "))
    assert asked(bare(echo), scope, chunk(b"first "))["body"] == "first "


def test_the_path_is_the_one_that_was_sent() -> None:
    # What a server makes of it: bytes that are no UTF-8 are lost.
    scope = {**scope_of("/a%2Fb%FF"), "path": "/a/b\ufffd"}
    found = asked(mounted(echo), scope)
    assert (found["PATH_INFO"], found["RAW_URI"]) == ("/a/b\xff", "/a%2Fb%FF")
    found = asked(bare(echo), scope)
    assert (found["PATH_INFO"], found["RAW_URI"]) == ("/a/b\xef\xbf\xbd", None)


def test_a_query_may_have_any_bytes() -> None:
    scope = scope_of("/?a=\xe9")
    assert asked(mounted(echo), scope)["QUERY_STRING"] == "a=\xe9"
    with pytest.raises(UnicodeDecodeError):
        asked(bare(echo), scope)


def test_an_answer_ends_when_nobody_reads_it_any_more() -> None:
    closed = threading.Event()

    def endless(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", [])
        try:
            while True:
                yield b"more"
        finally:
            closed.set()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        """As uvicorn, which says nothing when the client has gone."""

    async def call(mount: Mount, patience: float) -> None:
        await asyncio.wait_for(mount(scope_of(), receive, send), patience)

    asyncio.run(call(mounted(endless), WAIT))
    assert closed.is_set()


def test_an_answer_that_the_server_does_not_take_frees_its_thread() -> None:
    closed = threading.Event()

    def long(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", "4")])
        try:
            for _ in range(1000):
                yield b"more"
        finally:
            closed.set()

    async def receive() -> Message:
        await asyncio.sleep(WAIT)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        """As uvicorn, which counts."""
        if message.get("body"):
            raise RuntimeError("Response content longer than Content-Length")

    async def call() -> None:
        await asyncio.wait_for(mounted(long)(scope_of(), receive, send), WAIT)

    with pytest.raises(RuntimeError, match="longer than"):
        asyncio.run(call())
    assert closed.is_set()


def test_an_answer_goes_out_while_it_is_made() -> None:
    arrived = threading.Event()

    def slow(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", [])
        yield b"first"
        assert arrived.wait(WAIT)
        yield b"second"

    async def receive() -> Message:
        await asyncio.sleep(WAIT)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message.get("body") == b"first":
            arrived.set()

    asyncio.run(asyncio.wait_for(mounted(slow)(scope_of(), receive, send), 2 * WAIT))
    assert arrived.is_set()


def test_flask_has_as_many_threads_as_under_gunicorn() -> None:
    together = threading.Barrier(THREADS)

    def wait(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        together.wait(WAIT)
        start("200 OK", [])
        return [b"1"]

    mount = FlaskMount(wait, THREADS)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    async def call() -> None:
        await asyncio.gather(*(mount(scope_of(), receive, send) for _ in range(THREADS)))

    asyncio.run(call())
    assert not together.broken


# The steps


def test_the_steps_are_all_numbers_and_each_topic_alone() -> None:
    moved = [step.moved for step in steps()]
    assert len(moved) == len(set(moved)) == 2 * len(TOPICS)
    assert {frozenset(TOPICS[:number]) for number in range(len(TOPICS) + 1)} <= set(moved)
    assert {frozenset({topic}) for topic in TOPICS} <= set(moved)


def test_a_cell_is_left_out_only_where_the_same_apps_are_asked_the_same() -> None:
    none, three, cookies, users = (Step(text) for text in ("0", "3", "cookies", "users"))
    footprints = {"cookies": {"cookies"}, "users": {"users", "path_params"}}
    same: dict[Key, Key] = {}
    wanted = choice([none, three, cookies, users], footprints, same)
    assert wanted == [(three, "users"), (cookies, "cookies"), (users, "users")]
    assert same == {
        (three, "cookies"): (none, "cookies"),
        (cookies, "users"): (none, "users"),
        (users, "cookies"): (none, "cookies"),
    }


def test_without_flask_every_cell_is_run() -> None:
    none, whole = Step("0"), Step("all")
    assert choice([none, whole], {"hello": set()}, {}) == [(whole, "hello")]


def test_a_failure_stands_in_the_matrix() -> None:
    proof = Proof([Step("1")])
    proof.cells = lambda: {(proof.steps[0], topic): cell for topic, cell in found.items()}  # type: ignore[method-assign]
    found = {"hello": Counter(passed=3), "users": Counter(passed=1), "form": Counter(failed=1)}
    (line,) = (line for line in matrix.lines(proof) if line.startswith(" 1 hello"))
    signs = dict(zip(TOPICS, line.removeprefix(" 1 hello  ")[::2], strict=False))
    assert (signs["hello"], signs["users"], signs["form"]) == ("#", ".", "X")
    assert "1 with failures; 5 tests, 1 failed" in matrix.summary(proof)


@pytest.mark.slow
def test_a_mount_that_is_broken_turns_the_steps_red(tmp_path: Path) -> None:
    for part in (*PARTS, "migration", "reading"):
        shutil.copytree(ROOT / part, tmp_path / part)
    for name in ("topics.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    ended = '"wsgi.input_terminated": True,'
    Variant("migration/mount.py", ended, "").apply(tmp_path)
    command = [sys.executable, "-m", "migration", "0", "json_body", "--jobs=1"]
    tests = ["--tests", "contract_tests/test_json_body.py"]
    done = subprocess.run(
        [*command, *tests], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    rows = {line.split("  ")[0].strip(): line for line in done.stdout.splitlines()}
    assert "X" in rows["0 none"]
    assert "X" not in rows["json_body alone"]


def test_a_sample_of_the_steps_keeps_the_contract(capfd: pytest.CaptureFixture[str]) -> None:
    files = [f"contract_tests/test_{topic}.py" for topic in ("hello", "cookies", "users")]
    assert main(["0", "8", "users", "--distinct", "--jobs=1", "--tests", *files, "-m", "core"]) == 0
    told = capfd.readouterr().out
    assert "3 steps, 6 cells of steps and topics and 3 that need no run, 0 with failures" in told
