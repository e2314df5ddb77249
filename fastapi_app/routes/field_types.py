from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.fields import (
    URL,
    UUID,
    Date,
    DateTime,
    Decimal,
    Duration,
    Email,
    Number,
    Time,
    at_most,
    member,
)
from fastapi_app.schemas import Schema
from shared.colours import Colour

# JSONResponse writes floats as Flask does; pydantic, the default, writes 1e-7 for 1e-07.
router = APIRouter(
    tags=["field_types"], route_class=FlaskRoute, default_response_class=JSONResponse
)


class FieldTypes(Schema):
    boolean: bool | None = None
    integer: int | None = None
    number: Annotated[Number | None, Field(ge=-1000, le=1000)] = None
    text: str | None = None
    enum: Annotated[Colour, member(Colour)] | None = None
    decimal: Decimal | None = None
    date: Date | None = None
    time: Time | None = None
    datetime: DateTime | None = None
    duration: Duration | None = None
    uuid: UUID | None = None
    email: Email | None = None
    url: URL | None = None
    mapping: Annotated[dict[str, int] | None, Field(max_length=10), at_most(10)] = None


@router.post("/field-types")
async def show_field_types(values: FieldTypes) -> FieldTypes:
    return values
