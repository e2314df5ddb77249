"""Serving starts both apps or says why not, and leaves no process behind."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from servers.running import ROOT, ServerError, free_port, start
from servers.serve import choose_databases
from shared.seed import VISITOR

Served = subprocess.Popen[str]


@pytest.fixture
def ports(tmp_path: Path) -> dict[str, str]:
    """Free ports, and a database that is not the one of whoever runs the tests."""
    return {
        "FLASK_PORT": str(free_port()),
        "FASTAPI_PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}",
    }


@pytest.fixture
def served(ports: dict[str, str]) -> Iterator[Served]:
    with serve(ports) as process:
        try:
            read_until(process, "ready in")
            yield process
        finally:
            process.terminate()


def serve(environ: dict[str, str], *options: str, root: Path = ROOT) -> Served:
    return subprocess.Popen(
        [sys.executable, "-m", "servers.serve", *options],
        cwd=root,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def contents(file: Path) -> str:
    """A database as text, without what each hash of a password is salted with."""
    with closing(sqlite3.connect(file)) as database:
        return re.sub(r"\$argon2[^']*", "", "\n".join(database.iterdump()))


def who_is_logged_in(ports: dict[str, str], at: str) -> list[object]:
    """What each app says to a browser in which the visitor has logged in at one of them."""
    credentials = dict(zip(("email", "password"), VISITOR, strict=True))
    with requests.Session() as browser:
        browser.trust_env = False
        log_in = f"http://127.0.0.1:{ports[at]}/session"
        browser.post(log_in, json=credentials, timeout=30).raise_for_status()
        places = [
            f"http://127.0.0.1:{ports[name]}/session" for name in ("FLASK_PORT", "FASTAPI_PORT")
        ]
        return [browser.get(place, timeout=30).json() for place in places]


def read_until(process: Served, text: str) -> None:
    assert process.stdout
    assert any(text in line for line in process.stdout), f"the output ended without {text!r}"


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of each running process."""
    table = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(maxsplit=3) for line in table.stdout.splitlines())
    return {int(row[0]): (int(row[1]), row[-1]) for row in rows if not row[2].startswith("Z")}


def descendants(pid: int) -> dict[int, str]:
    """The command line of each process that `pid` has started, directly or not."""
    found: dict[int, str] = {}
    for child, (parent, command) in processes().items():
        if parent == pid:
            found |= {child: command, **descendants(child)}
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(served: Served, number: signal.Signals) -> None:
    started = descendants(served.pid)
    assert len(started) == 3, "gunicorn, its worker, uvicorn"
    served.send_signal(number)
    assert served.wait(10) == 0
    assert not started.keys() & processes().keys()


@pytest.mark.parametrize(("victim", "server"), [("flask", "gunicorn"), ("fastapi", "uvicorn")])
def test_when_one_server_dies_the_other_is_stopped_and_the_dead_one_is_named(
    served: Served, victim: str, server: str
) -> None:
    started = descendants(served.pid)
    # Where setproctitle is installed, gunicorn's processes name themselves.
    os.kill(min(pid for pid in started if server in started[pid]), signal.SIGKILL)
    output, _ = served.communicate(timeout=10)
    assert f"{victim} was ended by SIGKILL" in output
    assert served.returncode == 1
    assert not started.keys() & processes().keys()


@pytest.mark.parametrize(
    ("options", "files"),
    [((), ["fastapi.db", "flask.db"]), (("--shared",), ["shop.db"])],
)
def test_each_app_has_a_database_of_its_own_unless_they_share_one(
    ports: dict[str, str], tmp_path: Path, options: tuple[str, ...], files: list[str]
) -> None:
    for folder in (
        "flask_app",
        "fastapi_app",
        "shared",
        "compat",
        "servers",
        "migration",
        "reading",
    ):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "topics.toml", tmp_path)
    del ports["DATABASE_URL"]
    with serve(ports, *options, root=tmp_path) as process:
        read_until(process, "ready in")
        seen = [who_is_logged_in(ports, at) for at in ("FLASK_PORT", "FASTAPI_PORT")]
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert sorted(path.name for path in (tmp_path / "data").glob("*.db")) == files
    assert len({contents(tmp_path / "data" / file) for file in files}) == 1
    assert [account for found in seen for account in found] == [{"id": 1, "email": VISITOR[0]}] * 4


@pytest.mark.parametrize("shared", [False, True])
def test_a_database_that_is_given_is_that_of_both_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: bool
) -> None:
    def fill(url: str) -> None:
        raise AssertionError(f"{url} is somebody's")

    monkeypatch.setattr("servers.serve.fill", fill)
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://a.test/shop")
    expected = dict.fromkeys(["flask", "fastapi"], "postgresql+psycopg://a.test/shop")
    assert choose_databases(["flask", "fastapi"], shared=shared) == expected
    monkeypatch.delenv("DATABASE_URL")
    (tmp_path / "settings.toml").write_text(f'DATABASE_URL = "{expected["flask"]}"')
    monkeypatch.setenv("SETTINGS_FILE", str(tmp_path / "settings.toml"))
    assert choose_databases(["flask", "fastapi"], shared=shared) == expected


def test_a_busy_port_is_reported_with_its_holder_before_anything_starts(
    ports: dict[str, str],
) -> None:
    busy = ports["FASTAPI_PORT"]
    with socket.create_server(("127.0.0.1", int(busy))), serve(ports) as process:
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 2
    assert f"port {busy} is busy: held by process {os.getpid()}, " in output
    assert "gunicorn" not in output


@pytest.mark.parametrize(
    "name",
    [
        "flask",
        "fastapi",
        pytest.param("fastapi-workers", marks=pytest.mark.slow),
        pytest.param("fastapi-reload", marks=pytest.mark.slow),
    ],
)
def test_an_app_that_cannot_be_made_is_reported_at_once_with_the_reason(
    name: str, tmp_path: Path
) -> None:
    server = start(name, log_path=tmp_path / "log", environ={"SERVED_BY": "perhaps"})
    with server, pytest.raises(ServerError, match="SERVED_BY: 'perhaps' is neither 0 nor 1"):
        server.wait_ready(10)
