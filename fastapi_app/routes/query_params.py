from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from compat.routing import FlaskRoute
from fastapi_app.fields import BooleanText, Date, IntegerText
from fastapi_app.schemas import Schema

router = APIRouter(tags=["query_params"], route_class=FlaskRoute)

Term = Annotated[str, Query(min_length=1, max_length=100)]
Tag = Annotated[str, Query(max_length=20)]


class Found(Schema):
    term: str


class Filtered(Found):
    limit: int
    exact: bool
    tags: list[str]
    since: date | None


@router.get("/search")
async def search(q: Term) -> Found:
    return Found(term=q)


@router.get("/search/advanced")
async def search_advanced(
    q: Term,
    limit: Annotated[int, Query(ge=1, le=100), IntegerText] = 10,
    exact: Annotated[bool, Query(), BooleanText] = False,
    tag: Annotated[list[Tag], Query(max_length=5)] = [],  # noqa: B006
    since: Annotated[Date | None, Query()] = None,
) -> Filtered:
    return Filtered(term=q, limit=limit, exact=exact, tags=tag, since=since)
