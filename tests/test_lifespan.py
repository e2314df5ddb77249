"""How both apps start without their database, and stop: what HTTP alone cannot show."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from servers import postgresql
from servers.running import HOST, Running, free_port, start

WAIT = 60.0
BODY = b'{"text":"A"}'
CUSTOMER = {"name": "Ada", "email": "ada@shop.test"}
each_app = pytest.mark.parametrize("name", ["flask", "fastapi"])


def serve(name: str, folder: Path, **environ: str) -> Running:
    database = {"DATABASE_URL": f"sqlite:///{folder / 'shop.db'}"}
    settings = {"LOG_LEVEL": "INFO", **database, **environ}
    return start(name, log_path=folder / "log", environ=settings)


def events(server: Running, logger: str = "lifespan") -> list[str]:
    assert server.log_path
    lines = map(json.loads, server.log_path.read_text("utf-8").splitlines())
    return [line["event"] for line in lines if line["logger"] == logger]


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def status(server: Running, path: str) -> int:
    """The status of an answer, 0 for none."""
    with suppress(requests.RequestException):
        return requests.get(server.url + path, timeout=WAIT).status_code
    return 0


def is_open(server: Running) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, server.port)) == 0


def has_ended(server: Running) -> bool:
    """Whether it ends by itself; uvicorn tells at its end by which signal it was stopped."""
    return server.process.wait(WAIT) in {0, -signal.SIGTERM}


def half_sent(server: Running) -> socket.socket:
    """A connection whose request is running: the server has asked for its body."""
    connection = socket.create_connection((HOST, server.port), timeout=WAIT)
    head = "POST /lowercase HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    connection.sendall(
        f"{head}Content-Length: {len(BODY)}\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection


def rest(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


@each_app
def test_a_request_whose_body_still_comes_is_answered_after_the_stop(
    name: str, tmp_path: Path
) -> None:
    with serve(name, tmp_path) as server:
        server.wait_ready(90)
        with half_sent(server) as connection:
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            connection.sendall(BODY)
            answer = rest(connection)
        assert has_ended(server)
        assert not is_open(server)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'\r\n\r\n{"text":"a"}')


@pytest.mark.slow
@each_app
def test_a_handler_that_waits_for_the_database_finishes_after_the_stop(
    name: str, tmp_path: Path
) -> None:
    with serve(name, tmp_path) as server, ThreadPoolExecutor(1) as pool:
        server.wait_ready(90)
        with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = pool.submit(
                requests.post, f"{server.url}/customers", json=CUSTOMER, timeout=WAIT
            )
            time.sleep(0.5)
            assert not answer.done(), "the database was not locked"
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            other.execute("ROLLBACK")
            assert answer.result(WAIT).status_code == 201
        assert has_ended(server)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        assert database.execute("SELECT name FROM customers").fetchall() == [("Ada",)]


@each_app
def test_starting_and_stopping_are_told_and_nothing_is_left_open(name: str, tmp_path: Path) -> None:
    with serve(name, tmp_path) as server:
        server.wait_ready(90)
        assert (
            requests.post(f"{server.url}/customers", json=CUSTOMER, timeout=WAIT).status_code == 201
        )
        assert (tmp_path / "shop.db-wal").exists()
        server.process.send_signal(signal.SIGTERM)
        assert has_ended(server)
        assert events(server) == ["started", "stopped"]
    # SQLite folds its log into the file when the last connection is closed, and then only.
    assert not (tmp_path / "shop.db-wal").exists()


@pytest.mark.slow
@each_app
def test_an_idle_connection_does_not_keep_a_server_from_stopping(name: str, tmp_path: Path) -> None:
    with serve(name, tmp_path) as server, requests.Session() as session:
        server.wait_ready(90)
        assert session.get(server.url, timeout=WAIT).status_code == 200
        server.process.send_signal(signal.SIGTERM)
        assert has_ended(server)
        assert events(server) == ["started", "stopped"]


@each_app
def test_without_its_database_an_app_is_alive_but_not_ready(name: str, tmp_path: Path) -> None:
    nobody = f"postgresql+psycopg://shop:hunter2@{HOST}:{free_port()}/shop"
    with serve(name, tmp_path, DATABASE_URL=nobody) as server:
        until(lambda: status(server, "/lifespan/alive") == 200, "it is alive")
        answer = requests.get(f"{server.url}/health", timeout=WAIT)
        assert (answer.status_code, answer.json()["status"]) == (503, 503)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert status(server, "/") == 200
        server.stop()
        assert "not ready" in events(server)
    assert server.log_path
    log = server.log_path.read_text("utf-8")
    assert "hunter2" not in log + answer.text
    assert "Traceback" not in log


class Way:
    """The way to a server, which can be closed: it passes on what comes to a port of its own."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address, self.port = address, free_port()
        self.listener: socket.socket | None = None
        self.connections: list[socket.socket] = []
        self.threads: list[threading.Thread] = []

    def open(self) -> None:
        self.listener = socket.create_server((HOST, self.port))
        self._run(self._accept, self.listener)

    def close(self) -> None:
        assert self.listener
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(WAIT)
        for connection in self.connections:
            connection.close()
        self.connections, self.threads = [], []

    def _run(self, work: Callable[..., None], *sockets: socket.socket) -> None:
        self.threads.append(threading.Thread(target=work, args=sockets, daemon=True))
        self.threads[-1].start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                ours = listener.accept()[0]
                theirs = socket.create_connection(self.address)
                self.connections += [ours, theirs]
                self._run(self._pass_on, ours, theirs)
                self._run(self._pass_on, theirs, ours)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def way_to_postgresql() -> Iterator[tuple[Way, str]]:
    with postgresql.start() as cluster:
        url = cluster.create("lifespan")
        way = Way((HOST, urlsplit(url).port or 0))
        yield way, url.replace(f":{cluster.port}/", f":{way.port}/")


@pytest.mark.slow
@each_app
def test_an_app_gets_ready_when_its_database_comes_and_again_when_it_comes_back(
    name: str, tmp_path: Path
) -> None:
    with way_to_postgresql() as (way, url), serve(name, tmp_path, DATABASE_URL=url) as server:
        until(lambda: status(server, "/lifespan/alive") == 200, "it is alive")
        assert status(server, "/health") == 503
        for _ in range(2):
            way.open()
            until(lambda: status(server, "/health") == 200, "it is ready")
            assert status(server, "/customers") == 200
            way.close()
            until(lambda: status(server, "/health") == 503, "it is not ready any more")
            assert status(server, "/lifespan/alive") == 200
