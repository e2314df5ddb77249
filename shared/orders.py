"""Orders: what a user buys, the stock that it takes, the states that it goes through."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import ColumnElement, Enum, ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from shared import clock, idempotency
from shared.accounts import User
from shared.database import Base, Id, Money, Utc, transaction
from shared.faults import error, fault
from shared.formats import LARGEST_ID
from shared.pagination import Page, page_of
from shared.problems import Conflict, NotFound, Unprocessable
from shared.products import Product

MOST_LINES = 20
MOST_PIECES = 1000


class State(StrEnum):
    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


FOLLOWING = {
    State.PLACED: {State.PAID, State.CANCELLED},
    State.PAID: {State.SHIPPED, State.CANCELLED},
    State.SHIPPED: {State.DELIVERED},
    State.DELIVERED: set[State](),
    State.CANCELLED: set[State](),
}


def _values(states: type[State]) -> list[str]:
    return [state.value for state in states]


class OutOfStock(Conflict):
    type = "/problems/out-of-stock"


class StateConflict(Conflict):
    type = "/problems/order-state"


class Wanted(TypedDict):
    """A line as a client asks for it."""

    product_id: int
    quantity: int


class OrderLine(Base):
    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(Money)


class Order(Base):
    """Of an order only the state changes."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, length=10, values_callable=_values)
    )
    total: Mapped[Decimal] = mapped_column(Money)
    placed_at: Mapped[datetime] = mapped_column(Utc)
    lines: Mapped[list[OrderLine]] = relationship(lazy="selectin", order_by=OrderLine.position)


def place(session: Session, user: User, lines: Sequence[Wanted], key: str | None = None) -> Order:
    """Order `lines`, and take all of them from the stock or none.

    With a `key` (see `shared.idempotency`) a repeated call returns the order as it was placed.
    Raises Unprocessable for a product that is unknown or named twice, OutOfStock, KeyReused.
    """
    user_id = user.id
    _refuse_repeated(lines)
    with transaction(session):
        if key is None:
            return _place(session, user_id, lines)
        record = idempotency.claim(session, user_id, key, lines)
        if record.result is not None:
            return _as_placed(session, session.get_one(Order, record.result))
        order = _place(session, user_id, lines)
        record.result = order.id
        return order


def list_own(session: Session, user: User, page: int, per_page: int) -> Page[Order]:
    """A page of what this user has ordered, newest first; see `shared.pagination`."""
    own = select(Order).where(Order.user_id == user.id)
    return page_of(session, own, Order, sort="-id", page=page, per_page=per_page)


def find(session: Session, user: User, order_id: int) -> Order:
    """An order that this user placed; an admin finds anyone's. Raises NotFound."""
    order = session.get(Order, order_id)
    return _visible(order, user.id, user.is_admin)


def change_state(session: Session, user: User, order_id: int, state: State) -> Order:
    """Move the order on to `state`; nothing happens if it is there. Cancelling returns the stock.

    Raises NotFound, and StateConflict for a state that does not follow.
    """
    user_id, is_admin = user.id, user.is_admin
    with transaction(session):
        order = _visible(session.get(Order, order_id, with_for_update=True), user_id, is_admin)
        if order.state is state:
            return order
        if state not in FOLLOWING[order.state]:
            raise StateConflict("This state does not follow the order's present one.")
        order.state = state
        if state is State.CANCELLED:
            _return_stock(session, order.lines)
        return order


def _place(session: Session, user_id: int, lines: Sequence[Wanted]) -> Order:
    prices = _take_stock(session, lines)
    order = Order(
        user_id=user_id,
        state=State.PLACED,
        total=sum(prices[line["product_id"]] * line["quantity"] for line in lines),
        placed_at=clock.now(),
        lines=[
            OrderLine(position=position, unit_price=prices[line["product_id"]], **line)
            for position, line in enumerate(lines)
        ],
    )
    session.add(order)
    session.flush()
    return order


def _take_stock(session: Session, lines: Sequence[Wanted]) -> dict[int, Decimal]:
    """Take the stock of every line; the price of each product.

    Two orders lock the products that they share in the same order, so neither waits for the other
    in turn. Whether there is enough is asked by the statement that takes it.
    """
    _refuse_unknown(session, lines)
    prices: dict[int, Decimal] = {}
    for line in sorted(lines, key=lambda line: line["product_id"]):
        enough = Product.stock >= line["quantity"]
        price = _move_stock(session, line["product_id"], -line["quantity"], enough)
        if price is not None:
            prices[line["product_id"]] = price
    if short := [at for at, line in enumerate(lines) if line["product_id"] not in prices]:
        raise OutOfStock("There is not enough in stock.", _faults(short, "outOfStock"))
    return prices


def _move_stock(
    session: Session, product_id: int, pieces: int, *conditions: ColumnElement[bool]
) -> Decimal | None:
    """Add `pieces` to the stock of a product; its price, or None where a condition fails."""
    statement = (
        update(Product)
        .where(Product.id == product_id, *conditions)
        .values(stock=Product.stock + pieces, version=Product.version + 1)
        .returning(Product.price)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement)


def _return_stock(session: Session, lines: Iterable[OrderLine]) -> None:
    for line in sorted(lines, key=lambda line: line.product_id):
        _move_stock(session, line.product_id, line.quantity)


def _refuse_unknown(session: Session, lines: Sequence[Wanted]) -> None:
    # A larger number is no id, and none that a database could look for.
    ids = [line["product_id"] for line in lines if line["product_id"] <= LARGEST_ID]
    known = set(session.scalars(select(Product.id).where(Product.id.in_(ids))))
    if unknown := [at for at, line in enumerate(lines) if line["product_id"] not in known]:
        raise Unprocessable(errors=_faults(unknown, "unknownProduct"))


def _refuse_repeated(lines: Sequence[Wanted]) -> None:
    ids = [line["product_id"] for line in lines]
    if repeated := [at for at, product_id in enumerate(ids) if product_id in ids[:at]]:
        raise Unprocessable(errors=_faults(repeated, "repeatedProduct"))


def _faults(positions: Iterable[int], code: str) -> list[dict[str, str]]:
    return [error("body", ("lines", at, "product_id"), fault(code)) for at in positions]


def _visible(order: Order | None, user_id: int, is_admin: bool) -> Order:
    if order is None or not (is_admin or order.user_id == user_id):
        raise NotFound("There is no such order.")
    return order


def _as_placed(session: Session, order: Order) -> Order:
    """The order as it was first answered, whatever has become of it; the row stays as it is."""
    session.expunge(order)
    order.state = State.PLACED
    return order
