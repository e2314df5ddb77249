from fastapi import APIRouter

from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema

router = APIRouter(tags=["http_methods"], route_class=FlaskRoute)


class Method(Schema):
    method: str


@router.get("/methods")
async def read() -> Method:
    return Method(method="GET")


@router.post("/methods")
async def create() -> Method:
    return Method(method="POST")


@router.put("/methods")
async def replace() -> Method:
    return Method(method="PUT")


@router.patch("/methods")
async def change() -> Method:
    return Method(method="PATCH")


@router.delete("/methods")
async def delete() -> Method:
    return Method(method="DELETE")
