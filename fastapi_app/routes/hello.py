from fastapi import APIRouter, Depends

from compat.routing import FlaskRoute
from fastapi_app.lifespan import require_readiness
from fastapi_app.schemas import Schema

router = APIRouter(tags=["hello"], route_class=FlaskRoute)


class Greeting(Schema):
    hello: str


class Health(Schema):
    status: str


@router.get("/")
async def hello() -> Greeting:
    return Greeting(hello="world")


@router.get("/health", dependencies=[Depends(require_readiness)])
async def health() -> Health:
    return Health(status="ok")
