"""Check this machine: `python -m servers.doctor`. Exit status 1 if something stands in the way."""

import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from servers.ports import holder, is_busy
from servers.running import HOST, WINDOWS, Running, ServerError, start, stop_all
from servers.serve import PORTS
from servers.servings import DEFAULTS

OLDEST = (3, 11)
WORKSHOP_PORT = ("WORKSHOP_PORT", 8002)
NATIVE = {"httptools": "httptools", "uvloop": "uvloop", "pydantic-core": "pydantic_core"}


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found and, where that is a problem, the cure."""

    subject: str
    found: str
    cure: str = ""


def main() -> int:
    """Print one line for each finding; 0 if all are well."""
    problems = 0
    for finding in examine():
        mark = "problem" if finding.cure else "ok"
        print(f"{mark:8} {finding.subject:18} {finding.found}", flush=True)
        if finding.cure:
            problems += 1
            print(f"{'':8} {'':18} -> {finding.cure}", flush=True)
    print(
        f"\n{problems} problem(s)" if problems else "\nEverything is there: make serve, make test"
    )
    return 1 if problems else 0


def examine() -> Iterator[Finding]:
    """Yield each finding as soon as it is known."""
    yield check_python()
    yield check_system()
    yield from map(check_package, NATIVE)
    if os.name != "nt":
        yield check_postgresql()
    yield from (check_port(variable, default) for variable, default in PORTS.values())
    yield check_port(*WORKSHOP_PORT, command="make workshop")
    if os.name != "nt":
        yield from check_servers()


def check_python() -> Finding:
    """The interpreter that runs this."""
    found = f"{platform.python_version()} ({sys.executable})"
    cure = "" if sys.version_info >= OLDEST else "make clean, then make PYTHON=python3.12 setup"
    return Finding("Python", found, cure)


def check_system() -> Finding:
    """The operating system."""
    found = f"{platform.system()} {platform.release()} ({platform.machine()})"
    return Finding("system", found, WINDOWS if os.name == "nt" else "")


def check_package(name: str) -> Finding:
    """A package with compiled parts: installed, and made for this machine."""
    try:
        importlib.import_module(NATIVE[name])
        return Finding(name, version(name))
    except (ImportError, PackageNotFoundError) as error:
        return Finding(name, f"cannot be loaded: {error}", "make clean, then make setup")


def check_postgresql() -> Finding:
    """The PostgreSQL that `make contract DATABASE=postgresql` would start."""
    from servers import postgresql  # not on Windows

    try:
        found = postgresql.find()
        return Finding("PostgreSQL", f"{found.version} ({found.folder})")
    except ServerError as error:
        return Finding("PostgreSQL", "none", str(error))


def check_port(variable: str, default: int, command: str = "make serve") -> Finding:
    """A port that a command wants."""
    port = int(os.environ.get(variable) or default)
    if is_busy(port):
        cure = f"stop that, or choose another port: {command} {variable}={port + 1000}"
        return Finding(f"port {port}", f"busy: {holder(port)}", cure)
    return Finding(f"port {port}", "free")


def check_servers() -> Iterator[Finding]:
    """Start both default servings on free ports and ask each for its first page."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        servers = [start(name, log_path=Path(folder, name)) for name in DEFAULTS]
        try:
            for server in servers:
                yield check_server(server, began)
        finally:
            stop_all(servers)


def check_server(server: Running, began: float) -> Finding:
    """Whether a started server gets ready and answers GET /."""
    try:
        server.wait_ready()
        took = time.monotonic() - began
        status, body = fetch(server.port)
    except (ServerError, OSError) as error:
        return Finding(f"{server.name} server", "does not start", str(error))
    found = f"ready after {took:.1f} s, GET / answered {status} {body[:60]!r}"
    cure = "" if status == 200 else f"make contract TOPIC=hello shows more; {server.name} is broken"
    return Finding(f"{server.name} server", found, cure)


def fetch(port: int) -> tuple[int, str]:
    """Status and body of GET /."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
