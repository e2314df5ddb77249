"""Over the wire: processor time for each request, rate, and times by the clock of a visitor."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import load, processes
from benchmarks.calling import Request
from benchmarks.endpoints import ENDPOINTS
from benchmarks.load import Load, percentile
from benchmarks.serving import USUAL, Server, serve
from benchmarks.world import World

CONNECTIONS = 32


@dataclass(frozen=True)
class Wire:
    """What a server did with one endpoint. `cpu` in seconds for each answer, times in seconds."""

    cpu: float
    rate: float
    p50: float
    p99: float
    lag: float
    offered: float
    errors: dict[str, int]
    peak: float | None = None


@dataclass(frozen=True)
class Cell:
    """What came of a closed loop, and the processor time that it took."""

    load: Load
    cpu: float

    @property
    def per_answer(self) -> float:
        return self.cpu / max(self.load.answers, 1)


def cell(server: Server, request: Request, connections: int, seconds: float) -> Cell:
    """Keep so many connections busy for so long."""
    before = processes.cpu(server.pid)
    done = load.closed(server.port, request, connections, seconds)
    return Cell(done, processes.cpu(server.pid) - before)


def in_turns(
    works: Mapping[str, Callable[[], Cell]], rounds: int, seed: int = 0
) -> dict[str, list[Cell]]:
    """Let all do their work in each round, in an order that changes."""
    shuffler = random.Random(seed)  # noqa: S311  (no secret)
    cells: dict[str, list[Cell]] = {name: [] for name in works}
    order = list(works)
    for _ in range(rounds):
        shuffler.shuffle(order)
        for name in order:
            cells[name].append(works[name]())
    return cells


def measure(
    name: str,
    world: World,
    whole: Mapping[str, Server],
    folder: Path,
    *,
    rounds: int,
    seconds: float,
) -> dict[str, Wire]:
    """One endpoint of both apps and of their twins, each on its usual server."""
    request = ENDPOINTS[name].request(world)
    with ExitStack() as stack:
        servers = {f"{app} app": server for app, server in whole.items()}
        for app, usual in USUAL.items():
            twin = stack.enter_context(serve(usual, name, world.environ, folder))
            servers[f"{app} twin"] = twin
        for server in servers.values():
            answers(server, request)
        works = {who: _work(server, request, seconds) for who, server in servers.items()}
        in_turns(works, 1)  # warm-up
        cells = in_turns(works, rounds)
        rates = {who: median(c.load.rate for c in found) for who, found in cells.items()}
        # The same for all, and so little that none of them has to queue for long.
        offered = max(5.0, 0.4 * min(rates.values()))
        return {
            who: _told(cells[who], _visit(server, request, offered, seconds), offered, server, name)
            for who, server in servers.items()
        }


def answers(server: Server, request: Request) -> None:
    """Wait until the server answers this request at all."""
    for _ in range(400):
        if server.is_open():
            break
        server.pause()
    load.closed(server.port, request, 1, 0)


def _work(server: Server, request: Request, seconds: float) -> Callable[[], Cell]:
    return lambda: cell(server, request, CONNECTIONS, seconds)


def _visit(server: Server, request: Request, rate: float, seconds: float) -> Load:
    return load.opened(server.port, request, CONNECTIONS, rate, max(2 * seconds, 20 / rate))


def _told(cells: list[Cell], visit: Load, offered: float, server: Server, name: str) -> Wire:
    errors: dict[str, int] = {}
    for done in [*(found.load for found in cells), visit]:
        for kind, number in done.errors.items():
            errors[kind] = errors.get(kind, 0) + number
    spent = sum(found.cpu for found in cells)
    return Wire(
        spent / max(sum(found.load.answers for found in cells), 1),
        median(found.load.rate for found in cells),
        percentile(visit.times, 0.5),
        percentile(visit.times, 0.99),
        percentile(visit.lags, 0.99),
        offered,
        errors,
        peak(server.port) if name == "hello" else None,
    )


def peak(port: int) -> float | None:
    """Answers a second to GET / by wrk, where that is on PATH."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return None
    words = [wrk, "-t1", f"-c{CONNECTIONS}", "-d1s", f"http://127.0.0.1:{port}/"]
    told = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    found = re.search(r"Requests/sec:\s*([0-9.]+)", told.stdout)
    return float(found[1]) if found else None
