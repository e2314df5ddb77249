from typing import Any

from flask_app.fields import (
    URL,
    UUID,
    Boolean,
    Date,
    DateTime,
    Decimal,
    Dict,
    Duration,
    Email,
    Enum,
    Integer,
    Number,
    Range,
    Text,
    Time,
)
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.colours import Colour

bp = Blueprint("field_types", __name__)


class FieldTypes(Schema):
    boolean = Boolean(load_default=None, allow_none=True)
    integer = Integer(load_default=None, allow_none=True)
    number = Number(load_default=None, allow_none=True, validate=Range(min=-1000, max=1000))
    text = Text(load_default=None, allow_none=True)
    enum = Enum(Colour, load_default=None, allow_none=True)
    decimal = Decimal(load_default=None, allow_none=True)
    date = Date(load_default=None, allow_none=True)
    time = Time(load_default=None, allow_none=True)
    datetime = DateTime(load_default=None, allow_none=True)
    duration = Duration(load_default=None, allow_none=True)
    uuid = UUID(load_default=None, allow_none=True)
    email = Email(load_default=None, allow_none=True)
    url = URL(load_default=None, allow_none=True)
    mapping = Dict(Integer(), max=10, load_default=None, allow_none=True)


@bp.post("/field-types")
@bp.arguments(FieldTypes)
@bp.response(200, FieldTypes)
def show_field_types(values: dict[str, Any]) -> dict[str, Any]:
    return values
