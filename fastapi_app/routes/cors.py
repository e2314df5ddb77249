from fastapi import APIRouter

from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema

router = APIRouter(tags=["cors"], route_class=FlaskRoute)


class Shared(Schema):
    shared_with: str


@router.get("/cors/open")
async def read_open() -> Shared:
    return Shared(shared_with="listed origins")


@router.get("/cors/account")
async def read_account() -> Shared:
    return Shared(shared_with="listed origins, with credentials")


@router.put("/cors/account")
async def change_account() -> Shared:
    return Shared(shared_with="listed origins, after a preflight")
