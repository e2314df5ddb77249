"""The other way to be in the middle: nginx before two servers. Prints its configuration.

`python -m migration.nginx cookies,users --listen 127.0.0.1:8080` sends the paths of these topics to
FastAPI and all others to Flask.
"""

import argparse
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from fastapi.routing import APIRoute

from fastapi_app.routes import routers
from migration.topics import UnknownTopic, parse

TEMPLATE = Path(__file__).with_name("nginx.conf")
GROUP = re.compile(r"\(\?P<\w+>")


def configuration(moved: Collection[str], *, listen: str, flask: str, fastapi: str) -> str:
    """The configuration; the addresses are `host:port`, and `moved` are slugs of topics."""
    lines = [f'        "~{pattern}" fastapi;' for pattern in patterns(moved)]
    text = TEMPLATE.read_text("utf-8")
    values = {"listen": listen, "flask": flask, "fastapi": fastapi, "moved": "\n".join(lines)}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def patterns(moved: Collection[str]) -> Iterator[str]:
    """A regular expression for each path of these topics; methods share it."""
    routes = (
        route
        for router in routers
        if router.tags[0] in moved
        for route in router.routes
        if isinstance(route, APIRoute)
    )
    yield from dict.fromkeys(GROUP.sub("(", route.path_regex.pattern) for route in routes)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m migration.nginx", description=__doc__)
    parser.add_argument("migrated", nargs="?", default="", metavar="MIGRATED")
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="HOST:PORT")
    parser.add_argument("--flask", default="127.0.0.1:5001", metavar="HOST:PORT")
    parser.add_argument("--fastapi", default="127.0.0.1:8001", metavar="HOST:PORT")
    options = parser.parse_args()
    try:
        moved = parse(options.migrated)
    except UnknownTopic as error:
        print(error, file=sys.stderr)
        return 2
    addresses = {name: getattr(options, name) for name in ("listen", "flask", "fastapi")}
    print(configuration(moved, **addresses), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
