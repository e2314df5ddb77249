"""nginx before both apps, four processes of each: the same contract, and who answers what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from contract_tests.targets import ENVIRON
from flask_app.app import create_app
from migration import proxy
from migration.nginx import configuration
from migration.topics import parse
from reading.topics import ROOT, load
from servers.running import HOST, Running, free_port
from servers.running import start as serve
from servers.upstream import StandIn
from shared.settings import Settings

WAIT = 60.0
MOVED = parse("15")
# What nginx refuses by itself, with a page of its own: a path with a NUL in it, and TRACE.
REFUSED = {
    "test_hello.py::test_any_other_address_is_not_found[/health%00-proxy]",
    "test_http_methods.py::test_a_method_that_is_not_there_is_told_which_are[TRACE-proxy]",
    "test_static_files.py::test_nothing_else_is_served[GET-hello.txt%00-proxy]",
    "test_static_files.py::test_nothing_else_is_served[HEAD-hello.txt%00-proxy]",
    "test_users.py::test_an_unknown_name_has_an_error_of_this_module[%00-proxy]",
}
BEHIND = ("flask-gthread", "fastapi-workers")
SHOWN = ("GET /users/7", "GET /sizes/small", "POST /lowercase", "DELETE /profile", "GET /cors/open")
KEPT = ("GET /products", "GET /openapi.json", "GET /session", "GET /nope", "GET /users/seven")


def addresses(*, listen: int, flask: int, fastapi: int) -> dict[str, str]:
    ports = {"listen": listen, "flask": flask, "fastapi": fastapi}
    return {name: f"{HOST}:{port}" for name, port in ports.items()}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if proxy.find() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(proxy.MISSING)
    folder = tmp_path_factory.mktemp("proxy")
    with ExitStack() as stack:
        services = stack.enter_context(StandIn())
        database = f"sqlite:///{folder}/shop.db"
        environ = {**ENVIRON, "DATABASE_URL": database, "UPSTREAM_URL": services.url}
        flask, fastapi = (
            stack.enter_context(serve(name, log_path=folder / name, environ=environ))
            for name in BEHIND
        )
        port = free_port()
        before = start(stack, folder, port, flask, fastapi)
        for server in (flask, fastapi):
            server.wait_ready(WAIT)
        until_ready(before, f"http://{HOST}:{port}", folder / "log")
        yield f"http://{HOST}:{port}"


def start(
    stack: ExitStack, folder: Path, port: int, flask: Running, fastapi: Running
) -> subprocess.Popen[bytes]:
    there = addresses(listen=port, flask=flask.port, fastapi=fastapi.port)
    process = proxy.start(configuration(MOVED, **there), folder)
    stack.callback(process.wait, WAIT)
    stack.callback(process.terminate)
    return process


def until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        try:
            requests.get(f"{url}/health", timeout=WAIT).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.05)


@pytest.mark.slow
def test_the_contract_holds_behind_nginx_but_for_what_it_refuses_itself(
    url: str, tmp_path: Path
) -> None:
    """Both may be asked in one test, so what one process writes another has to read."""
    report = tmp_path / "report.json"
    options = ["--target", f"proxy={url}", "--serving", "flask", "--report-json", str(report)]
    command = [sys.executable, "-m", "pytest", "contract_tests", "-m", "core", "-q", "--tb=short"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    failures = json.loads(report.read_text("utf-8"))["failures"]
    found = {failure["test"].removeprefix("contract_tests/") for failure in failures}
    assert found == REFUSED, done.stdout[-20000:]


@pytest.mark.slow
def test_each_path_goes_to_the_app_that_has_it(url: str) -> None:
    for app, requested in (("fastapi", SHOWN), ("flask", KEPT)):
        for line in requested:
            method, _, path = line.partition(" ")
            answer = requests.request(method, url + path, timeout=WAIT)
            assert answer.headers["X-Served-By"] == app, line


@pytest.mark.slow
def test_who_asks_cannot_say_for_whom_he_asks(url: str) -> None:
    forged = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Prefix": "/evil"}
    answer = requests.get(
        f"{url}/headers/older", headers=forged, allow_redirects=False, timeout=WAIT
    )
    assert answer.headers["Location"] == f"{url}/headers"


def test_the_configuration_has_each_path_of_the_moved_topics_and_no_other() -> None:
    text = configuration(parse("cookies,products"), **addresses(listen=1, flask=2, fastapi=3))
    moved = [line.strip() for line in text.splitlines() if line.endswith(" fastapi;")]
    assert moved == [
        '"~^/profile$" fastapi;',
        '"~^/products$" fastapi;',
        r'"~^/products/(\d+(?!\n))$" fastapi;',
        '"~^/products/import$" fastapi;',
        '"~^/categories$" fastapi;',
    ]
    assert "@" not in text.partition("worker_processes")[2]


def test_no_path_has_methods_of_two_topics() -> None:
    """So that it is enough to go by the path."""
    owners: dict[str, set[str]] = {}
    for rule in create_app(Settings()).url_map.iter_rules():
        owners.setdefault(rule.rule, set()).add(rule.endpoint.partition(".")[0])
    assert all(len(topics) == 1 for topics in owners.values())
    assert set.union(*owners.values()) == set(load())
