from fastapi import APIRouter

from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema

router = APIRouter(tags=["lifespan"], route_class=FlaskRoute)


class Liveness(Schema):
    status: str


@router.get("/lifespan/alive")
async def alive() -> Liveness:
    return Liveness(status="alive")
