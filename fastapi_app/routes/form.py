from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema

router = APIRouter(tags=["form"], route_class=FlaskRoute)


class Required(Schema):
    city: Annotated[str, Field(min_length=1, max_length=50)]


class Optional(Schema):
    city: Annotated[str | None, Field(max_length=50)] = None


class Default(Schema):
    city: Annotated[str, Field(max_length=50)] = "Paris"


class City(Schema):
    city: str | None


@router.post("/submit")
async def submit(form: Annotated[Required, Form()]) -> City:
    return City(city=form.city)


@router.post("/submit/optional")
async def submit_optional(form: Annotated[Optional, Form()] = Optional()) -> City:  # noqa: B008
    return City(city=form.city)


@router.post("/submit/default")
async def submit_default(form: Annotated[Default, Form()] = Default()) -> City:  # noqa: B008
    return City(city=form.city)
