from typing import Any

from flask import url_for

from flask_app.database import get_session
from flask_app.fields import DateTime, Email, Enum, Integer, Length, Name, Pattern, Text
from flask_app.openapi import Blueprint
from flask_app.pagination import SearchQuery, page_headers
from flask_app.schemas import Schema
from shared import customers
from shared.customers import COUNTRY, PHONE, Search, Sort
from shared.pagination import LONGEST_CURSOR

bp = Blueprint("customers", __name__, url_prefix="/customers")


class NewCustomer(Schema):
    name = Name(required=True)
    email = Email(required=True)
    phone = Text(load_default=None, allow_none=True, validate=Pattern(PHONE))
    country = Text(load_default=None, allow_none=True, validate=Pattern(COUNTRY))


class Customer(Schema):
    id = Integer(required=True)
    name = Text(required=True)
    email = Text(required=True)
    phone = Text(required=True, allow_none=True)
    country = Text(required=True, allow_none=True)
    created_at = DateTime(required=True)


class CustomerQuery(SearchQuery):
    country = Text(load_default=None, validate=Pattern(COUNTRY))
    created_from = DateTime(load_default=None)
    created_before = DateTime(load_default=None)
    sort = Enum(Sort, load_default=Sort.ID)
    cursor = Text(load_default=None, validate=Length(max=LONGEST_CURSOR))


@bp.get("")
@bp.arguments(CustomerQuery, location="query")
@bp.response(200, Customer(many=True))
def list_customers(query: dict[str, Any]) -> Any:
    page = customers.search(get_session(), Search(**query))
    return page.rows, page_headers(".list_customers", query, page)


@bp.post("")
@bp.arguments(NewCustomer)
@bp.response(201, Customer)
def create_customer(values: dict[str, Any]) -> Any:
    customer = customers.create(get_session(), values)
    location = url_for(".show_customer", customer_id=customer.id)
    return customer, {"Location": location}


@bp.get("/<id:customer_id>")
@bp.response(200, Customer)
def show_customer(customer_id: int) -> customers.Customer:
    return customers.find(get_session(), customer_id)


@bp.put("/<id:customer_id>")
@bp.arguments(NewCustomer)
@bp.response(200, Customer)
def replace_customer(values: dict[str, Any], customer_id: int) -> customers.Customer:
    return customers.update(get_session(), customer_id, values)


@bp.patch("/<id:customer_id>")
@bp.arguments(NewCustomer(partial=True))
@bp.response(200, Customer)
def change_customer(values: dict[str, Any], customer_id: int) -> customers.Customer:
    return customers.update(get_session(), customer_id, values)


@bp.delete("/<id:customer_id>")
@bp.response(204)
def delete_customer(customer_id: int) -> None:
    customers.remove(get_session(), customer_id)
