"""What the contract cannot ask of orders: nobody becomes an admin by HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from shared import accounts, orders
from shared.accounts import User
from shared.database import Database, transaction
from shared.orders import Order, State
from shared.problems import NotFound
from shared.products import Product
from shared.schema import create_schema


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'orders.db'}")
    create_schema(database)
    with database.session() as session:
        yield session
    database.close()


def user(session: Session, name: str, *, is_admin: bool = False) -> User:
    made = accounts.sign_up(session, f"{name}@example.com", "12345678")
    with transaction(session):
        made.is_admin = is_admin
    return made


@pytest.fixture
def order(session: Session) -> Order:
    pin = Product(sku="PIN", name="Pin", price=Decimal("1.25"), stock=5)
    with transaction(session):
        session.add(pin)
    return orders.place(session, user(session, "ada"), [{"product_id": pin.id, "quantity": 2}])


def test_an_admin_finds_and_moves_anyones_order(session: Session, order: Order) -> None:
    admin = user(session, "root", is_admin=True)
    assert orders.find(session, admin, order.id).id == order.id
    assert orders.change_state(session, admin, order.id, State.PAID).state is State.PAID
    assert orders.list_own(session, admin, page=1, per_page=20).total == 0


def test_anyone_else_finds_none(session: Session, order: Order) -> None:
    grace = user(session, "grace")
    with pytest.raises(NotFound):
        orders.find(session, grace, order.id)
    with pytest.raises(NotFound):
        orders.change_state(session, grace, order.id, State.PAID)
