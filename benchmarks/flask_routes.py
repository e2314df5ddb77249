"""Routes that only the benchmark adds to the Flask app: under all of its layers, at the end."""

import time
from typing import Any

from flask import Flask

from benchmarks.items import ITEMS, PLACES, WAIT
from flask_app.app import create_app
from flask_app.fields import Integer, Money, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Row, Schema
from shared.settings import Settings

bp = Blueprint("benchmark", __name__, url_prefix="/benchmark", documented=False)


class Item(Row):
    sku = Text(required=True)
    name = Text(required=True)
    price = Money(required=True)
    stock = Integer(required=True)


class Waited(Schema):
    waited = Integer(required=True)


@bp.get("/list")
@bp.response(200, Item(many=True))
def list_items() -> Any:
    return ITEMS


@bp.get("/wait")
@bp.response(200, Waited)
def wait() -> dict[str, int]:
    time.sleep(WAIT)
    return {"waited": round(WAIT * 1000)}


@bp.response(200, Waited)
def light() -> dict[str, int]:
    return {"waited": 0}


def blueprint_at(path: str) -> Blueprint:
    """A blueprint with the light route alone."""
    placed = Blueprint(f"light{path.replace('/', '_')}", __name__)
    placed.add_url_rule(path, view_func=light)
    return placed


def app_with_routes(settings: Settings) -> Flask:
    """The app as it is, with these routes after its own."""
    app = create_app(settings)
    for blueprint in (bp, *map(blueprint_at, PLACES.values())):
        app.register_blueprint(blueprint)
    return app


def app_with_one_route(settings: Settings, path: str) -> Flask:
    """All layers of the app, and one route."""
    return create_app(settings, [blueprint_at(path)])
