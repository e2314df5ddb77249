"""Both apps in one browser, each with a database and a secret of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from servers.running import Running, start, stop_all

PASSWORD = "correct horse battery staple"
WAIT = 30.0  # seconds


@contextmanager
def apps(folder: Path, names: Mapping[str, str]) -> Iterator[list[Running]]:
    """A server for each app, whose session cookie has this name."""
    servers = list[Running]()
    try:
        for app, name in names.items():
            environ = {
                "DATABASE_URL": f"sqlite:///{folder / app}.db",
                "SECRET_KEY": uuid.uuid4().hex,
                "SESSION_COOKIE_NAME": name,
            }
            servers.append(start(app, log_path=folder / f"{app}.log", environ=environ))
        for server in servers:
            server.wait_ready(WAIT)
        yield servers
    finally:
        stop_all(servers)


def log_in(browser: requests.Session, server: Running) -> None:
    account = {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD}
    browser.post(f"{server.url}/accounts", json=account, timeout=WAIT).raise_for_status()
    browser.post(f"{server.url}/session", json=account, timeout=WAIT).raise_for_status()


@pytest.mark.parametrize(
    ("names", "statuses"),
    [
        ({"flask": "flask_session", "fastapi": "fastapi_session"}, [200, 200]),
        ({"flask": "session", "fastapi": "session"}, [401, 200]),
    ],
    ids=["two names", "one name"],
)
def test_logins_at_two_apps_go_side_by_side_if_their_cookies_have_two_names(
    tmp_path: Path, names: dict[str, str], statuses: list[int]
) -> None:
    with apps(tmp_path, names) as servers, requests.Session() as browser:
        browser.trust_env = False
        for server in servers:
            log_in(browser, server)
        assert {cookie.name for cookie in browser.cookies} == set(names.values())
        answers = [browser.get(f"{server.url}/session", timeout=WAIT) for server in servers]
        assert [answer.status_code for answer in answers] == statuses
        browser.delete(f"{servers[1].url}/session", timeout=WAIT).raise_for_status()
        first = browser.get(f"{servers[0].url}/session", timeout=WAIT)
        assert first.status_code == statuses[0]
