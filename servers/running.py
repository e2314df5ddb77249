"""Start a serving, wait until it answers, stop it and everything it started.

    with start("flask", log_path=tmp / "flask.log") as server:
        server.wait_ready()
        requests.get(server.url + "/health")

Several servers start in the time of one: `start` them all first, then `wait_ready` each; they
stop in the time of one by `stop_all`.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from servers.servings import GRACE, SERVINGS

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
TRACEBACK = "Traceback (most recent call last)"
POLL = 0.02  # seconds between two looks at a server that starts or stops
WINDOWS = "gunicorn does not run on Windows. Use WSL: `wsl --install`, then clone and start there."

# What would change a command line from outside; `environ=` can still set any of them.
FOREIGN = ("FLASK_", "GUNICORN_", "UVICORN_", "WERKZEUG_", "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS")

# No line for each request; LOG_LEVEL=INFO in `environ=` brings them.
QUIET = {"LOG_LEVEL": "WARNING"}

_taken: set[int] = set()


class ServerError(Exception):
    """A server could not be started, died, or did not get ready in time."""


@dataclass
class Running:
    """A server that has been started; `stop` it, or use it as a context manager."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log_path: Path | None = None
    stopped: bool = False

    @property
    def app(self) -> str:
        """Which app it serves: "flask" or "fastapi"."""
        return SERVINGS[self.name].app

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def wait_ready(self, timeout: float = 15) -> None:
        """Return as soon as GET /health answers 200.

        `timeout` is in seconds. Raises ServerError, with the end of the log, when the time is
        over, and at once when the process dies or its log shows a traceback: a server with
        several workers or with reload outlives an app that cannot be imported.
        """
        deadline = time.monotonic() + timeout
        log = ""
        while not self._answers():
            before, log = log, self._log()
            if self.process.poll() is not None:
                raise ServerError(f"{self.name} {self.ending()}{self._log_tail()}")
            if TRACEBACK in log and log == before:
                raise ServerError(f"{self.name} cannot start the app{self._log_tail()}")
            if time.monotonic() > deadline:
                late = f"{self.name} did not answer GET {self.url}/health within {timeout:g} s"
                raise ServerError(late + self._log_tail())
            time.sleep(POLL)

    def stop(self, grace: float = GRACE + 1) -> None:
        """Stop the server and whatever it started; when this returns nothing is left.

        SIGTERM goes to the server, which has `grace` seconds to finish running requests; then the
        whole process group is killed. Close kept-alive connections first: gunicorn's threads wait
        2 s for a last request on each. Stopping twice does no harm.
        """
        stop_all([self], grace)

    def kill(self) -> None:
        """Kill the server and whatever it started, at once."""
        if self.stopped:  # by now the group's number may be somebody else's
            return
        kill_group(self.process)
        self.stopped = True
        _taken.discard(self.port)

    def ending(self) -> str:
        """How the process ended, in words: "exited with status 3", "was ended by SIGKILL"."""
        status = self.process.returncode
        if status is None:
            return "is still running"
        if status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        return f"exited with status {status}"

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/health", headers={"Connection": "close"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _log(self) -> str:
        return self.log_path.read_text("utf-8", "replace") if self.log_path else ""

    def _log_tail(self, lines: int = 30) -> str:
        return (
            "; its log ends:\n" + "\n".join(log[-lines:])
            if (log := self._log().splitlines())
            else ""
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def stop_all(servers: Iterable[Running], grace: float = GRACE + 1) -> None:
    """Stop several servers in the time of one, each as `Running.stop` does."""
    servers = list(servers)
    deadline = time.monotonic() + grace
    for server in servers:
        if server.process.poll() is None:
            server.process.terminate()
    for server in servers:
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(max(deadline - time.monotonic(), 0))
        server.kill()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the group that a process leads, at once; when this returns nothing is left of it."""
    deadline = time.monotonic() + 2
    # The group outlives its leader as long as one worker does. A permission error is macOS's
    # way to say that only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.poll()
            time.sleep(POLL / 4)
    process.wait()


def start(
    name: str,
    *,
    log_path: Path,
    port: int | None = None,
    environ: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> Running:
    """Start the serving `name` on 127.0.0.1 and return at once.

    Without `port` a free one is taken. `environ` is added to the caller's environment; without a
    DATABASE_URL there, the database is a new file beside the log. The server writes to `log_path`,
    requests not included. `root` is the folder that holds the apps: a changed copy of the
    repository is served by naming it. Raises ServerError for an unknown name and on Windows.
    """
    own = {"DATABASE_URL": f"sqlite:///{log_path.absolute()}.db"} | QUIET | dict(environ or {})
    with log_path.open("wb") as log:
        process = launch(name, port := port or free_port(), log, own, root=root)
    return Running(name, port, process, log_path)


def launch(
    name: str,
    port: int,
    output: int | IO[bytes],
    environ: Mapping[str, str] | None = None,
    *,
    root: Path = ROOT,
) -> subprocess.Popen[bytes]:
    """Start the process alone: its own session, both its outputs going to `output`."""
    if os.name == "nt":
        raise ServerError(WINDOWS)
    if name not in SERVINGS:
        raise ServerError(f"there is no serving {name!r}; there are: {', '.join(SERVINGS)}")
    return subprocess.Popen(
        SERVINGS[name].command(port),
        cwd=root,
        env=dict(_clean_environ(), **environ or {}),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on and that was not given out before."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in _taken:
            _taken.add(port)
            return port


def _clean_environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "PYTHONUNBUFFERED": "1"}
