"""Customers of the shop."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

from shared.database import Base, Id, Text, Utc, transaction
from shared.names import Named
from shared.pagination import Page, page_of
from shared.problems import Conflict, NotFound

PHONE = r"^\+?[0-9][0-9 ()/-]{2,28}$"
COUNTRY = "^[A-Z]{2}$"


class Customer(Named, Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text(254), unique=True)
    phone: Mapped[str | None] = mapped_column(Text(30))
    country: Mapped[str | None] = mapped_column(Text(2), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc, index=True)

    @validates("email")
    def _lower(self, _: str, email: str) -> str:
        return email.lower()


class EmailTaken(Conflict):
    type = "/problems/email-taken"


# A minus sign turns the order round.
class Sort(StrEnum):
    ID = "id"
    NAME = "name"
    NAME_DOWN = "-name"
    EMAIL = "email"
    EMAIL_DOWN = "-email"
    COUNTRY = "country"
    COUNTRY_DOWN = "-country"
    CREATED_AT = "created_at"
    CREATED_AT_DOWN = "-created_at"


@dataclass(frozen=True)
class Search:
    """Which customers, in which order, and which page of them (see `shared.pagination`).

    `q` is a part of the name, compared without case; the times include their start and not their
    end.
    """

    page: int
    per_page: int
    q: str | None
    country: str | None
    created_from: datetime | None
    created_before: datetime | None
    sort: Sort
    cursor: str | None


def search(session: Session, wanted: Search) -> Page[Customer]:
    """One page. Raises Unprocessable for a cursor that is none, or of another order."""
    return page_of(
        session,
        _matching(wanted),
        Customer,
        sort=wanted.sort,
        page=wanted.page,
        per_page=wanted.per_page,
        cursor=wanted.cursor,
    )


def _matching(wanted: Search) -> Select[Customer]:
    found = select(Customer)
    if wanted.q is not None:
        found = found.where(Customer.has_in_name(wanted.q))
    if wanted.country is not None:
        found = found.where(Customer.country == wanted.country)
    if wanted.created_from is not None:
        found = found.where(Customer.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found = found.where(Customer.created_at < wanted.created_before)
    return found


def find(session: Session, customer_id: int) -> Customer:
    """Raises NotFound."""
    return _existing(session.get(Customer, customer_id))


def create(session: Session, values: Mapping[str, Any]) -> Customer:
    """A new customer with the attributes `values`. Raises EmailTaken."""
    customer = Customer(**values, created_at=datetime.now(UTC))
    with _unique_email(), transaction(session):
        session.add(customer)
    return customer


def update(session: Session, customer_id: int, values: Mapping[str, Any]) -> Customer:
    """Set the attributes that `values` names. Raises NotFound, EmailTaken."""
    with _unique_email(), transaction(session):
        customer = _existing(session.get(Customer, customer_id, with_for_update=True))
        for name, value in values.items():
            setattr(customer, name, value)
    return customer


def remove(session: Session, customer_id: int) -> None:
    """Raises NotFound."""
    with transaction(session):
        gone = delete(Customer).where(Customer.id == customer_id).returning(Customer.id)
        if session.scalar(gone) is None:
            raise NotFound


def _existing(customer: Customer | None) -> Customer:
    if customer is None:
        raise NotFound
    return customer


@contextmanager
def _unique_email() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise EmailTaken("Another customer has this email address.") from None
