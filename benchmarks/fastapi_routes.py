"""Routes that only the benchmark adds to the FastAPI app: under all of its layers, at the end."""

import asyncio

from fastapi import APIRouter, FastAPI

from benchmarks.items import ITEMS, PLACES, WAIT
from compat.routing import FlaskRoute
from fastapi_app.app import create_app
from fastapi_app.fields import Money
from fastapi_app.schemas import Row, Schema
from shared.settings import Settings

router = APIRouter(prefix="/benchmark", tags=["benchmark"], route_class=FlaskRoute)


class Item(Row):
    sku: str
    name: str
    price: Money
    stock: int


class Waited(Schema):
    waited: int


@router.get("/list")
async def list_items() -> list[Item]:
    return [Item.model_validate(item) for item in ITEMS]


@router.get("/wait")
async def wait() -> Waited:
    await asyncio.sleep(WAIT)
    return Waited(waited=round(WAIT * 1000))


async def light() -> Waited:
    return Waited(waited=0)


def router_at(path: str) -> APIRouter:
    """A router with the light route alone."""
    placed = APIRouter(tags=["benchmark"], route_class=FlaskRoute)
    placed.add_api_route(path, light)
    return placed


def app_with_routes(settings: Settings) -> FastAPI:
    """The app as it is, with these routes after its own."""
    app = create_app(settings)
    for included in (router, *map(router_at, PLACES.values())):
        app.include_router(included)
    return app


def app_with_one_route(settings: Settings, path: str) -> FastAPI:
    """All layers of the app, and one route."""
    return create_app(settings, [router_at(path)])
