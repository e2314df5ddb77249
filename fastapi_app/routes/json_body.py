from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema

router = APIRouter(tags=["json_body"], route_class=FlaskRoute)


class Message(Schema):
    text: Annotated[str, Field(max_length=1000)]


class Lowered(Schema):
    text: str


@router.post("/lowercase")
async def lowercase(message: Message) -> Lowered:
    return Lowered(text=message.text.lower())
