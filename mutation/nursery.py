"""Servers that start in a fraction of the time: their libraries are imported once.

A helper process imports what both servings need beside the apps, and forks for each start; the
child then runs the very command line of `servers.servings`. Nothing of the apps is imported
before the fork, so a changed copy behaves as it does when it is started alone.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from mutation import coverage
from servers.running import HOST, POLL, free_port
from servers.servings import SERVINGS

ROOT = Path(__file__).resolve().parent.parent
OWN = ("flask_app", "fastapi_app", "shared", "compat", "servers", "mutation", "contract_tests")
# gunicorn notes the working directory when it is imported, so it is left to each child.
NOT_SHARED = (*OWN, "gunicorn", "__")
# What the servers import only when they run.
LATE = (
    "uvicorn.__main__",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
)
PROBE = """
import sys, importlib
from servers import asgi, wsgi
asgi.create_app(), wsgi.create_app()
for name in sys.argv[1:]: importlib.import_module(name)
print(*sys.modules)
"""


class NotStarted(Exception):
    """A server died, or did not answer in time; the end of its log."""


class Nursery:
    """Starts servers from any copy of the repository. Use it as a context manager."""

    def __init__(self, environ: dict[str, str]) -> None:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, *LATE],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        names = [name for name in done.stdout.split() if not name.startswith(NOT_SHARED)]
        self._helper = subprocess.Popen(
            [sys.executable, "-m", "mutation.nursery", *names],
            cwd=ROOT,
            env={**os.environ, **environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        """The helper ends with its input, and takes every server with it."""
        assert self._helper.stdin is not None and self._helper.stdout is not None
        self._helper.stdin.close()
        self._helper.wait()
        self._helper.stdout.close()

    def start(
        self, name: str, root: Path, log_path: Path, *, trace: Sequence[str] = (), wait: float = 10
    ) -> Child:
        """Start a serving and return when it answers anything at all. Raises NotStarted.

        `trace` are the files of `mutation.coverage.trace`; `wait` is in seconds.
        """
        child = Child(self, name, root, log_path, trace)
        try:
            child.wait_answer(time.monotonic() + wait)
        except NotStarted:
            child.kill()
            raise
        return child

    def ask(self, **command: Any) -> Any:
        """One command to the helper and its answer."""
        assert self._helper.stdin is not None and self._helper.stdout is not None
        self._helper.stdin.write(json.dumps(command) + "\n")
        self._helper.stdin.flush()
        return json.loads(self._helper.stdout.readline())


class Child:
    """A server that the nursery started."""

    def __init__(
        self, nursery: Nursery, name: str, root: Path, log_path: Path, trace: Sequence[str]
    ) -> None:
        self._nursery, self._port, self._log_path = nursery, free_port(), log_path
        self.url = f"http://{HOST}:{self._port}"
        module, *options = SERVINGS[name].command(self._port)[2:]
        log_path.write_bytes(b"")
        self._pid = nursery.ask(
            do="start",
            module=module,
            options=options,
            root=str(root),
            log=str(log_path),
            trace=list(trace),
        )

    def wait_answer(self, deadline: float) -> None:
        while not self._answers():
            if self._nursery.ask(do="gone", pid=self._pid) or time.monotonic() > deadline:
                raise NotStarted(self._log_path.read_text("utf-8", "replace")[-2000:])
            time.sleep(POLL)

    def kill(self) -> None:
        """End it and what it started, at once."""
        self._nursery.ask(do="kill", pid=self._pid)

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self._port, timeout=2)
        try:
            connection.request("GET", "/health", headers={"Connection": "close"})
            return bool(connection.getresponse().status)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _serve() -> None:
    """The helper: one JSON command a line on standard input, one JSON answer a line."""
    for name in sys.argv[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    running: set[int] = set()
    # `readline`: a forked child must find nothing of the next commands in a buffer.
    for line in iter(sys.stdin.readline, ""):
        command = json.loads(line)
        if command["do"] == "start":
            answer = _fork(command)
            running.add(answer)
        elif command["do"] == "gone":
            answer = os.waitpid(command["pid"], os.WNOHANG)[0]
            if answer:
                _end_group(answer)
                running.remove(answer)
        else:
            answer = _kill(command["pid"], running)
        print(json.dumps(answer), flush=True)
    for pid in list(running):
        _kill(pid, running)


def _kill(pid: int, running: set[int]) -> int:
    if pid in running:
        _end_group(pid)
        os.waitpid(pid, 0)
        running.remove(pid)
    return pid


def _end_group(pid: int) -> None:
    # A permission error is macOS's way to say that only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _fork(command: dict[str, Any]) -> int:
    if pid := os.fork():
        with contextlib.suppress(OSError):  # the child has done it, or is gone
            os.setpgid(pid, pid)
        return pid
    try:
        _become(command)
        os._exit(0)
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _become(command: dict[str, Any]) -> None:
    """Turn this process into `python -m module options`, run in `root`."""
    os.setpgid(0, 0)
    log = os.open(command["log"], os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(command["root"])
    sys.path[0] = command["root"]
    for name in [name for name in sys.modules if name.partition(".")[0] in OWN]:
        del sys.modules[name]
    importlib.invalidate_caches()
    module = command["module"]
    sys.argv = [module, *command["options"]]
    sys.modules.pop(f"{module}.__main__", None)
    if command["trace"]:
        coverage.trace(command["root"] + os.sep, *command["trace"])
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
