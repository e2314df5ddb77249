"""FastAPI with the Flask app inside it, put together."""

from collections.abc import Collection, Sequence

from fastapi import APIRouter, FastAPI

from fastapi_app.app import create_app as create_fastapi_app
from fastapi_app.routes import routers as all_routers
from flask_app.app import create_app as create_flask_app
from migration import lifespan, openapi, urls
from migration.border import Border
from migration.topics import known
from shared.settings import Settings


def create_app(
    settings: Settings, migrated: Collection[str], routers: Sequence[APIRouter] | None = None
) -> FastAPI:
    """The app in which FastAPI answers the topics in `migrated`, and Flask everything else.

    `routers` are taken in place of those of `fastapi_app`; the first tag of each is its topic.
    Once all topics are migrated there is no Flask any more. Raises UnknownTopic.
    """
    moved = known(migrated)
    chosen = all_routers if routers is None else routers
    ported = [router for router in chosen if router.tags[0] in moved]
    app = create_fastapi_app(settings, ported)
    if not moved.complete:
        flask = create_flask_app(settings)
        openapi.install(app, flask)
        urls.install(app, ported, flask)
        lifespan.install(app, flask)
        routes = [route for router in ported for route in router.routes]
        app.add_middleware(Border, routes=routes, flask=flask)
    return app
