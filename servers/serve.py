"""Serve both apps until Ctrl-C: `python -m servers.serve`, or the servings that are named.

Flask is at port 5001 and FastAPI at 8001; FLASK_PORT and FASTAPI_PORT change them. Each has a
database of its own, with the same things in it, so that both answer alike; --shared gives them one,
and DATABASE_URL another one. When one of them dies the other is stopped as well.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from servers.ports import holder, is_busy
from servers.running import ROOT, Running, ServerError, launch, stop_all
from servers.servings import DEFAULTS, SERVINGS
from servers.upstream import StandIn
from shared.database import Database
from shared.schema import prepare
from shared.seed import seed
from shared.settings import Settings, SettingsError

PORTS = {"flask": ("FLASK_PORT", 5001), "fastapi": ("FASTAPI_PORT", 8001)}
COLOURS = {"flask": "\033[36m", "fastapi": "\033[32m"}
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(frozen=True)
class Event:
    """What `serve` waits for: `server` is ready, or failed, or there is none: time to stop."""

    server: Running | None = None
    failure: str = ""


Events = SimpleQueue[Event]


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop: 0. When a server dies: 1. When none could be started: 2."""
    parser = argparse.ArgumentParser(prog="python -m servers.serve", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SERVING", help=", ".join(SERVINGS))
    parser.add_argument("--shared", action="store_true", help="one database for both")
    options = parser.parse_args(arguments)
    names = options.names or list(DEFAULTS)
    try:
        ports = choose_ports(names)
        return serve(ports, choose_databases(names, shared=options.shared))
    except (ServerError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2


def choose_ports(names: list[str]) -> dict[str, int]:
    """The port of each serving in `names`. Raises ServerError if one cannot be had."""
    ports: dict[str, int] = {}
    for name in names:
        if name not in SERVINGS:
            raise ServerError(f"there is no serving {name!r}; there are: {', '.join(SERVINGS)}")
        variable, default = PORTS[SERVINGS[name].app]
        value = os.environ.get(variable) or str(default)
        if not value.isdecimal() or not 0 < int(value) < 65536:
            raise ServerError(f"{variable} must be a port, 1 to 65535, not {value!r}")
        if int(value) in ports.values():
            raise ServerError(f"two servers cannot share port {value}; see {variable}")
        if is_busy(int(value)):
            raise ServerError(
                f"port {value} is busy: {holder(int(value))}.\n"
                f"Stop that, or choose another port with {variable}=..."
            )
        ports[name] = int(value)
    return ports


def choose_databases(names: list[str], *, shared: bool) -> dict[str, str]:
    """The URL of each serving's database. One that is given by a setting is everybody's as it is;
    the others are files in data/, filled here. Raises SettingsError for settings of no use.
    """
    given = Settings.from_environ(os.environ).database_url
    if "DATABASE_URL" in os.environ or given != Settings.database_url:
        return dict.fromkeys(names, given)
    files = {name: "shop" if shared else SERVINGS[name].app for name in names}
    urls = {name: f"sqlite:///{ROOT / 'data' / file}.db" for name, file in files.items()}
    for url in set(urls.values()):
        fill(url)
    return urls


def fill(url: str) -> None:
    """Create the database's tables where they are missing, and what is to be seen in the shop."""
    prepare(Settings(database_url=url))
    database = Database(url)
    seed(database)
    database.close()


def choose_services() -> str:
    """The URL of the services that the apps ask: a stand-in, here, unless a setting names one."""
    given = Settings.from_environ(os.environ).upstream_url
    if "UPSTREAM_URL" in os.environ or given != Settings.upstream_url:
        return given
    return StandIn().url


def serve(ports: dict[str, int], databases: dict[str, str]) -> int:
    """Run each serving on its port and pass on what it logs; the exit status is that of `main`."""
    events: Events = SimpleQueue()
    for number in STOPPING:
        signal.signal(number, lambda *_: events.put(Event()))
    began = time.monotonic()
    # The servers see a pipe, where a person may read.
    readable = {"LOG_FORMAT": "text"} if sys.stdout.isatty() else {}
    common = {"UPSTREAM_URL": choose_services(), **readable}
    servers = [
        Running(
            name,
            port,
            launch(name, port, subprocess.PIPE, {"DATABASE_URL": databases[name], **common}),
        )
        for name, port in ports.items()
    ]
    logs = [in_background(forward_log, server, servers, events) for server in servers]
    for server in servers:
        in_background(attend, server, events)
    try:
        last = watch(servers, events, began)
    finally:  # also when nobody reads what it says
        stop_all(servers)
    for log in logs:
        log.join(1)
    if last.failure:
        print(f"\n{last.failure}: everything is stopped", file=sys.stderr)
    else:
        print("\nstopped", flush=True)
    return 1 if last.failure else 0


def watch(servers: list[Running], events: Events, began: float) -> Event:
    """Say when all servers are ready; return the event that ends the serving."""
    waiting = len(servers)
    while True:
        event = events.get()
        if event.server is None or event.failure:
            return event
        waiting -= 1
        if not waiting:
            places = "   ".join(f"{server.name} {server.url}" for server in servers)
            took = time.monotonic() - began
            print(
                f"\n  {places}   (ready in {took:.1f} s; their pages are at /docs; Ctrl-C stops)\n",
                flush=True,
            )


def attend(server: Running, events: Events) -> None:
    """Report that the server is ready, and later on that it has ended."""
    try:
        server.wait_ready()
        events.put(Event(server))
        server.process.wait()
        events.put(Event(server, f"{server.name} {server.ending()}"))
    except ServerError as error:
        events.put(Event(server, str(error)))


def forward_log(server: Running, servers: list[Running], events: Events) -> None:
    """Print what the server logs, each line after the server's name."""
    name = server.name.ljust(max(len(other.name) for other in servers))
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        name = f"{COLOURS[server.app]}{name}\033[0m"
    try:
        for line in server.process.stdout or ():
            sys.stdout.write(f"{name} | {line.decode(errors='replace')}")
            sys.stdout.flush()
    except OSError:  # nobody reads our output any more
        events.put(Event())


def in_background(work: Callable[..., None], *arguments: object) -> threading.Thread:
    """Run `work` in a thread that does not keep the process alive."""
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


if __name__ == "__main__":
    sys.exit(main())
