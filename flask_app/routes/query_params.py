from datetime import date
from typing import Any

from flask_app.fields import (
    Boolean,
    BooleanText,
    Date,
    Integer,
    IntegerText,
    Length,
    List,
    Range,
    Text,
)
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("query_params", __name__)


class SearchQuery(Schema):
    q = Text(required=True, validate=Length(min=1, max=100))


class AdvancedQuery(SearchQuery):
    limit = IntegerText(load_default=10, validate=Range(min=1, max=100))
    exact = BooleanText(load_default=False)
    tag = List(Text(validate=Length(max=20)), max=5, load_default=[])
    since = Date(load_default=None)


class Found(Schema):
    term = Text(required=True)


class Filtered(Found):
    limit = Integer(required=True)
    exact = Boolean(required=True)
    tags = List(Text(), required=True)
    since = Date(required=True, allow_none=True)


@bp.get("/search")
@bp.arguments(SearchQuery, location="query", as_kwargs=True)
@bp.response(200, Found)
def search(q: str) -> dict[str, Any]:
    return {"term": q}


@bp.get("/search/advanced")
@bp.arguments(AdvancedQuery, location="query", as_kwargs=True)
@bp.response(200, Filtered)
def search_advanced(
    q: str, limit: int, exact: bool, tag: list[str], since: date | None
) -> dict[str, Any]:
    return {"term": q, "limit": limit, "exact": exact, "tags": tag, "since": since}
