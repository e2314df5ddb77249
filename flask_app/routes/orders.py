from typing import Any

from flask import url_for

from flask_app.database import get_session
from flask_app.dependencies import current_user, scope_required
from flask_app.fields import DateTime, Decimal, Enum, Integer, List, Nested, Pattern, Range, Text
from flask_app.openapi import Blueprint
from flask_app.pagination import PageQuery, page_headers
from flask_app.schemas import Schema
from shared import idempotency, orders
from shared.orders import MOST_LINES, MOST_PIECES, State

bp = Blueprint("orders", __name__, url_prefix="/orders")


class RetryHeaders(Schema):
    idempotency_key = Text(
        data_key="idempotency-key", load_default=None, validate=Pattern(idempotency.PATTERN)
    )


class NewOrderLine(Schema):
    product_id = Integer(required=True, validate=Range(min=1))
    quantity = Integer(required=True, validate=Range(min=1, max=MOST_PIECES))


class NewOrder(Schema):
    lines = List(Nested(NewOrderLine), required=True, min=1, max=MOST_LINES)


class NewState(Schema):
    state = Enum(State, required=True)


class OrderLine(Schema):
    product_id = Integer(required=True)
    quantity = Integer(required=True)
    unit_price = Decimal(required=True)


class Order(Schema):
    id = Integer(required=True)
    state = Enum(State, required=True)
    placed_at = DateTime(required=True)
    lines = List(Nested(OrderLine), required=True)
    total = Decimal(required=True)


@bp.get("")
@scope_required("orders:read")
@bp.arguments(PageQuery, location="query")
@bp.response(200, Order(many=True))
def list_orders(query: dict[str, Any]) -> Any:
    page = orders.list_own(get_session(), current_user(), **query)
    return page.rows, page_headers(".list_orders", query, page)


@bp.post("")
@scope_required("orders:write")
@bp.arguments(RetryHeaders, location="headers", as_kwargs=True)
@bp.arguments(NewOrder)
@bp.response(201, Order)
def place_order(new: dict[str, Any], idempotency_key: str | None) -> Any:
    order = orders.place(get_session(), current_user(), new["lines"], idempotency_key)
    return order, {"Location": url_for(".show_order", order_id=order.id)}


@bp.get("/<id:order_id>")
@scope_required("orders:read")
@bp.response(200, Order)
def show_order(order_id: int) -> orders.Order:
    return orders.find(get_session(), current_user(), order_id)


@bp.put("/<id:order_id>/state")
@scope_required("orders:write")
@bp.arguments(NewState)
@bp.response(200, Order)
def change_state(new: dict[str, State], order_id: int) -> orders.Order:
    return orders.change_state(get_session(), current_user(), order_id, new["state"])
