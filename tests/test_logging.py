"""Both apps write the same log: a line for each record, in JSON, with the request's id."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from servers.running import Running, start

Line = dict[str, Any]
ALWAYS = ["timestamp", "level", "logger", "event"]
OF_REQUESTS = ["request_id", "user"]
ACCESS = [*ALWAYS, *OF_REQUESTS, "method", "path", "status", "duration_ms", "bytes", "served_by"]
WAIT = 60.0


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    folder = tmp_path_factory.mktemp("logs")
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serve(name, folder)) for name in ("flask", "fastapi")}
        for server in servers.values():
            server.wait_ready(90)
        yield servers


@pytest.fixture(params=["flask", "fastapi"])
def app(apps: dict[str, Running], request: pytest.FixtureRequest) -> Running:
    return apps[request.param]


def serve(name: str, folder: Path, **environ: str) -> Running:
    database = {"DATABASE_URL": f"sqlite:///{folder / name}.db"}
    settings = {"LOG_LEVEL": "INFO", **database, **environ}
    return start(name, log_path=folder / f"{name}.log", environ=settings)


def lines(server: Running) -> list[Line]:
    assert server.log_path
    return [json.loads(line) for line in server.log_path.read_text("utf-8").splitlines()]


def of_request(server: Running, request_id: str) -> list[Line]:
    """The lines of a request, once its last one is written: that follows the answer."""
    deadline = time.monotonic() + WAIT
    while True:
        found = [line for line in lines(server) if line.get("request_id") == request_id]
        if any(line["logger"] == "access" for line in found):
            return found
        assert time.monotonic() < deadline, f"no line for {request_id}"
        time.sleep(0.02)


def ask(server: Running, request_id: str, path: str, method: str = "GET") -> requests.Response:
    headers = {"X-Request-ID": request_id}
    return requests.request(method, server.url + path, headers=headers, timeout=WAIT)


def test_every_line_is_json_those_of_the_server_included(app: Running) -> None:
    found = lines(app)
    assert any(line["logger"].startswith(("gunicorn", "uvicorn")) for line in found)
    for line in found:
        assert list(line)[:4] == ALWAYS
        assert line["level"] in {"info", "warning", "error"}
        assert line["timestamp"].endswith("+00:00")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("OPTIONS", "/", 200),
        ("DELETE", "/profile", 204),
        ("GET", "/static/hello.txt", 200),
        ("GET", "/nope", 404),
        ("POST", "/health", 405),
        ("POST", "/lowercase", 415),
        ("GET", "/errors/unexpected", 500),
    ],
)
def test_a_request_has_one_line_with_the_same_fields(
    apps: dict[str, Running], method: str, path: str, status: int
) -> None:
    for server in apps.values():
        request_id = f"one-line-{method}-{status}-{path.strip('/').replace('/', '-')}"
        answer = ask(server, request_id, path, method)
        (line,) = (line for line in of_request(server, request_id) if line["logger"] == "access")
        assert list(line) == ACCESS
        assert (line["level"], line["event"], line["user"]) == ("info", "request", None)
        assert (line["method"], line["path"]) == (method, path)
        assert line["status"] == status == answer.status_code
        assert line["bytes"] == len(answer.content)
        assert line["served_by"] == server.name
        assert 0 <= line["duration_ms"] < WAIT * 1000


def test_what_a_client_asks_with_is_not_in_the_log(app: Running) -> None:
    ask(app, "query", "/?password=hunter2")
    requests.post(f"{app.url}/lowercase", json={"text": "HUNTER2"}, timeout=WAIT)
    of_request(app, "query")
    assert app.log_path
    assert "hunter2" not in app.log_path.read_text("utf-8").lower()


def test_a_path_cannot_begin_a_line(app: Running) -> None:
    ask(app, "path", "/%0D%0A%7B%22level%22:%22critical%22%7D%1B[31m%C3%A9%FF")
    (line,) = of_request(app, "path")
    assert line["path"] == '/\r\n{"level":"critical"}\x1b[31mé\ufffd'


def test_an_error_is_reported_with_its_traceback_and_the_id_of_the_request(app: Running) -> None:
    answer = ask(app, "report", "/errors/unexpected")
    report, access = of_request(app, "report")
    assert list(report) == [*ALWAYS, *OF_REQUESTS, "exception"]
    assert (report["level"], report["logger"]) == ("error", "errors")
    assert report["event"] == "unexpected exception"
    assert report["exception"].startswith("Traceback (most recent call last):\n")
    assert report["exception"].endswith("\nRuntimeError: a secret that no client may see")
    assert access["status"] == 500
    assert "secret" not in answer.text


def test_a_fault_in_a_browser_stands_among_the_lines_of_its_request(app: Running) -> None:
    fault = {"message": 'x\r\n{"event":"y"}', "level": "warning", "page": "/cart"}
    headers = {"X-Request-ID": "browser"}
    requests.post(f"{app.url}/logging/faults", json=fault, headers=headers, timeout=WAIT)
    line, access = of_request(app, "browser")
    assert list(line) == [*ALWAYS, *OF_REQUESTS, "fault", "page"]
    assert (line["level"], line["logger"]) == ("warning", "browser")
    assert line["event"] == "fault in a browser"
    assert (line["fault"], line["page"]) == (fault["message"], "/cart")
    assert access["status"] == 201


def test_a_line_names_the_user_who_asks(app: Running) -> None:
    account = {"email": "ada@shop.test", "password": "correct horse battery staple"}
    with requests.Session() as browser:
        browser.headers["X-Request-ID"] = "sign-up"
        user = browser.post(f"{app.url}/accounts", json=account, timeout=WAIT).json()["id"]
        browser.post(f"{app.url}/session", json=account, timeout=WAIT)
        for name, path in (("user", "/session"), ("desk", f"/dependencies/desks/{user}")):
            browser.headers["X-Request-ID"] = name
            method, query = ("GET", "") if name == "user" else ("POST", "?end=unexpected")
            browser.request(method, app.url + path + query, timeout=WAIT)
    ask(app, "nobody", "/session")
    assert [line["user"] for line in of_request(app, "user")] == [user]
    assert [line["user"] for line in of_request(app, "desk")] == [user, user]
    assert [line["user"] for line in of_request(app, "nobody")] == [None]
    assert app.log_path
    text = app.log_path.read_text("utf-8")
    assert account["email"] not in text
    assert account["password"] not in text


def test_requests_at_once_do_not_mix_their_ids(app: Running) -> None:
    names = [f"at-once-{number}" for number in range(40)]

    def send(name: str) -> requests.Response:
        return ask(app, name, "/errors/unexpected" if name.endswith("0") else "/")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, names))
    assert [answer.headers["X-Request-ID"] for answer in answers] == names
    for name in names:
        loggers = [line["logger"] for line in of_request(app, name)]
        assert loggers == (["errors", "access"] if name.endswith("0") else ["access"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_the_level_is_a_setting(name: str, tmp_path: Path) -> None:
    with serve(name, tmp_path, LOG_LEVEL="ERROR") as server:
        server.wait_ready(90)
        ask(server, "level", "/errors/unexpected")
        requests.post(
            f"{server.url}/logging/faults", json={"message": "x", "level": "warning"}, timeout=WAIT
        )
        server.stop()
        apps_own = [line for line in lines(server) if not line["logger"].startswith("gunicorn")]
    assert [line["event"] for line in apps_own] == ["unexpected exception"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_for_people_it_is_text(name: str, tmp_path: Path) -> None:
    with serve(name, tmp_path, LOG_FORMAT="text") as server:
        server.wait_ready(90)
        ask(server, "text", "/%1B[31m")
        ask(server, "text", "/errors/unexpected")
        server.stop()
    assert server.log_path
    text = server.log_path.read_text("utf-8")
    assert "\x1b" not in text
    assert "{" not in text.partition("Traceback")[0]
    for words in ("request_id='text'", "status=404", "RuntimeError: a secret"):
        assert words in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "flask-sync",
        "flask-gthread",
        "fastapi-workers",
        "fastapi-reload",
        "fastapi-gunicorn-uvicorn",
    ],
)
def test_other_servings_write_the_same_lines(name: str, tmp_path: Path) -> None:
    with serve(name, tmp_path) as server:
        server.wait_ready(90)
        ask(server, "serving", "/")
        (found,) = of_request(server, "serving")
        server.stop()
    assert list(found) == ACCESS
    assert all(list(line)[:4] == ALWAYS for line in lines(server))
