"""The seed makes the same shop wherever and however often it runs."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from shared import accounts
from shared.customers import Customer
from shared.database import Database
from shared.products import SKU, Category, Product
from shared.schema import create_schema
from shared.seed import VISITOR, seed

Rows = dict[str, list[tuple[object, ...]]]


def rows(database: Database) -> Rows:
    with database.session() as session:
        return {
            model.__name__: [
                tuple(row) for row in session.execute(select(*model.__table__.c)).all()
            ]
            for model in (Customer, Category, Product)
        }


@pytest.fixture
def databases(tmp_path: Path) -> list[Database]:
    found = [Database(f"sqlite:///{tmp_path / name}.db") for name in ("one", "two")]
    for database in found:
        create_schema(database)
        seed(database)
    return found


def test_two_databases_get_the_same_rows(databases: list[Database]) -> None:
    one, two = map(rows, databases)
    assert one == two
    assert {name: len(found) for name, found in one.items()} == {
        "Customer": 60,
        "Category": 8,
        "Product": 40,
    }


def test_a_second_run_changes_nothing(databases: list[Database]) -> None:
    before = rows(databases[0])
    seed(databases[0])
    assert rows(databases[0]) == before


def test_what_was_changed_stays_and_what_was_removed_comes_back(databases: list[Database]) -> None:
    database = databases[0]
    with database.session() as session, session.begin():
        session.get_one(Product, 1).stock = 999
        session.delete(session.get_one(Customer, 1))
    seed(database)
    with database.session() as session:
        assert session.get_one(Product, 1).stock == 999
        assert session.scalars(select(Customer.name)).all().count("Agnes Holm") == 1


def test_a_visitor_may_log_in(databases: list[Database]) -> None:
    for database in databases:
        with database.session() as session:
            assert accounts.authenticate(session, *VISITOR).id == 1


def test_every_product_could_have_come_through_the_api(databases: list[Database]) -> None:
    with databases[0].session() as session:
        for product in session.scalars(select(Product)):
            assert re.fullmatch(SKU, product.sku)
            assert product.categories
