from fastapi import APIRouter

from compat.routing import FlaskRoute
from shared.problems import Conflict, NotFound, Unprocessable

router = APIRouter(tags=["errors"], route_class=FlaskRoute)


@router.get("/errors/not-found", status_code=204)
async def not_found() -> None:
    raise NotFound("This order does not exist.")


@router.get("/errors/conflict", status_code=204)
async def conflict() -> None:
    raise Conflict("This order has been paid already.")


@router.get("/errors/unprocessable", status_code=204)
async def unprocessable() -> None:
    raise Unprocessable("This order has no lines.")


@router.get("/errors/unexpected", status_code=204)
async def unexpected() -> None:
    raise RuntimeError("a secret that no client may see")
