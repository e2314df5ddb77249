from typing import Any

from flask import Response

from flask_app.fields import Boolean, DateTime, Enum, Integer, Length, Pattern, Range, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.cookies import DOMAIN, PATH, SameSite

bp = Blueprint("cookies", __name__)


class ProfileCookie(Schema):
    name = Text(load_default=None)


class Profile(Schema):
    name = Text(required=True, allow_none=True)


class NewProfile(Schema):
    name = Text(required=True, validate=Length(max=100))
    max_age = Integer(allow_none=True, validate=Range(min=0, max=31536000))
    expires = DateTime(allow_none=True)
    path = Text(allow_none=True, validate=[Length(max=100), Pattern(PATH)])
    domain = Text(allow_none=True, validate=[Length(max=100), Pattern(DOMAIN)])
    secure = Boolean(allow_none=True)
    httponly = Boolean(allow_none=True)
    samesite = Enum(SameSite, allow_none=True)
    partitioned = Boolean(allow_none=True)


@bp.get("/profile")
@bp.arguments(ProfileCookie, location="cookies", as_kwargs=True)
@bp.response(200, Profile)
def show_profile(name: str | None) -> dict[str, str | None]:
    return {"name": name}


@bp.post("/profile")
@bp.arguments(NewProfile)
@bp.response(204)
def remember_profile(profile: dict[str, Any]) -> Response:
    response = Response(status=204)
    name = profile.pop("name")
    response.set_cookie("name", name, **profile)
    return response


@bp.delete("/profile")
@bp.response(204)
def forget_profile() -> Response:
    response = Response(status=204)
    response.delete_cookie("name")
    return response
