"""Clients that load a server: a closed loop for its rate, an open loop for its times.

The closed loop keeps so many connections busy; a slow server slows it down, so its times say
nothing. The open loop sends at moments fixed beforehand, and counts from those moments: what waits
for a free connection, or for the generator itself, waits as a real visitor would.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import uvloop

from benchmarks.calling import Request

HOST = "127.0.0.1"
PATIENCE = 20.0  # seconds that one answer may take before it counts as an error


@dataclass
class Load:
    """What came of it. `times` and `lags` are in seconds; `errors` by what was wrong."""

    seconds: float = 0.0
    answers: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    def count(self, status: int | str) -> None:
        if isinstance(status, int) and 200 <= status < 300:
            self.answers += 1
        else:
            self.errors[str(status)] = self.errors.get(str(status), 0) + 1


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def message(request: Request) -> bytes:
    """The request as it travels."""
    head = [f"{request.method} {request.target} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in request.sent_headers]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + request.body


class Connection(asyncio.Protocol):
    """One request at a time on a connection that is kept."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.end = 0  # where the answer ends, once that is known
        self.status = 0
        self.done: Callable[[int | str], None] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self._finish("connection lost")

    def send(self, data: bytes, done: Callable[[int | str], None]) -> None:
        """Send a request; `done` is called with the status of its answer, or with what failed."""
        self.done = done
        if self.transport is None:
            self._finish("connection lost")
        else:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.end and not self._read_head():
            return
        if self.end < 0:
            if not self.buffer.endswith(b"0\r\n\r\n"):
                return
        elif len(self.buffer) < self.end:
            return
        status, self.end = self.status, 0
        self.buffer.clear()
        self._finish(status)

    def _read_head(self) -> bool:
        at = self.buffer.find(b"\r\n\r\n")
        if at < 0:
            return False
        head = bytes(self.buffer[:at]).lower()
        self.status = int(head[9:12])
        _, found, rest = head.partition(b"content-length:")
        length = int(rest.partition(b"\r\n")[0]) if found else 0
        chunked = not found and b"transfer-encoding: chunked" in head
        self.end = -1 if chunked else at + 4 + length
        return True

    def _finish(self, status: int | str) -> None:
        done, self.done = self.done, None
        if done is not None:
            done(status)


def closed(
    port: int, request: Request, connections: int, seconds: float, answers: int | None = None
) -> Load:
    """Keep `connections` busy for so many seconds, or until there are so many answers."""
    return uvloop.run(_closed(port, message(request), connections, seconds, answers))


async def _closed(
    port: int, data: bytes, connections: int, seconds: float, answers: int | None
) -> Load:
    load, pool = Load(), await _connect(port, connections)
    loop = asyncio.get_running_loop()
    busy, all_done = len(pool), loop.create_future()
    began = time.perf_counter()
    until = began + seconds

    def start(connection: Connection) -> None:
        connection.send(data, lambda status: go_on(connection, status))

    def go_on(connection: Connection, status: int | str) -> None:
        nonlocal busy
        load.count(status)
        enough = answers is not None and load.answers + busy > answers
        if time.perf_counter() < until and not enough and connection.transport is not None:
            start(connection)
            return
        busy -= 1
        if not busy and not all_done.done():
            all_done.set_result(None)

    for connection in pool:
        start(connection)
    await _patiently(all_done, seconds, load, lambda: busy)
    load.seconds = time.perf_counter() - began
    _close(pool)
    return load


def opened(port: int, request: Request, connections: int, rate: float, seconds: float) -> Load:
    """Send `rate` requests a second on at most so many connections."""
    return uvloop.run(_opened(port, message(request), connections, rate, seconds))


async def _opened(port: int, data: bytes, connections: int, rate: float, seconds: float) -> Load:
    load, pool = Load(), await _connect(port, connections)
    free, waiting = deque(pool), deque[float]()
    left = planned = max(1, int(rate * seconds))
    loop = asyncio.get_running_loop()
    all_done = loop.create_future()
    began = time.perf_counter() + 0.01

    def send(connection: Connection, scheduled: float) -> None:
        connection.send(data, lambda status: finish(connection, scheduled, status))

    def finish(connection: Connection, scheduled: float, status: int | str) -> None:
        nonlocal left
        load.count(status)
        load.times.append(time.perf_counter() - scheduled)
        left -= 1
        if not left and not all_done.done():
            all_done.set_result(None)
        elif connection.transport is not None or not free:
            _next(connection)

    def _next(connection: Connection) -> None:
        if waiting:
            loop.call_soon(send, connection, waiting.popleft())
        else:
            free.append(connection)

    for number in range(planned):
        scheduled = began + number / rate
        pause = scheduled - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        load.lags.append(max(0.0, time.perf_counter() - scheduled))
        if free:
            send(free.popleft(), scheduled)
        else:
            waiting.append(scheduled)
    await _patiently(all_done, 0, load, lambda: left)
    load.seconds = time.perf_counter() - began
    _close(pool)
    return load


async def _connect(port: int, connections: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    pool = []
    for _ in range(connections):
        pool.append((await loop.create_connection(Connection, HOST, port))[1])
    return pool


async def _patiently(
    all_done: asyncio.Future[None], seconds: float, load: Load, missing: Callable[[], int]
) -> None:
    """Wait for the last answers; those that do not come are errors."""
    try:
        await asyncio.wait_for(asyncio.shield(all_done), seconds + PATIENCE)
    except TimeoutError:
        load.errors["no answer"] = load.errors.get("no answer", 0) + missing()


def _close(pool: list[Connection]) -> None:
    for connection in pool:
        connection.done = None
        if connection.transport is not None:
            connection.transport.close()
