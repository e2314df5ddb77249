"""What the mount costs: `python -m migration.bench`.

The same requests go to Flask alone and to Flask inside of FastAPI, to FastAPI alone and to FastAPI
before Flask, in turn, on one connection each. Only the ratios mean something on another machine.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from reading.topics import load
from servers.running import HOST, Running, start

# Name, serving and what has moved there: all topics but the last, so that Flask is still there.
ALONE, INSIDE = ("Flask alone", "flask", ""), ("Flask inside", "hybrid", "")
FASTAPI, BEFORE = ("FastAPI alone", "fastapi", ""), ("FastAPI before Flask", "hybrid", "most")
PAIRS = ((ALONE, INSIDE), (FASTAPI, BEFORE))


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes | None = None


PARTS = 5
JSON = {"Content-Type": "application/json"}
REQUESTS = (
    Request("GET", "/"),
    Request("POST", "/lowercase", json.dumps({"text": "A" * 100}).encode()),
    Request("GET", "/search?q=flask"),
    Request("GET", "/categories"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m migration.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--requests", type=int, default=20, help="of each kind in a round")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-mount-")))
        servers = {name: serve(stack, folder, name, *how) for name, *how in (*PAIRS[0], *PAIRS[1])}
        for server in servers.values():
            server.wait_ready(60)
        for request in REQUESTS:
            times = measure(servers, request, options.rounds, options.requests)
            for (before, *_), (after, *_) in PAIRS:
                told = compare(times[before], times[after])
                print(f"{request.method:4} {request.path:24} {after:20} / {before:13} {told}")
    return 0


def serve(stack: ExitStack, folder: Path, name: str, serving: str, moved: str) -> Running:
    migrated = ",".join([*load()][:-1]) if moved else ""
    log = folder / f"{name}.log"
    return stack.enter_context(start(serving, log_path=log, environ={"MIGRATED": migrated}))


def measure(
    servers: dict[str, Running], request: Request, rounds: int, count: int
) -> dict[str, list[float]]:
    """Seconds for `count` requests, in each round, of each server; the first round is not kept."""
    found: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(rounds + 1):
        for name, server in servers.items():
            found[name].append(ask(server, request, count))
    return {name: times[1:] for name, times in found.items()}


def ask(server: Running, request: Request, count: int) -> float:
    connection = HTTPConnection(HOST, server.port, timeout=60)
    connection.connect()
    began = time.perf_counter()
    for _ in range(count):
        connection.request(request.method, request.path, request.body, JSON)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, f"{server.name}: {answer.status}"
    took = time.perf_counter() - began
    connection.close()
    return took


def compare(before: Sequence[float], after: Sequence[float]) -> str:
    """The ratio, and how far it spreads: that of the fastest rounds, which nothing has disturbed,
    for each of some parts of the run, of which the median is taken."""
    ratios = sorted(min(after[n::PARTS]) / min(before[n::PARTS]) for n in range(PARTS))
    return f"{statistics.median(ratios):.2f} times ({ratios[0]:.2f} to {ratios[-1]:.2f})"


if __name__ == "__main__":
    sys.exit(main())
