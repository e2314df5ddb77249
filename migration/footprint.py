"""A pytest plugin: which topics the tests of each topic turn to, and a choice among the tests.

Two runs of a test are the same experiment where the same app answers each of its requests. What a
test asks for does not depend on who answers, so it is looked at once, on one step.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter

from contract_tests.conftest import CASE, TARGET
from contract_tests.exchange import RUN, Exchange
from flask_app.app import create_app
from shared.settings import Settings

REQUEST_LINE = re.compile(rb"^\S+ (\S+) HTTP/1\.[01]\r?$", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("migration")
    group.addoption("--footprints", type=Path, metavar="FILE", help="write what each topic touches")
    group.addoption(
        "--only", type=Path, metavar="FILE", help="a JSON list of the [topic, target] to run"
    )


def pytest_configure(config: pytest.Config) -> None:
    if file := config.getoption("--footprints"):
        config.pluginmanager.register(Footprint(file))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the topics that a target need not be asked."""
    if not (file := config.getoption("--only")):
        return
    wanted = {(topic, target) for topic, target in json.loads(file.read_text("utf-8"))}
    kept, others = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        cell = item.stash[CASE].topic, item.stash[TARGET].name
        (kept if cell in wanted else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = kept


class Footprint:
    """Looks at the requests of each test once it has run."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.urls = urls(create_app(Settings()))
        self.found: dict[str, set[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.when == "call" and RUN in item.stash:
            touched = self.found.setdefault(item.stash[CASE].topic, set())
            for exchange in item.stash[RUN].exchanges:
                touched.update(topics(self.urls, exchange))

    def pytest_sessionfinish(self) -> None:
        found = {topic: sorted(touched) for topic, touched in self.found.items()}
        self.file.write_text(json.dumps(found), "utf-8")


def urls(flask: Flask) -> MapAdapter:
    return flask.url_map.bind("")


def topics(urls: MapAdapter, exchange: Exchange) -> Iterator[str]:
    """The topics that have routes for the path of an exchange."""
    for target in targets(exchange):
        path = unquote(urlsplit(target).path)
        for method in urls.allowed_methods(path):
            with suppress(NotFound, MethodNotAllowed):  # a value that no converter takes
                yield urls.match(path, method)[0].partition(".")[0]


def targets(exchange: Exchange) -> list[str]:
    """What was asked for, several addresses where raw bytes hold several requests."""
    if isinstance(exchange.request, bytes):
        return [found.decode("latin-1") for found in REQUEST_LINE.findall(exchange.request)]
    return [exchange.request.path_url] if exchange.request is not None else []
