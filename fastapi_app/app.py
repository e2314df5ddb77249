"""The FastAPI app, put together."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from fastapi_app import (
    configuration,
    cors,
    database,
    errors,
    lifespan,
    middleware,
    openapi,
    parsing,
    security,
    sessions,
    templates,
    upstream,
)
from fastapi_app.routes import routers
from shared.settings import Settings


def create_app(settings: Settings, routers: Sequence[APIRouter] = routers) -> FastAPI:
    app = FastAPI(
        middleware=[
            *middleware.outer(settings),
            *sessions.layers(settings),
            *templates.layers(),
            *cors.layers(settings),
            *middleware.inner(),
        ],
        exception_handlers=errors.HANDLERS,
        lifespan=lifespan.lifespan,
        telemetry=configuration.NO_TELEMETRY,
        **openapi.OPTIONS,
    )
    configuration.install(app, settings)
    parsing.install(app, settings)
    database.install(app, settings)
    security.install(app, settings)
    upstream.install(app, settings)
    templates.install(app, routers)
    lifespan.install(app, settings)
    openapi.install(app, settings)
    for router in routers:
        app.include_router(router)
    return app
