from typing import Any

from flask_app.fields import Length, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("form", __name__)


class Required(Schema):
    city = Text(required=True, validate=Length(min=1, max=50))


class Optional(Schema):
    city = Text(load_default=None, validate=Length(max=50))


class Default(Schema):
    city = Text(load_default="Paris", validate=Length(max=50))


class City(Schema):
    city = Text(required=True, allow_none=True)


@bp.post("/submit")
@bp.arguments(Required, location="form")
@bp.response(200, City)
def submit(form: dict[str, Any]) -> dict[str, Any]:
    return {"city": form["city"]}


@bp.post("/submit/optional")
@bp.arguments(Optional, location="form", required=False)
@bp.response(200, City)
def submit_optional(form: dict[str, Any]) -> dict[str, Any]:
    return {"city": form["city"]}


@bp.post("/submit/default")
@bp.arguments(Default, location="form", required=False)
@bp.response(200, City)
def submit_default(form: dict[str, Any]) -> dict[str, Any]:
    return {"city": form["city"]}
