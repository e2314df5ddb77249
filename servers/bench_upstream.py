"""When does `async` pay? Both apps ask three slow services: `python -m servers.bench_upstream`.

Visitors send one request after the other, each over a connection of its own. Servers take turns,
round after round; the ratio is taken inside each round. It still favours many threads on a machine
that is busy otherwise; the processor time of an answer does not (it is read from /proc, so on Linux
only). Nothing is judged.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from servers.running import ROOT, Running, free_port, start, stop_all
from servers.servings import SERVINGS

VISITORS = (1, 16, 64, 128)
WAITS = (0, 50, 500)


@dataclass
class Cell:
    """What came back in some seconds: whole offers, offers that lack something, other answers."""

    seconds: float = 0.0
    whole: int = 0
    partial: int = 0
    failed: int = 0
    cpu: float = 0.0  # seconds

    @property
    def work(self) -> float:
        """Milliseconds of processor time for each answer, whatever it was."""
        return 1000 * self.cpu / max(self.whole + self.partial + self.failed, 1)

    @property
    def rate(self) -> float:
        return self.whole / self.seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 unless a server cannot be started."""
    parser = argparse.ArgumentParser(prog="python -m servers.bench_upstream")
    parser.add_argument("--servings", nargs=2, default=["flask", "fastapi"], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each cell")
    parser.add_argument("--visitors", type=int, nargs="+", default=VISITORS)
    parser.add_argument("--waits", type=int, nargs="+", default=WAITS, help="ms of each service")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        servers = [*map(_started(stack), options.servings)]
        for server in servers:
            server.wait_ready()
            asyncio.run(visit(server.port, 8, 0, 1.0))  # warm
        _head(options)
        for wait in options.waits:
            for visitors in options.visitors:
                rounds = [
                    _round(servers, visitors, wait, options.seconds, n)
                    for n in range(options.rounds)
                ]
                print(_line(visitors, wait, rounds), flush=True)
    return 0


def _started(stack: contextlib.ExitStack) -> Callable[[str], Running]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    port = free_port()
    services = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "servers.upstream", str(port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
    )
    stack.callback(services.terminate)

    def started(name: str) -> Running:
        environ = {
            "UPSTREAM_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{folder}/{name}.db",
        }
        server = start(name, log_path=folder / f"{name}.log", environ=environ)
        stack.callback(stop_all, [server])
        return server

    return started


def _head(options: argparse.Namespace) -> None:
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    for name in options.servings:
        print(f"{name}: {SERVINGS[name].title}")
    one, other = options.servings
    print(f"{options.rounds} rounds of {options.seconds:g} s, medians\n")
    print(
        f"each service  visitors   answers a second: {one:>9}{other:>9}  {other}/{one} (from - to)"
        f"   ms of CPU: {one:>8}{other:>9}   not whole"
    )


def _round(
    servers: Sequence[Running], visitors: int, wait: int, seconds: float, number: int
) -> list[Cell]:
    """One cell of each server, in an order that changes from round to round."""
    turns = list(enumerate(servers))
    if number % 2:
        turns.reverse()
    cells = {}
    for at, server in turns:
        before = _cpu(server)
        cells[at] = asyncio.run(visit(server.port, visitors, wait, seconds))
        cells[at].cpu = _cpu(server) - before
    return [cells[at] for at in range(len(servers))]


def _cpu(server: Running) -> float:
    """Seconds of processor time that a server's processes have taken; 0 where that is not known."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = file.read_text().rpartition(")")[2].split()
            if int(fields[2]) == server.process.pid:  # the process group
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _line(visitors: int, wait: int, rounds: Sequence[Sequence[Cell]]) -> str:
    rates = [statistics.median(cells[at].rate for cells in rounds) for at in (0, 1)]
    works = [statistics.median(cells[at].work for cells in rounds) for at in (0, 1)]
    ratios = [cells[1].rate / max(cells[0].rate, 0.1) for cells in rounds]
    lost = [sum(cells[at].partial + cells[at].failed for cells in rounds) for at in (0, 1)]
    return (
        f"{wait:9} ms {visitors:9} {rates[0]:28.0f}{rates[1]:9.0f}   "
        f"{statistics.median(ratios):8.2f} ({min(ratios):.2f} - {max(ratios):.2f})"
        f"{works[0]:26.1f}{works[1]:9.1f}   {lost[0]}, {lost[1]}"
    )


async def visit(port: int, visitors: int, wait: int, seconds: float) -> Cell:
    """Let so many visitors ask for offers until the time is over, and finish what they began."""
    cell = Cell()
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(
        *(_visitor(port, f"lamp_all-wait-{wait}", until, cell) for _ in range(visitors))
    )
    cell.seconds = time.perf_counter() - began
    return cell


async def _visitor(port: int, product: str, until: float, cell: Cell) -> None:
    request = f"GET /upstream/offers?product={product} HTTP/1.1\r\nHost: a.test\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length))
        if b" 200 " not in head:
            cell.failed += 1
        elif b'"problems":[]' in body:
            cell.whole += 1
        else:
            cell.partial += 1
    writer.close()


if __name__ == "__main__":
    sys.exit(main())
