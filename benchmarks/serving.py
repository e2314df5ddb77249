"""Servers of the benchmark: the commands of servers/servings.py, with other apps behind them."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks import processes
from servers.running import HOST, ROOT, free_port, kill_group
from servers.servings import GUNICORN, THREADS, UVICORN

WSGI_ENTRY = "benchmarks.entry_wsgi:create_app"
ASGI_ENTRY = "benchmarks.entry_asgi:create_app"
GRANIAN = (
    "granian",
    "--host={host}",
    "--port={port}",
    "--workers=1",
    "--no-ws",
    "--http=1",
    "--backlog=2048",
    "--factory",
    "--log-level=error",
)
# Name of a server -> its words. The commands differ from those of the servings in the app alone.
SERVERS: dict[str, tuple[str, ...]] = {
    "gunicorn": (
        *GUNICORN,
        "--worker-class=gthread",
        f"--threads={THREADS}",
        "--backlog=2048",
        f"{WSGI_ENTRY}()",
    ),
    "gunicorn-sync": (*GUNICORN, "--worker-class=sync", f"{WSGI_ENTRY}()"),
    "gunicorn-256": (
        *GUNICORN,
        "--worker-class=gthread",
        "--threads=256",
        "--backlog=2048",
        f"{WSGI_ENTRY}()",
    ),
    "uvicorn": (*UVICORN, "--no-access-log", ASGI_ENTRY),
    "granian-wsgi": (
        *GRANIAN,
        "--interface=wsgi",
        f"--blocking-threads={THREADS}",
        WSGI_ENTRY,
    ),
    "granian-asgi": (*GRANIAN, "--interface=asgi", "--loop=uvloop", ASGI_ENTRY),
}
FOREIGN = ("GUNICORN_", "UVICORN_", "GRANIAN_")
USUAL = {"flask": "gunicorn", "fastapi": "uvicorn"}


class NotReady(Exception):
    """A server did not answer in time."""


@dataclass
class Server:
    """A server that has been started."""

    command: list[str]
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    began: float

    @property
    def pid(self) -> int:
        return self.process.pid

    def get(self, path: str) -> int:
        """The status of an answer to GET `path`; 0 if there is none."""
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def is_open(self) -> bool:
        """Whether anybody listens. Raises NotReady once the process has ended."""
        if self.process.poll() is not None:
            raise NotReady(self.log.read_text("utf-8", "replace"))
        with socket.socket() as probe:
            probe.settimeout(5)
            return probe.connect_ex((HOST, self.port)) == 0

    def pause(self) -> None:
        """Between two looks."""
        time.sleep(0.05)

    def wait(self, path: str = "/health", timeout: float = 60) -> tuple[float, float]:
        """Return with the first 200: seconds, and seconds of processor time, since the start."""
        while self.get(path) != 200:
            if time.perf_counter() - self.began > timeout or self.process.poll() is not None:
                raise NotReady(
                    f"{' '.join(self.command)}\n{self.log.read_text('utf-8', 'replace')}"
                )
            time.sleep(0.005)
        return time.perf_counter() - self.began, processes.cpu(self.pid)


def command(server: str, port: int) -> list[str]:
    """The command line of a server, to be run in the root of the repository."""
    values = {"host": HOST, "port": port, "workers": 1}
    program, *options = (word.format(**values) for word in SERVERS[server])
    return [sys.executable, "-m", program, *options]


@contextlib.contextmanager
def serve(server: str, app: str, environ: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Start a server with an app of the benchmark; at the end nothing is left of it."""
    port = free_port()
    words = command(server, port)
    with serve_words(f"{server}-{app}", words, port, {**environ, "BENCHMARK": app}, folder) as made:
        yield made


@contextlib.contextmanager
def serve_words(
    name: str, words: list[str], port: int, environ: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    """Start a server by its command line, and stop it at the end."""
    log = folder / f"{name}-{port}.log"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env={**kept, **environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Server(words, port, process, log, began)
    finally:
        kill_group(process)
