"""A transport that sends exactly the bytes it is given and reports what came back."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from dataclasses import dataclass
from typing import Any, Literal

from urllib3 import HTTPHeaderDict

STATUS_LINE = re.compile(r"HTTP/1\.\d (\d{3})\b")

Ending = Literal["open", "closed", "reset", "timeout"]


@dataclass(slots=True)
class RawAnswer:
    """One answer as sent; names and attributes are those of `requests.Response` where they meet.

    `status_code` is 0 when nothing that looks like an answer came. `ended` tells how the
    connection stood afterwards: still open, closed, reset, or no whole answer within the wait.
    """

    status_code: int
    headers: HTTPHeaderDict
    content: bytes
    ended: Ending = "open"

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


def converse(
    address: tuple[str, int], data: bytes, *, answers: int, finish: bool, wait: float
) -> list[RawAnswer]:
    """Send `data` and read up to `answers` answers; never takes longer than `wait` seconds.

    Reading goes on while sending, for a server may answer before it has read everything.
    `finish` closes the sending side after the last byte. The list has one item at least.
    """
    methods = [line.split(b" ")[0] for line in data.split(b"\r\n") if b" HTTP/1." in line]
    deadline = time.monotonic() + wait
    received = bytearray()
    with socket.create_connection(address, timeout=wait) as connection:
        connection.setblocking(False)
        ended = _pump(connection, data, received, deadline, finish, methods, answers)
    found = _parse(bytes(received), methods, answers, ended != "open")
    if not found or (len(found) < answers and ended == "timeout"):
        found.append(RawAnswer(0, HTTPHeaderDict(), bytes(received)))
    found[-1].ended = ended
    return found


def _pump(
    connection: socket.socket,
    data: bytes,
    received: bytearray,
    deadline: float,
    finish: bool,
    methods: list[bytes],
    answers: int,
) -> Ending:
    unsent = memoryview(data)
    if finish and not data:
        connection.shutdown(socket.SHUT_WR)
    while (left := deadline - time.monotonic()) > 0:
        readable, writable, _ = select.select(
            [connection], [connection] if unsent else [], [], left
        )
        try:
            if readable:
                chunk = connection.recv(65536)
                if not chunk:
                    return "closed"
                received += chunk
                if len(_parse(bytes(received), methods, answers, False)) == answers:
                    return "open"
            if writable:
                unsent = unsent[connection.send(unsent) :]
                if finish and not unsent:
                    connection.shutdown(socket.SHUT_WR)
        except BrokenPipeError:
            unsent = unsent[:0]
        except ConnectionResetError:
            return "reset"
    return "timeout"


def _parse(data: bytes, methods: list[bytes], answers: int, at_end: bool) -> list[RawAnswer]:
    """The whole answers at the beginning of `data`; `at_end` says that no more will come."""
    found: list[RawAnswer] = []
    while len(found) < answers:
        head, separator, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = STATUS_LINE.match(lines[0])
        if not separator or not status:
            break
        headers = HTTPHeaderDict()
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.add(name, value.strip(" \t"))
        code = int(status[1])
        if code < 200:
            data = rest
            continue
        head_only = methods[len(found) : len(found) + 1] == [b"HEAD"] or code in (204, 304)
        framed = (b"", rest) if head_only else _body(rest, headers, at_end)
        if framed is None:
            break
        body, data = framed
        found.append(RawAnswer(code, headers, body))
    return found


def _body(data: bytes, headers: HTTPHeaderDict, at_end: bool) -> tuple[bytes, bytes] | None:
    """The body and what follows it, or None when it is not whole yet."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(data)
    if "content-length" not in headers:
        return (data, b"") if at_end else None
    length = int(headers["content-length"])
    return (data[:length], data[length:]) if len(data) >= length else None


def _chunks(data: bytes) -> tuple[bytes, bytes] | None:
    body = b""
    while True:
        size, separator, data = data.partition(b"\r\n")
        if not separator:
            return None
        length = int(size.split(b";")[0], 16)
        if length == 0:
            return (body, data[2:]) if data.startswith(b"\r\n") else None
        if len(data) < length + 2:
            return None
        body, data = body + data[:length], data[length + 2 :]
