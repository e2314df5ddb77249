"""A shop worth browsing: the same customers, categories and products on every run.

database = Database(settings.database_url)
create_schema(database)
seed(database)
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared import passwords
from shared.accounts import User
from shared.customers import Customer
from shared.database import Base, Database, transaction
from shared.products import Category, Product
from shared.schema import LOCK

FOLDER = Path(__file__).resolve().parent / "seeds"
OPENING = datetime(2026, 1, 5, 8, tzinfo=UTC)
BETWEEN_CUSTOMERS = timedelta(hours=37, minutes=11)
# Whoever tries the shop out may log in with these; a shop of one's own is not seeded.
VISITOR = ("visitor@example.com", "let me look around")


def seed(database: Database) -> None:
    """Add what is missing; what is there stays as it is. The tables must be there.

    Safe to run twice, also by several processes at once. On empty tables the ids are 1, 2, 3 ...,
    so two databases that are seeded give the same answers.
    """
    with database.session() as session, transaction(session):
        if database.engine.dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _add(session, Customer.email, _customers())
        _add(session, Category.slug, (Category(**row) for row in _rows("categories")))
        by_slug = {category.slug: category for category in session.scalars(select(Category))}
        _add(session, Product.sku, _products(by_slug))
        _add(session, User.email, _users())


def _add(session: Session, key: InstrumentedAttribute[str], found: Iterator[Base]) -> None:
    """Add those whose key is not there yet, in their order."""
    there = set(session.scalars(select(key)))
    for row in found:
        if getattr(row, key.key) not in there:
            session.add(row)
            session.flush()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _customers() -> Iterator[Customer]:
    for number, row in enumerate(_rows("customers")):
        values: dict[str, Any] = {name: value or None for name, value in row.items()}
        yield Customer(**values, created_at=OPENING + number * BETWEEN_CUSTOMERS)


def _products(by_slug: dict[str, Category]) -> Iterator[Product]:
    for row in _rows("products"):
        yield Product(
            sku=row["sku"],
            name=row["name"],
            price=Decimal(row["price"]),
            stock=int(row["stock"]),
            listed_in=[by_slug[slug] for slug in row["categories"].split()],
        )


def _users() -> Iterator[User]:
    email, password = VISITOR
    yield User(
        email=email,
        password_hash=passwords.hash_password(password),
        is_admin=False,
        created_at=OPENING,
    )
