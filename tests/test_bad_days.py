"""What the apps do when the database is away or busy, and when a worker dies in the middle."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, make_url, select

from servers.databases import Databases
from servers.postgresql import Cluster
from servers.running import Running
from shared.database import WAIT
from shared.idempotency import IdempotencyKey
from tests.shop import PATIENCE, Answer, Buyer, Shop, database_of, open_shop

pytestmark = pytest.mark.slow
APPS = ("flask", "fastapi")
WAITING = 8  # orders, more than there are connections to a database


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture
def cluster(databases: Databases) -> Cluster:
    database_of(databases, "postgresql")
    assert databases.cluster is not None
    return databases.cluster


@contextmanager
def shop_of(databases: Databases, kind: str, logs: Path, *names: str) -> Iterator[Shop]:
    with open_shop(database_of(databases, kind), logs, *names) as shop:
        yield shop


def until(done: Callable[[], object], what: str) -> float:
    """Wait for it; how long it took, in seconds."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < PATIENCE, f"{what}: not within {PATIENCE} s"
        time.sleep(0.05)
    return time.monotonic() - began


def assert_unavailable(answer: Answer) -> None:
    assert answer.status == 503, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    document = answer.json()
    assert (document["status"], document["title"]) == (503, "Service Unavailable")


def stop(cluster: Cluster, how: signal.Signals) -> None:
    cluster.process.send_signal(how)
    cluster.process.wait(PATIENCE)


def start_again(cluster: Cluster) -> None:
    owner = cluster.folder.stat()
    root = os.geteuid() == 0
    with (cluster.folder / "again").open("ab") as log:
        cluster.process = subprocess.Popen(
            cluster.process.args,
            cwd=cluster.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=owner.st_uid if root else None,
            group=owner.st_gid if root else None,
            extra_groups=[] if root else None,
        )

    def answers() -> bool:
        with suppress(psycopg.OperationalError):
            cluster.connect().close()
            return True
        return False

    until(answers, "PostgreSQL answers again")


def in_background(work: Callable[[], Answer]) -> tuple[ThreadPoolExecutor, Future[Answer]]:
    pool = ThreadPoolExecutor(1)
    return pool, pool.submit(work)


def keys(shop: Shop) -> int:
    with shop.database.session() as session:
        return session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0


def assert_untouched(shop: Shop, stock: dict[int, int]) -> None:
    assert shop.stock(list(stock)) == stock
    assert shop.order_ids(list(stock)) == []
    assert keys(shop) == 0


def test_service_resumes_by_itself_when_postgresql_is_back(
    databases: Databases, cluster: Cluster, tmp_path: Path
) -> None:
    with shop_of(databases, "postgresql", tmp_path, *APPS) as shop, shop.buyers(1) as [[buyer]]:
        (product,) = shop.products(1, stock=100)
        for app in range(2):
            assert buyer.order({product: 1}, app=app).status == 201
        stop(cluster, signal.SIGINT)
        for app in range(2):
            for method, path in (("GET", "/products"), ("GET", "/orders"), ("POST", "/session")):
                body = {"email": "a@b.test", "password": "12345678"} if method == "POST" else None
                assert_unavailable(buyer.send(method, path, body, app=app))
            assert_unavailable(buyer.order({product: 1}, app=app))
            assert buyer.send("GET", "/", app=app).status == 200  # needs no database
        start_again(cluster)
        for app in range(2):
            until(partial(places, buyer, product, app), "an order is placed")
        assert shop.stock([product]) == {product: 97}


def places(buyer: Buyer, product: int, app: int) -> bool:
    return buyer.order({product: 1}, "again", app=app).status == 201


@contextmanager
def locked_row(cluster: Cluster, shop: Shop, product: int) -> Iterator[psycopg.Connection]:
    """Somebody else holds the row of this product."""
    name = make_url(shop.url).database or ""
    # When PostgreSQL goes away meanwhile, this lock goes with it.
    with (
        cluster.connect(name) as watcher,
        cluster.connect(name) as other,
        suppress(psycopg.OperationalError),
        other.transaction(),
    ):
        other.execute("SELECT 1 FROM products WHERE id = %s FOR UPDATE", [product])
        yield watcher


