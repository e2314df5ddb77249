"""Pages of a list: by their number, or from a cursor on; and the links between them.

Whatever a list is sorted by, rows that are equal in it follow each other by id, and rows that have
no value there come last, in either direction. So two pages never share a row or miss one, and both
databases give the same.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from shared import formats, json_text
from shared.database import Base, Utc
from shared.faults import error, fault
from shared.problems import Unprocessable

PER_PAGE = 20
MOST_PER_PAGE = 100
# An offset further back than any list goes; a database counts it in 64 bits.
LAST_PAGE = 1_000_000
LONGEST_CURSOR = 2000
Row = TypeVar("Row", bound=Base)
Change = Mapping[str, int | str | None]


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, how many it has in all, and the queries that give other pages.

    `others` has for each what is other than in the query of this one: `{"next": {"page": 3}}`.
    """

    rows: Sequence[Row]
    total: int
    others: Mapping[str, Change]

    def links(self, url: str, query: Mapping[str, Any]) -> str:
        """The value of a Link header (RFC 8288): `query` at `url`, with what differs there."""
        return ", ".join(
            f'<{url}?{urlencode(_written({**query, **other}), safe=":")}>; rel="{name}"'
            for name, other in self.others.items()
        )


class Cursor(NamedTuple):
    """The row after which to go on: what it is sorted by, the value there, its id."""

    sort: str
    value: Any
    id: int


def page_of(
    session: Session,
    found: Select[Row],
    model: type[Row],
    *,
    sort: str,
    page: int,
    per_page: int,
    cursor: str | None = None,
) -> Page[Row]:
    """A page of the rows that `found` selects, sorted by a column of `model`; `-` turns it round.

    With a `cursor`, empty for the first page, `page` does not count; the column is then the id, or
    one of texts or times. Raises Unprocessable for a cursor that no page gave out.
    """
    after = _decode(cursor, sort, model) if cursor else None
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.order_by(*_order(model, sort))
    if cursor is None:
        rows = session.scalars(ordered.limit(per_page).offset((page - 1) * per_page)).all()
        return Page(rows, total, _numbered(page, -(-total // per_page)))
    if after:
        ordered = ordered.where(_following(model, after))
    rows = session.scalars(ordered.limit(per_page + 1)).all()
    others: dict[str, Change] = {"first": {"page": None, "cursor": ""}}
    if len(rows) > per_page:
        others["next"] = {"page": None, "cursor": _encode(rows[per_page - 1], sort)}
    return Page(rows[:per_page], total, others)


def _numbered(page: int, last: int) -> dict[str, Change]:
    last = max(last, 1)
    numbers = {"first": 1, "prev": min(page - 1, last), "next": page + 1, "last": last}
    return {name: {"page": number} for name, number in numbers.items() if 1 <= number <= last}


def _written(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: formats.format_datetime(value) if isinstance(value, datetime) else value
        for name, value in query.items()
        if value is not None
    }


def _sorted_by(model: type[Base], sort: str) -> tuple[Any, Any]:
    """The column that `sort` names, and the column of the ids."""
    columns = model.__table__.c
    return columns[sort.removeprefix("-")], columns["id"]


def _order(model: type[Base], sort: str) -> list[ColumnElement[Any]]:
    column, key = _sorted_by(model, sort)
    return [(column.desc() if sort.startswith("-") else column.asc()).nulls_last(), key]


def _following(model: type[Base], after: Cursor) -> ColumnElement[bool]:
    column, key = _sorted_by(model, after.sort)
    if after.value is None:
        return and_(column.is_(None), key > after.id)
    further = column < after.value if after.sort.startswith("-") else column > after.value
    return or_(further, and_(column == after.value, key > after.id), column.is_(None))


def _encode(row: Base, sort: str) -> str:
    value = getattr(row, sort.removeprefix("-"))
    if isinstance(value, datetime):
        value = formats.format_datetime(value)
    cursor = Cursor(sort, value, getattr(row, "id"))  # noqa: B009  (of no declared type)
    text = json.dumps(cursor, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(text: str, sort: str, model: type[Base]) -> Cursor:
    try:
        padded = text + "=" * (-len(text) % 4)
        written = json_text.parse(base64.b64decode(padded, altchars="-_", validate=True))
        column, key = _sorted_by(model, sort)
        cursor = Cursor(written[0], _read(written[1], column), _read(written[2], key))
        if cursor.sort != sort or len(written) != len(cursor):
            raise ValueError
    except (ValueError, TypeError, LookupError):
        wrong = fault("format", expected="a cursor of this list")
        raise Unprocessable(errors=[error("query", ["cursor"], wrong)]) from None
    return cursor


def _read(written: Any, column: Any) -> Any:
    """What a cursor says of a column, which any client may have made up."""
    if written is None and column.nullable:
        return None
    if isinstance(column.type, Utc):
        return formats.parse_datetime(written)
    kind = column.type.python_type
    if type(written) is not kind:
        raise ValueError
    if written not in range(1, formats.LARGEST_ID + 1) if kind is int else "\0" in written:
        raise ValueError
    return written
