"""Many clients at once: five connections to the database are enough for 256 to the app."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from servers.databases import KINDS, Databases
from tests.shop import PASSWORD, Answer, Buyer, Shop, database_of, open_shop

pytestmark = pytest.mark.slow
CONNECTIONS = 256
APPS = ("flask", "fastapi")


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture(scope="module", params=KINDS)
def shop(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    logs = tmp_path_factory.mktemp("logs")
    with open_shop(database_of(databases, request.param), logs, *APPS) as shop:
        yield shop


def body_of(name: str, product: int, email: str) -> Any:
    return {
        "order": {"lines": [{"product_id": product, "quantity": 1}]},
        "credentials": {"email": email, "password": PASSWORD},
        "account": {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD},
        "customer": {"name": "Ada", "email": f"{uuid.uuid4()}@example.com"},
        "state": {"state": "paid"},
        "": None,
    }[name]


@pytest.mark.parametrize("app", range(2), ids=APPS)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/products", ""),
        ("GET", "/products/{product}", ""),
        ("GET", "/categories", ""),
        ("GET", "/customers", ""),
        ("POST", "/customers", "customer"),
        ("GET", "/orders", ""),
        ("GET", "/orders/{order}", ""),
        ("POST", "/orders", "order"),
        ("PUT", "/orders/{order}/state", "state"),
        ("GET", "/session", ""),
        ("POST", "/session", "credentials"),
        ("POST", "/accounts", "account"),
    ],
)
def test_each_of_256_connections_gets_its_answer(
    shop: Shop, app: int, method: str, path: str, body: str
) -> None:
    (product,) = shop.products(1, stock=1000)
    email = f"{uuid.uuid4()}@example.com"
    cookie = shop.log_in(email)
    ports = [server.port for server in shop.servers]
    first = Buyer(ports, cookie)
    order = first.order({product: 1}).json()["id"]
    first.close()
    address = path.format(product=product, order=order)
    barrier = Barrier(CONNECTIONS)

    def ask(_: int) -> Answer:
        buyer = Buyer(ports, cookie)
        try:
            buyer.connections[app].connect()
            barrier.wait()
            return buyer.send(method, address, body_of(body, product, email), app=app)
        finally:
            buyer.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(ask, range(CONNECTIONS)))
    assert Counter(answer.status // 100 for answer in answers) == {2: CONNECTIONS}
