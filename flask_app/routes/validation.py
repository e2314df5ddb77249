from typing import Any

from marshmallow import ValidationError, validates_schema

from flask_app.fields import Integer, Length, List, Nested, Number, Pattern, Range, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.adults import guardian_fault

bp = Blueprint("validation", __name__)


class Address(Schema):
    street = Text(required=True, validate=Length(min=1, max=100))
    city = Text(required=True, validate=Length(min=1, max=50))
    postcode = Text(load_default=None, allow_none=True, validate=Pattern("^[0-9]{5}$"))


class User(Schema):
    username = Text(required=True, validate=[Length(min=3, max=30), Pattern("^[a-z0-9_]+$")])
    age = Integer(required=True, validate=Range(min=0, max=150))
    nickname = Text(load_default=None, allow_none=True, validate=Length(max=30))
    language = Text(load_default="en", validate=Pattern("^[a-z]{2}$"))
    rating = Number(
        load_default=None, allow_none=True, validate=Range(min=0, max=5, min_inclusive=False)
    )
    tags = List(Text(validate=Length(min=1, max=20)), max=5, load_default=[])
    addresses = List(Nested(Address), max=3, load_default=[])
    guardian = Text(load_default=None, allow_none=True, validate=Length(max=30))

    @validates_schema
    def check_guardian(self, user: dict[str, Any], **_: Any) -> None:
        if fault := guardian_fault(user["age"], user["guardian"]):
            raise ValidationError(fault, "guardian")


@bp.post("/users")
@bp.arguments(User)
@bp.response(201, User)
def create_user(user: dict[str, Any]) -> dict[str, Any]:
    return user
