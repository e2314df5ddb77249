"""FastAPI against Flask, each bare: on their usual servers and on the same one; and waiting."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.calling import Request
from benchmarks.judging import Spread
from benchmarks.serving import Server, serve
from benchmarks.wire import Cell, answers, cell, in_turns

CONNECTIONS = (1, 32, 512)
WAITERS = (64, 512)
# What is compared, as (server, path); Flask's is the one that the others are compared with.
PAIRS = {
    "usual servers": {
        "Flask def": ("gunicorn", "/def"),
        "FastAPI async def": ("uvicorn", "/async"),
        "FastAPI def": ("uvicorn", "/def"),
    },
    "both on Granian": {
        "Flask def": ("granian-wsgi", "/def"),
        "FastAPI async def": ("granian-asgi", "/async"),
        "FastAPI def": ("granian-asgi", "/def"),
    },
}
REFERENCE = "Flask def"
WAITING = {
    "Flask, gunicorn sync": ("gunicorn-sync", "/wait"),
    "Flask, gunicorn with threads": ("gunicorn", "/wait"),
    "Flask, gunicorn with 256 threads": ("gunicorn-256", "/wait"),
    "Flask, Granian": ("granian-wsgi", "/wait"),
    "FastAPI async def, uvicorn": ("uvicorn", "/wait"),
    "FastAPI def, uvicorn": ("uvicorn", "/wait-def"),
    "FastAPI async def that blocks, uvicorn": ("uvicorn", "/block"),
    "FastAPI async def, Granian": ("granian-asgi", "/wait"),
}
# These answer 20 requests a second, however many wait: more visitors would only wait longer.
ONE_AT_A_TIME = {"Flask, gunicorn sync", "FastAPI async def that blocks, uvicorn"}


@dataclass(frozen=True)
class Row:
    """One cell of the table; `cpu` in seconds for each answer, ratios to Flask's row beside it."""

    servers: str
    what: str
    connections: int
    rate: float
    cpu: float
    rate_ratio: Spread
    cpu_ratio: Spread
    errors: int


@dataclass(frozen=True)
class Waited:
    what: str
    connections: int
    rate: float
    ideal: float
    errors: int


def table(
    folder: Path, *, rounds: int, seconds: float, connections: tuple[int, ...] = CONNECTIONS
) -> list[Row]:
    """Every cell, measured in turns."""
    rows = []
    with ExitStack() as stack:
        for name, subjects in PAIRS.items():
            servers = _started(stack, {server for server, _ in subjects.values()}, folder)
            for number in connections:
                works = {
                    what: _loop(servers[server], path, number, seconds)
                    for what, (server, path) in subjects.items()
                }
                in_turns(works, 1)  # warm-up
                rows += _rows(name, number, in_turns(works, rounds))
    return rows


def waiting(
    folder: Path, *, seconds: float, connections: tuple[int, ...] = WAITERS
) -> list[Waited]:
    """Each request sleeps 50 ms: how many a second, of the ideal."""
    found = []
    with ExitStack() as stack:
        servers = _started(stack, {server for server, _ in WAITING.values()}, folder)
        for number in connections:
            for what, (server, path) in WAITING.items():
                if what in ONE_AT_A_TIME and number > min(connections):
                    continue
                done = _loop(servers[server], path, number, seconds)().load
                found.append(Waited(what, number, done.rate, number / 0.05, done.failed))
    return found


def _started(stack: ExitStack, names: set[str], folder: Path) -> dict[str, Server]:
    servers = {
        name: stack.enter_context(serve(name, "cross", {}, folder)) for name in sorted(names)
    }
    for server in servers.values():
        answers(server, Request(path="/def"))
    return servers


def _loop(server: Server, path: str, connections: int, seconds: float) -> Callable[[], Cell]:
    return lambda: cell(server, Request(path=path), connections, seconds)


def _rows(name: str, connections: int, cells: Mapping[str, list[Cell]]) -> list[Row]:
    flask = cells[REFERENCE]
    return [
        Row(
            name,
            what,
            connections,
            median(c.load.rate for c in done),
            median(c.per_answer for c in done),
            Spread.of(
                [c.load.rate / max(f.load.rate, 0.1) for c, f in zip(done, flask, strict=True)]
            ),
            Spread.of(
                [c.per_answer / max(f.per_answer, 1e-9) for c, f in zip(done, flask, strict=True)]
            ),
            sum(c.load.failed for c in done),
        )
        for what, done in cells.items()
    ]
