"""Serve both apps until Ctrl-C: `python -m servers.serve`, or the servings that are named.

Flask is at port 5001, FastAPI at 8001 and what is between them at 8003; FLASK_PORT, FASTAPI_PORT
and HYBRID_PORT change them. MIGRATED names the topics that FastAPI answers in between. Each has a
database of its own, with the same things in it, so that both answer alike; --shared gives them one,
and DATABASE_URL another one. When one of them dies the other is stopped as well. --site serves the
reading site beside them, at port 8080 or SITE_PORT, and lets its pages read the apps' answers.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from queue import SimpleQueue

from migration.topics import UnknownTopic, parse
from servers.ports import holder, is_busy
from servers.running import ROOT, Running, ServerError, launch, stop_all
from servers.servings import DEFAULTS, SERVINGS
from servers.site import Site
from servers.upstream import StandIn
from shared.database import Database
from shared.schema import prepare
from shared.seed import seed
from shared.settings import Settings, SettingsError

PORTS = {
    "flask": ("FLASK_PORT", 5001),
    "fastapi": ("FASTAPI_PORT", 8001),
    "site": ("SITE_PORT", 8080),
    "hybrid": ("HYBRID_PORT", 8003),
}
COLOURS = {"flask": "\033[36m", "fastapi": "\033[32m", "hybrid": "\033[35m"}
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(frozen=True)
class Event:
    """What `serve` waits for: `server` is ready, or failed, or there is none: time to stop."""

    server: Running | Site | None = None
    failure: str = ""


Events = SimpleQueue[Event]


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop: 0. When a server dies: 1. When none could be started: 2."""
    parser = argparse.ArgumentParser(prog="python -m servers.serve", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SERVING", help=", ".join(SERVINGS))
    parser.add_argument("--shared", action="store_true", help="one database for both")
    parser.add_argument("--site", action="store_true", help="the reading site beside them")
    options = parser.parse_args(arguments)
    names = options.names or list(DEFAULTS)
    try:
        parse(os.environ.get("MIGRATED", ""))
        ports = choose_ports(names)
        site_port = choose_port("site", ports.values()) if options.site else None
        return serve(ports, choose_databases(names, shared=options.shared), site_port)
    except (ServerError, SettingsError, UnknownTopic) as error:
        print(error, file=sys.stderr)
        return 2


def choose_ports(names: list[str]) -> dict[str, int]:
    """The port of each serving in `names`. Raises ServerError if one cannot be had."""
    ports: dict[str, int] = {}
    for name in names:
        if name not in SERVINGS:
            raise ServerError(f"there is no serving {name!r}; there are: {', '.join(SERVINGS)}")
        ports[name] = choose_port(SERVINGS[name].app, ports.values())
    return ports


def choose_port(app: str, taken: Collection[int]) -> int:
    """The port of an app, or of the site. Raises ServerError if it cannot be had."""
    variable, default = PORTS[app]
    value = os.environ.get(variable) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ServerError(f"{variable} must be a port, 1 to 65535, not {value!r}")
    if int(value) in taken:
        raise ServerError(f"two servers cannot share port {value}; see {variable}")
    if is_busy(int(value)):
        raise ServerError(
            f"port {value} is busy: {holder(int(value))}.\n"
            f"Stop that, or choose another port with {variable}=..."
        )
    return int(value)


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


def origins(site: Site) -> str:
    """The origins whose pages may read the answers: those of the settings, and the site's."""
    given = Settings.from_environ(os.environ).cors_origins
    return ",".join(dict.fromkeys((*given, *site.origins)))


def serve(ports: dict[str, int], databases: dict[str, str], site_port: int | None = None) -> int:
    """Run each serving on its port and pass on what it logs; the exit status is that of `main`."""
    events: Events = SimpleQueue()
    for number in STOPPING:
        signal.signal(number, lambda *_: events.put(Event()))
    began = time.monotonic()
    # The servers see a pipe, where a person may read.
    readable = {"LOG_FORMAT": "text"} if sys.stdout.isatty() else {}
    common = {"UPSTREAM_URL": choose_services(), **readable}
    site = None
    if site_port:
        site = Site(site_port, {SERVINGS[name].app: port for name, port in ports.items()})
        common["CORS_ORIGINS"] = origins(site)
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
    if site:
        in_background(attend_site, site, events)
    try:
        last = watch(servers, events, began, site)
    finally:  # also when nobody reads what it says
        stop_all(servers)
        if site:
            site.close()
    for log in logs:
        log.join(1)
    if last.failure:
        print(f"\n{last.failure}: everything is stopped", file=sys.stderr)
    else:
        print("\nstopped", flush=True)
    return 1 if last.failure else 0


def watch(servers: list[Running], events: Events, began: float, site: Site | None = None) -> Event:
    """Say when all servers are ready; return the event that ends the serving."""
    waiting = len(servers) + bool(site)
    while True:
        event = events.get()
        if event.server is None or event.failure:
            return event
        waiting -= 1
        if not waiting:
            places = "   ".join(f"{server.name} {server.url}" for server in servers)
            if site:
                places = f"site {site.url}   {places}"
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


def attend_site(site: Site, events: Events) -> None:
    """Report that the pages are built, or why they cannot be."""
    try:
        site.wait()
        events.put(Event(site))
    except ServerError as error:
        events.put(Event(site, str(error)))


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
