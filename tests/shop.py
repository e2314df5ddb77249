"""Both apps on one database, with buyers and products: what races and bad days are tried on."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from servers.databases import Databases
from servers.running import HOST, Running, ServerError, start, stop_all
from shared import accounts
from shared.database import Database, transaction
from shared.orders import Order, OrderLine, State
from shared.products import Product
from shared.schema import create_schema

SECRET_KEY = "a key that only these tests know, 32 characters or more"
PASSWORD = "correct horse battery staple"
PATIENCE = 120.0  # seconds for one answer; the machine may be busy with all the others


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Buyer:
    """An account that is logged in, with a kept-alive connection to each server."""

    def __init__(self, ports: Sequence[int], cookie: str = "") -> None:
        self.connections = [HTTPConnection(HOST, port, timeout=PATIENCE) for port in ports]
        self.cookie = cookie

    def send(
        self, method: str, path: str, body: Any = None, *, app: int = 0, **headers: str
    ) -> Answer:
        """Send a request to server `app`; in the names of headers stands _ for -.

        Nothing is tried twice: a connection that breaks is an error.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Cookie": self.cookie, "Content-Type": "application/json"}
        connection = self.connections[app]
        try:
            connection.request(method, path, body if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        except (OSError, HTTPException):
            connection.close()
            raise

    def order(self, lines: Mapping[int, int], key: str = "", *, app: int = 0) -> Answer:
        """Order this quantity of each product id, under a key if one is given."""
        wanted = [{"product_id": product, "quantity": n} for product, n in lines.items()]
        headers = {"Idempotency_Key": f'"{key}"'} if key else {}
        return self.send("POST", "/orders", {"lines": wanted}, app=app, **headers)

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


@dataclass
class Shop:
    """Servers that share the database at `url`; `database` looks into it past them."""

    url: str
    logs: Path
    database: Database
    servers: list[Running] = field(default_factory=list)

    def start(self, *names: str, port: int | None = None) -> list[Running]:
        """Start these servings and wait for them."""
        environ = {"DATABASE_URL": self.url, "SECRET_KEY": SECRET_KEY}
        started = [
            start(name, log_path=self.logs / f"{name}-{uuid.uuid4()}", environ=environ, port=port)
            for name in names
        ]
        self.servers += started
        for server in started:
            server.wait_ready(PATIENCE)
        return started

    def products(self, count: int, stock: int) -> list[int]:
        """The ids of new products that cost 1.25 each."""
        made = [
            Product(
                sku=uuid.uuid4().hex[:24].upper(), name="Pin", price=Decimal("1.25"), stock=stock
            )
            for _ in range(count)
        ]
        with self.database.session() as session, transaction(session):
            session.add_all(made)
        return sorted(product.id for product in made)

    def log_in(self, email: str = "") -> str:
        """Make an account and log it in at the first server; the cookie that every server takes."""
        email = email or f"{uuid.uuid4()}@example.com"
        with self.database.session() as session:
            accounts.sign_up(session, email, PASSWORD)
        buyer = Buyer([self.servers[0].port])
        answer = buyer.send("POST", "/session", {"email": email, "password": PASSWORD})
        buyer.close()
        return answer.headers["set-cookie"].partition(";")[0]

    @contextmanager
    def buyers(self, count: int, twins: int = 1) -> Iterator[list[list[Buyer]]]:
        """New accounts, and of each so many buyers, with connections of their own."""
        ports = [server.port for server in self.servers]
        with ExitStack() as stack:
            buyers = [
                [Buyer(ports, cookie) for _ in range(twins)]
                for cookie in [self.log_in() for _ in range(count)]
            ]
            for buyer in (buyer for twins_of in buyers for buyer in twins_of):
                stack.callback(buyer.close)
            yield buyers

    def stock(self, products: Sequence[int]) -> dict[int, int]:
        with self.database.session() as session:
            found = session.scalars(select(Product).where(Product.id.in_(products)))
            return {product.id: product.stock for product in found}

    def ordered(self, products: Sequence[int]) -> dict[int, int]:
        """How many of each product stand in orders that are not cancelled."""
        query = (
            select(OrderLine.product_id, func.sum(OrderLine.quantity))
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.state != State.CANCELLED, OrderLine.product_id.in_(products))
            .group_by(OrderLine.product_id)
        )
        with self.database.session() as session:
            found = {product_id: int(pieces) for product_id, pieces in session.execute(query)}
        return {product_id: found.get(product_id, 0) for product_id in products}

    def order_ids(self, products: Sequence[int]) -> list[int]:
        """The ids of the orders of any of these products, each once."""
        query = select(OrderLine.order_id).where(OrderLine.product_id.in_(products)).distinct()
        with self.database.session() as session:
            return sorted(session.scalars(query))


@contextmanager
def open_shop(url: str, logs: Path, *names: str) -> Iterator[Shop]:
    """A shop on the database at `url`, at first with these servings; all stop at the end."""
    with ExitStack() as stack:
        shop = Shop(url, logs, Database(url))
        stack.callback(shop.database.close)
        create_schema(shop.database)
        stack.callback(lambda: stop_all(shop.servers))
        shop.start(*names)
        yield shop


def database_of(databases: Databases, kind: str) -> str:
    """The URL of a new database. Where no PostgreSQL is, the test is not run; in a CI it fails."""
    try:
        return databases.create(kind, f"shop_{uuid.uuid4().hex}")
    except ServerError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
