from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.database import SessionDep
from fastapi_app.fields import DateTime, Email, Id, Name, member
from fastapi_app.pagination import PageDep, SearchQuery
from fastapi_app.schemas import Partial, Schema
from shared import customers
from shared.customers import COUNTRY, PHONE, Search, Sort
from shared.pagination import LONGEST_CURSOR

router = APIRouter(prefix="/customers", tags=["customers"], route_class=FlaskRoute)


class NewCustomer(Schema):
    name: Name
    email: Email
    phone: Annotated[str | None, Field(pattern=PHONE)] = None
    country: Annotated[str | None, Field(pattern=COUNTRY)] = None


class Customer(Schema):
    id: int
    name: str
    email: str
    phone: str | None
    country: str | None
    created_at: DateTime


class CustomerQuery(SearchQuery):
    country: Annotated[str | None, Field(pattern=COUNTRY)] = None
    created_from: DateTime | None = None
    created_before: DateTime | None = None
    sort: Annotated[Sort, member(Sort)] = Sort.ID
    cursor: Annotated[str | None, Field(max_length=LONGEST_CURSOR)] = None


@router.get("")
def list_customers(
    session: SessionDep, query: Annotated[CustomerQuery, Query()], headers: PageDep
) -> list[Customer]:
    page = customers.search(session, Search(**dict(query)))
    headers.add("list_customers", query, page)
    return [Customer.model_validate(row) for row in page.rows]


@router.post("", status_code=201)
def create_customer(
    request: Request, response: Response, session: SessionDep, values: NewCustomer
) -> Customer:
    customer = customers.create(session, values.model_dump())
    location = request.url_for("show_customer", customer_id=customer.id).path
    response.headers["Location"] = location
    return Customer.model_validate(customer)


@router.get("/{customer_id:id}")
def show_customer(session: SessionDep, customer_id: Id) -> Customer:
    return Customer.model_validate(customers.find(session, customer_id))


@router.put("/{customer_id:id}")
def replace_customer(session: SessionDep, customer_id: Id, values: NewCustomer) -> Customer:
    customer = customers.update(session, customer_id, values.model_dump())
    return Customer.model_validate(customer)


@router.patch("/{customer_id:id}")
def change_customer(session: SessionDep, customer_id: Id, values: Partial[NewCustomer]) -> Customer:
    changes = values.model_dump(exclude_unset=True)
    return Customer.model_validate(customers.update(session, customer_id, changes))


@router.delete("/{customer_id:id}", status_code=204, response_class=Response)
def delete_customer(session: SessionDep, customer_id: Id) -> None:
    customers.remove(session, customer_id)
