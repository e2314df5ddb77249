from typing import Annotated, Self

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field, model_validator

from compat.routing import FlaskRoute
from fastapi_app.fields import Number, refuse
from fastapi_app.schemas import Schema
from shared.adults import guardian_fault

# JSONResponse writes floats as Flask does; pydantic, the default, writes 1e-7 for 1e-07.
router = APIRouter(tags=["validation"], route_class=FlaskRoute, default_response_class=JSONResponse)

Tag = Annotated[str, Field(min_length=1, max_length=20)]


class Address(Schema):
    street: Annotated[str, Field(min_length=1, max_length=100)]
    city: Annotated[str, Field(min_length=1, max_length=50)]
    postcode: Annotated[str | None, Field(pattern="^[0-9]{5}$")] = None


class User(Schema):
    username: Annotated[str, Field(min_length=3, max_length=30, pattern="^[a-z0-9_]+$")]
    age: Annotated[int, Field(ge=0, le=150)]
    nickname: Annotated[str | None, Field(max_length=30)] = None
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "en"
    rating: Annotated[Number | None, Field(gt=0, le=5)] = None
    tags: Annotated[list[Tag], Field(max_length=5)] = []
    addresses: Annotated[list[Address], Field(max_length=3)] = []
    guardian: Annotated[str | None, Field(max_length=30)] = None

    @model_validator(mode="after")
    def check_guardian(self) -> Self:
        if fault := guardian_fault(self.age, self.guardian):
            raise refuse(fault, "guardian")
        return self


@router.post("/users", status_code=201)
async def create_user(user: User) -> User:
    return user
