from typing import Annotated

from fastapi import APIRouter, Cookie
from pydantic import Field

from compat.responses import Response
from compat.routing import FlaskRoute
from fastapi_app.fields import DateTime, member
from fastapi_app.schemas import Schema
from shared.cookies import DOMAIN, PATH, SameSite

router = APIRouter(tags=["cookies"], route_class=FlaskRoute)


class Profile(Schema):
    name: str | None


class NewProfile(Schema):
    name: Annotated[str, Field(max_length=100)]
    max_age: Annotated[int | None, Field(ge=0, le=31536000)] = None
    expires: DateTime | None = None
    path: Annotated[str | None, Field(max_length=100, pattern=PATH)] = None
    domain: Annotated[str | None, Field(max_length=100, pattern=DOMAIN)] = None
    secure: bool | None = None
    httponly: bool | None = None
    samesite: Annotated[SameSite, member(SameSite)] | None = None
    partitioned: bool | None = None


@router.get("/profile")
async def show_profile(name: Annotated[str | None, Cookie()] = None) -> Profile:
    return Profile(name=name)


@router.post("/profile", status_code=204)
async def remember_profile(profile: NewProfile) -> Response:
    response = Response(status_code=204)
    options = profile.model_dump(exclude={"name"}, exclude_unset=True)
    response.set_cookie("name", profile.name, **options)
    return response


@router.delete("/profile", status_code=204)
async def forget_profile() -> Response:
    response = Response(status_code=204)
    response.delete_cookie("name")
    return response
