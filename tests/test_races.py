"""Buyers at once, at both apps on one database: nothing is sold twice, no order lost or doubled."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest

from servers.databases import Databases
from tests.shop import Answer, Buyer, Shop, database_of, open_shop

T = TypeVar("T")
PAIRS = 4
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


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
    with open_shop(database_of(databases, request.param), logs, "flask", "fastapi") as shop:
        yield shop


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of them in threads of their own, begun at the same moment."""
    barrier = Barrier(len(works))

    def begin(work: Callable[[], T]) -> T:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


@dataclass
class Shopping:
    """One of a pair of buyers with one account: both send the same orders, under the same keys.

    Every second order has a key. An order that was placed is sent again, to the other app, if it
    has one; every third is cancelled.
    """

    buyer: Buyer
    pair: int
    seed: int
    products: list[int]
    answers: Counter[int] = field(default_factory=Counter)
    placed: list[tuple[str, bytes]] = field(default_factory=list)

    def run(self, orders: int) -> Shopping:
        turns = random.Random(self.seed)
        for number in range(orders):
            chance = random.Random(f"{self.pair} {number}")
            chosen = chance.sample(self.products, chance.randint(1, 3))
            lines = {product: chance.randint(1, 3) for product in chosen}
            key = f"{self.pair} {number}" if number % 2 else ""
            app = turns.randrange(2)
            answer = self.order(lines, key, app)
            if answer.status == 201 and key:
                again = self.order(lines, key, 1 - app)
                assert (again.status, again.body) == (201, answer.body)
                assert again.headers["location"] == answer.headers["location"]
            if answer.status == 201 and number % 3 == 0:
                self.cancel(answer, 1 - app)
        return self

    def order(self, lines: dict[int, int], key: str, app: int) -> Answer:
        answer = self.buyer.order(lines, key, app=app)
        self.answers[answer.status] += 1
        if answer.status == 201:
            self.placed.append((key, answer.body))
        else:
            assert answer.json()["type"] == "/problems/out-of-stock", answer.body
        return answer

    def cancel(self, placed: Answer, app: int) -> None:
        path = placed.headers["location"] + "/state"
        answer = self.buyer.send("PUT", path, {"state": "cancelled"}, app=app)
        assert answer.status == 200, answer.body


@pytest.mark.parametrize("attempts", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_piece_is_sold_twice_and_no_order_is_lost_or_doubled(shop: Shop, attempts: int) -> None:
    each = attempts // (2 * PAIRS)
    stock = attempts // 4
    products = shop.products(5, stock)
    with shop.buyers(PAIRS, 2) as pairs:
        shoppers = [
            Shopping(buyer, pair, 2 * pair + twin, products)
            for pair, twins in enumerate(pairs)
            for twin, buyer in enumerate(twins)
        ]
        at_once([partial(shopping.run, each) for shopping in shoppers])
    answers = sum((shopping.answers for shopping in shoppers), Counter[int]())
    assert answers.keys() == {201, 409}
    assert answers.total() >= attempts

    told = [told for shopping in shoppers for told in shopping.placed]
    by_key: dict[str, set[bytes]] = {}
    for key, body in told:
        by_key.setdefault(key, set()).add(body)
    without_key = [body for key, body in told if not key]
    assert len(set(without_key)) == len(without_key)
    assert all(len(bodies) == 1 for key, bodies in by_key.items() if key)
    assert len({body for _, body in told}) == len(shop.order_ids(products))

    left, sold = shop.stock(products), shop.ordered(products)
    assert min(left.values()) >= 0
    assert {left[product] + sold[product] for product in products} == {stock}


@pytest.mark.parametrize("rounds", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_two_buyers_of_the_last_piece_never_both_get_it(shop: Shop, rounds: int) -> None:
    with shop.buyers(2) as [[one], [other]]:
        for _ in range(rounds):
            (product,) = shop.products(1, stock=1)
            answers = at_once(
                [partial(one.order, {product: 1}), partial(other.order, {product: 1}, app=1)]
            )
            assert sorted(answer.status for answer in answers) == [201, 409]
            assert shop.stock([product]) == {product: 0}


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_a_request_that_is_sent_eight_times_at_once_places_one_order(
    shop: Shop, rounds: int
) -> None:
    with shop.buyers(1, twins=8) as [buyers]:
        for number in range(rounds):
            (product,) = shop.products(1, stock=8)
            answers = at_once(
                [
                    partial(buyer.order, {product: 1}, str(number), app=at % 2)
                    for at, buyer in enumerate(buyers)
                ]
            )
            assert {answer.status for answer in answers} == {201}
            assert len({(answer.body, answer.headers["location"]) for answer in answers}) == 1
            assert shop.stock([product]) == {product: 7}


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_an_order_is_either_shipped_or_cancelled(shop: Shop, rounds: int) -> None:
    with shop.buyers(1, twins=2) as [[one, other]]:
        for _ in range(rounds):
            (product,) = shop.products(1, stock=5)
            path = one.order({product: 2}).headers["location"] + "/state"
            assert one.send("PUT", path, {"state": "paid"}).status == 200
            shipped, cancelled = at_once(
                [
                    partial(one.send, "PUT", path, {"state": "shipped"}),
                    partial(other.send, "PUT", path, {"state": "cancelled"}, app=1),
                ]
            )
            assert sorted([shipped.status, cancelled.status]) == [200, 409]
            assert shop.stock([product]) == {product: 3 if shipped.status == 200 else 5}


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_an_order_that_is_cancelled_twice_at_once_returns_its_stock_once(
    shop: Shop, rounds: int
) -> None:
    with shop.buyers(1, twins=2) as [[one, other]]:
        for _ in range(rounds):
            (product,) = shop.products(1, stock=5)
            path = one.order({product: 2}).headers["location"] + "/state"
            answers = at_once(
                [
                    partial(one.send, "PUT", path, {"state": "cancelled"}),
                    partial(other.send, "PUT", path, {"state": "cancelled"}, app=1),
                ]
            )
            assert [answer.status for answer in answers] == [200, 200]
            assert shop.stock([product]) == {product: 5}
