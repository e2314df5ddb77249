"""Serving starts both apps or says why not, and leaves no process behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.running import ROOT, ServerError, free_port, start

Served = subprocess.Popen[str]


@pytest.fixture
def ports() -> dict[str, str]:
    return {"FLASK_PORT": str(free_port()), "FASTAPI_PORT": str(free_port())}


@pytest.fixture
def served(ports: dict[str, str]) -> Iterator[Served]:
    with serve(ports) as process:
        try:
            read_until(process, "ready in")
            yield process
        finally:
            process.terminate()


def serve(ports: dict[str, str]) -> Served:
    return subprocess.Popen(
        [sys.executable, "-m", "servers.serve"],
        cwd=ROOT,
        env=os.environ | ports,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: Served, text: str) -> None:
    assert process.stdout
    assert any(text in line for line in process.stdout), f"the output ended without {text!r}"


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of each running process."""
    table = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(maxsplit=3) for line in table.stdout.splitlines())
    return {int(row[0]): (int(row[1]), row[-1]) for row in rows if not row[2].startswith("Z")}


def descendants(pid: int) -> dict[int, str]:
    """The command line of each process that `pid` has started, directly or not."""
    found: dict[int, str] = {}
    for child, (parent, command) in processes().items():
        if parent == pid:
            found |= {child: command, **descendants(child)}
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(served: Served, number: signal.Signals) -> None:
    started = descendants(served.pid)
    assert len(started) == 3, "gunicorn, its worker, uvicorn"
    served.send_signal(number)
    assert served.wait(10) == 0
    assert not started.keys() & processes().keys()


@pytest.mark.parametrize(("victim", "server"), [("flask", "gunicorn"), ("fastapi", "uvicorn")])
def test_when_one_server_dies_the_other_is_stopped_and_the_dead_one_is_named(
    served: Served, victim: str, server: str
) -> None:
    started = descendants(served.pid)
    # Where setproctitle is installed, gunicorn's processes name themselves.
    os.kill(min(pid for pid in started if server in started[pid]), signal.SIGKILL)
    output, _ = served.communicate(timeout=10)
    assert f"{victim} was ended by SIGKILL" in output
    assert served.returncode == 1
    assert not started.keys() & processes().keys()


def test_a_busy_port_is_reported_with_its_holder_before_anything_starts(
    ports: dict[str, str],
) -> None:
    busy = ports["FASTAPI_PORT"]
    with socket.create_server(("127.0.0.1", int(busy))), serve(ports) as process:
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 2
    assert f"port {busy} is busy: held by process {os.getpid()}, " in output
    assert "gunicorn" not in output


@pytest.mark.parametrize(
    "name",
    [
        "flask",
        "fastapi",
        pytest.param("fastapi-workers", marks=pytest.mark.slow),
        pytest.param("fastapi-reload", marks=pytest.mark.slow),
    ],
)
def test_an_app_that_cannot_be_made_is_reported_at_once_with_the_reason(
    name: str, tmp_path: Path
) -> None:
    server = start(name, log_path=tmp_path / "log", environ={"SERVED_BY": "perhaps"})
    with server, pytest.raises(ServerError, match="SERVED_BY: 'perhaps' is neither 0 nor 1"):
        server.wait_ready(10)