def somebody_waits(watcher: psycopg.Connection) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return bool(watcher.execute(query).fetchall()[0][0])


@pytest.mark.parametrize("app", APPS)
def test_postgresql_that_goes_away_in_the_middle_of_an_order_leaves_none_of_it(
    databases: Databases, cluster: Cluster, tmp_path: Path, app: str
) -> None:
    with shop_of(databases, "postgresql", tmp_path, app) as shop, shop.buyers(1) as [[buyer]]:
        one, other = shop.products(2, stock=10)
        with locked_row(cluster, shop, other) as watcher:
            pool, answer = in_background(lambda: buyer.order({one: 1, other: 1}, "key"))
            until(lambda: somebody_waits(watcher), "the order waits")
            stop(cluster, signal.SIGQUIT)
        with pool:
            assert_unavailable(answer.result(PATIENCE))
        start_again(cluster)
        until(lambda: buyer.send("GET", "/orders").status == 200, "the app answers")
        assert_untouched(shop, {one: 10, other: 10})
        assert buyer.order({one: 1, other: 1}, "key").status == 201
        assert shop.stock([one, other]) == {one: 9, other: 9}


def worker_of(server: Running) -> int:
    """The process that serves: gunicorn's child, or uvicorn itself."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    children = [pid for pid, parent in pairs if parent == server.process.pid]
    return children[0] if server.app == "flask" else server.process.pid


@contextmanager
def busy_row(shop: Shop, product: int) -> Iterator[sqlite3.Connection]:
    """An update of this product takes minutes."""
    path = make_url(shop.url).database or ""
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e10)"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as watcher:
        watcher.execute(f"CREATE VIEW minutes AS {count} SELECT max(i) FROM n")
        watcher.execute(
            f"CREATE TRIGGER slow AFTER UPDATE ON products WHEN NEW.id = {product} "
            "BEGIN SELECT * FROM minutes; END"
        )
        yield watcher
        watcher.execute("PRAGMA busy_timeout = 10000")
        watcher.execute("DROP TRIGGER slow")


def somebody_writes(watcher: sqlite3.Connection) -> bool:
    try:
        watcher.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    watcher.execute("ROLLBACK")
    return False


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_worker_that_is_killed_in_the_middle_of_an_order_leaves_none_of_it(
    databases: Databases, request: pytest.FixtureRequest, tmp_path: Path, kind: str, app: str
) -> None:
    with shop_of(databases, kind, tmp_path, app) as shop, shop.buyers(1) as [[buyer]]:
        one, other = shop.products(2, stock=10)
        (server,) = shop.servers
        hold: Any
        waits: Callable[[Any], bool]
        if kind == "sqlite":
            hold, waits = busy_row(shop, other), somebody_writes
        else:
            cluster: Cluster = request.getfixturevalue("cluster")
            hold, waits = locked_row(cluster, shop, other), somebody_waits
        with hold as watcher:
            pool, answer = in_background(lambda: buyer.order({one: 1, other: 1}, "key"))
            until(lambda: waits(watcher), "the order waits")
            time.sleep(0.2)  # on SQLite the lock comes a moment before the first update
            os.kill(worker_of(server), signal.SIGKILL)
            with pool:
                assert isinstance(answer.exception(PATIENCE), OSError | HTTPException)
        if app == "fastapi":
            server.kill()
            (server,) = shop.start(app)
        survivor = Buyer([server.port], buyer.cookie)
        until(lambda: answers(survivor), "the app answers")
        assert_untouched(shop, {one: 10, other: 10})
        assert survivor.order({one: 1, other: 1}, "key").status == 201
        assert shop.stock([one, other]) == {one: 9, other: 9}
        survivor.close()


def answers(buyer: Buyer) -> bool:
    with suppress(OSError, HTTPException):
        return buyer.send("GET", "/orders").status == 200
    return False


@pytest.mark.parametrize("app", APPS)
def test_an_order_that_cannot_be_committed_is_no_success(
    databases: Databases, tmp_path: Path, app: str
) -> None:
    with shop_of(databases, "sqlite", tmp_path, app) as shop, shop.buyers(1) as [[buyer]]:
        (product,) = shop.products(1, stock=10)
        path = make_url(shop.url).database or ""
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            # Every order refers to a product that is not there, which is found at the commit only.
            foreign = "REFERENCES products (id) DEFERRABLE INITIALLY DEFERRED"
            other.execute(f"CREATE TABLE faults (product_id INTEGER {foreign})")
            insert = "BEGIN INSERT INTO faults VALUES (-1); END"
            other.execute(f"CREATE TRIGGER fault AFTER INSERT ON orders {insert}")
            assert buyer.order({product: 1}, "key").status == 500
            assert_untouched(shop, {product: 10})
            other.execute("DROP TRIGGER fault")
        assert buyer.order({product: 1}, "key").status == 201
        assert shop.stock([product]) == {product: 9}


def test_while_sqlite_is_locked_orders_get_503_and_readers_their_answer(
    databases: Databases, tmp_path: Path
) -> None:
    with shop_of(databases, "sqlite", tmp_path, *APPS) as shop, shop.buyers(1, 2) as [buyers]:
        (product,) = shop.products(1, stock=10)
        path = make_url(shop.url).database or ""
        began = time.monotonic()
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor(2) as pool:
                orders = [
                    pool.submit(buyer.order, {product: 1}, app=app)
                    for app, buyer in enumerate(buyers)
                ]
                for app in range(2):
                    reader = Buyer([shop.servers[app].port], buyers[0].cookie)
                    assert reader.send("GET", "/products").status == 200
                    assert reader.send("GET", "/orders").status == 200
                    reader.close()
                    assert not orders[app].done()
                for order in orders:
                    assert_unavailable(order.result(PATIENCE))
            assert time.monotonic() - began >= WAIT
            writer.execute("ROLLBACK")
        for app, buyer in enumerate(buyers):
            assert buyer.order({product: 1}, app=app).status == 201
        assert shop.stock([product]) == {product: 8}


@pytest.mark.parametrize("app", range(len(APPS)), ids=APPS)
def test_orders_that_wait_for_sqlite_keep_no_reader_waiting(
    databases: Databases, tmp_path: Path, app: int
) -> None:
    with (
        shop_of(databases, "sqlite", tmp_path, *APPS) as shop,
        shop.buyers(WAITING) as buyers,
        ThreadPoolExecutor(WAITING) as pool,
    ):
        (product,) = shop.products(1, stock=WAITING)
        reader = Buyer([shop.servers[app].port], buyers[0][0].cookie)
        path = make_url(shop.url).database or ""
        with closing(reader), closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            orders = [pool.submit(buyer.order, {product: 1}, app=app) for [buyer] in buyers]
            for _ in range(20):
                assert reader.send("GET", "/products").status == 200
            assert not any(order.done() for order in orders)
            writer.execute("ROLLBACK")
        assert [order.result(PATIENCE).status for order in orders] == [201] * WAITING
        assert shop.stock([product]) == {product: 0}


def test_while_a_product_is_locked_in_postgresql_its_orders_get_503(
    databases: Databases, cluster: Cluster, tmp_path: Path
) -> None:
    with (
        shop_of(databases, "postgresql", tmp_path, *APPS) as shop,
        shop.buyers(1, 2) as [buyers],
        ThreadPoolExecutor(2) as pool,
    ):
        one, other = shop.products(2, stock=10)
        with locked_row(cluster, shop, other):
            orders = [
                pool.submit(buyer.order, {one: 1, other: 1}, app=app)
                for app, buyer in enumerate(buyers)
            ]
            for order in orders:
                assert_unavailable(order.result(PATIENCE))
        assert_untouched(shop, {one: 10, other: 10})
        for app, buyer in enumerate(buyers):
            assert buyer.order({one: 1, other: 1}, app=app).status == 201
