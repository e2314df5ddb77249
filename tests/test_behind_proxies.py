"""Behind proxies that both apps trust, they tell the same addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
from starlette.types import Receive, Scope, Send

from compat.environ import FlaskEnviron, sent
from compat.proxies import ProxyFix
from servers.running import Running, start


@pytest.fixture(scope="module", params=[1, 2], ids=["one", "two"])
def apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, list[Running]]]:
    logs = tmp_path_factory.mktemp("logs")
    environ = {"TRUSTED_PROXIES": str(request.param)}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(start(name, environ=environ, log_path=logs / name))
            for name in ("flask", "fastapi")
        ]
        for server in servers:
            server.wait_ready(30)
        yield request.param, servers


@pytest.mark.parametrize(
    ("forwarded", "one", "two"),
    [
        ({}, "http://a.test/headers", "http://a.test/headers"),
        ({"Host": "pub.test"}, "http://pub.test/headers", "http://a.test/headers"),
        ({"Host": "x, pub.test:8443"}, "http://pub.test:8443/headers", "http://x/headers"),
        ({"Proto": "https"}, "https://a.test/headers", "http://a.test/headers"),
        (
            {"Proto": "https, https", "Host": "pub.test:443, pub.test:443"},
            "https://pub.test/headers",
            "https://pub.test/headers",
        ),
        (
            {"Prefix": "/shop, /shop"},
            "http://a.test/shop/headers",
            "http://a.test/shop/headers",
        ),
    ],
)
def test_an_absolute_address_is_the_one_outside(
    apps: tuple[int, list[Running]], forwarded: dict[str, str], one: str, two: str
) -> None:
    trusted, servers = apps
    headers = {"Host": "a.test", **{f"X-Forwarded-{k}": v for k, v in forwarded.items()}}
    for server in servers:
        answer = requests.get(
            f"{server.url}/headers/older", headers=headers, allow_redirects=False, timeout=10
        )
        assert answer.headers["Location"] == (one if trusted == 1 else two), server.name


def test_a_path_starts_with_the_prefix_outside(apps: tuple[int, list[Running]]) -> None:
    _, servers = apps
    headers = {"X-Forwarded-Prefix": "/shop, /shop", "X-Forwarded-Host": "pub.test, pub.test"}
    customer = {"name": "Ada", "email": f"ada{apps[0]}@a.test"}
    for server in servers:
        url = f"{server.url}/customers"
        created = requests.post(url, json=customer, headers=headers, timeout=10)
        path = f"/shop/customers/{created.json()['id']}"
        assert created.headers["Location"] == path, server.name
        links = requests.get(url, headers=headers, timeout=10).links
        assert links["last"]["url"].startswith("/shop/customers?page=1&"), server.name


def test_who_is_led_to_the_login_comes_back_to_the_address_outside(
    apps: tuple[int, list[Running]],
) -> None:
    _, servers = apps
    headers = {"X-Forwarded-Prefix": "/shop, /shop", "Accept": "text/html"}
    for server in servers:
        url = f"{server.url}/account"
        answer = requests.get(url, headers=headers, allow_redirects=False, timeout=10)
        assert answer.status_code == 303, server.name
        assert answer.headers["Location"] == "/shop/login?next=/shop/account", server.name


def test_an_error_at_the_address_of_a_page_is_a_page_there_too(
    apps: tuple[int, list[Running]],
) -> None:
    _, servers = apps
    headers = {"X-Forwarded-Prefix": "/shop, /shop", "Accept": "text/html"}
    for server in servers:
        answer = requests.put(f"{server.url}/login", headers=headers, timeout=10)
        assert answer.status_code == 405, server.name
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8", server.name
        assert 'href="/shop/account"' in answer.text, server.name


def test_a_layer_within_sees_the_host_that_a_proxy_tells() -> None:
    seen = []

    async def within(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(sent(scope, b"host"))

    headers = [(b"host", b"a.test"), (b"x-forwarded-host", b"pub.test")]
    scope = {"type": "http", "path": "/", "headers": headers}
    asyncio.run(FlaskEnviron(ProxyFix(within))(scope, None, None))  # type: ignore[arg-type]
    assert seen == ["pub.test"]
