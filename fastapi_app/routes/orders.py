from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response, Security
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.database import SessionDep
from fastapi_app.dependencies import current_user
from fastapi_app.fields import DateTime, Decimal, Id, member
from fastapi_app.pagination import PageDep, PageQuery
from fastapi_app.schemas import Schema
from shared import idempotency, orders
from shared.accounts import User
from shared.orders import MOST_LINES, MOST_PIECES, State

router = APIRouter(prefix="/orders", tags=["orders"], route_class=FlaskRoute)

Reader = Annotated[User, Security(current_user, scopes=["orders:read"])]
Buyer = Annotated[User, Security(current_user, scopes=["orders:write"])]


class NewOrderLine(Schema):
    product_id: Annotated[int, Field(ge=1)]
    quantity: Annotated[int, Field(ge=1, le=MOST_PIECES)]


class NewOrder(Schema):
    lines: Annotated[list[NewOrderLine], Field(min_length=1, max_length=MOST_LINES)]


class NewState(Schema):
    state: Annotated[State, member(State)]


class OrderLine(Schema):
    product_id: int
    quantity: int
    unit_price: Decimal


class Order(Schema):
    id: int
    state: Annotated[State, member(State)]
    placed_at: DateTime
    lines: list[OrderLine]
    total: Decimal


@router.get("")
def list_orders(
    session: SessionDep,
    user: Reader,
    query: Annotated[PageQuery, Query()],
    headers: PageDep,
) -> list[Order]:
    page = orders.list_own(session, user, **dict(query))
    headers.add("list_orders", query, page)
    return [Order.model_validate(row) for row in page.rows]


@router.post("", status_code=201)
def place_order(
    request: Request,
    response: Response,
    session: SessionDep,
    user: Buyer,
    new: NewOrder,
    idempotency_key: Annotated[str | None, Header(pattern=idempotency.PATTERN)] = None,
) -> Order:
    order = orders.place(session, user, new.model_dump()["lines"], idempotency_key)
    response.headers["Location"] = request.url_for("show_order", order_id=order.id).path
    return Order.model_validate(order)


@router.get("/{order_id:id}")
def show_order(session: SessionDep, user: Reader, order_id: Id) -> Order:
    return Order.model_validate(orders.find(session, user, order_id))


@router.put("/{order_id:id}/state")
def change_state(session: SessionDep, user: Buyer, order_id: Id, new: NewState) -> Order:
    return Order.model_validate(orders.change_state(session, user, order_id, new.state))
