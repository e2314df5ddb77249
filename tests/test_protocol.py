"""What uvicorn's protocol class refuses, where it takes more than one packet to see."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from servers.running import Running, start

UPGRADE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
WAIT = 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    log: Path = tmp_path_factory.mktemp("logs") / "fastapi"
    with start("fastapi", log_path=log) as running:
        running.wait_ready(30)
        yield running


def converse(server: Running, *packets: bytes) -> bytes:
    """Send each packet once the last was answered; all that came until the server closed."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT) as connection:
        try:
            for packet in packets:
                connection.sendall(packet)
                received += connection.recv(65536)
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionError:  # closed in the middle of what was sent
            pass
    return received


def test_a_body_behind_an_upgrade_is_no_request(server: Running) -> None:
    received = converse(server, UPGRADE, b"GET /errors/conflict HTTP/1.1\r\nHost: a\r\n\r\n")
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in received.lower()


def test_a_trailer_that_comes_late_is_no_header(server: Running) -> None:
    head = b"GET /users/directory HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    next_one = b"GET /users/directory HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    received = converse(server, head, b"0\r\nX-Team: evil\r\n\r\n" + next_one)
    assert received.count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize("name", ["X-A", "Cookie"])
def test_a_head_that_does_not_end_is_not_collected(server: Running, name: str) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + name.encode() + b": "
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT) as connection:
        connection.sendall(head)
        with pytest.raises(ConnectionError):
            connection.sendall(b"x" * 64 * 1024 * 1024)
    assert requests.get(f"{server.url}/health", timeout=WAIT).status_code == 200


def test_requests_in_one_packet_are_answered_in_order(server: Running) -> None:
    one = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    received = converse(server, one * 3 + last)
    assert received.count(b'{"hello":"world"}') == 3
    assert received.endswith(b'{"status":"ok"}')
