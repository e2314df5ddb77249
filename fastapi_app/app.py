"""The FastAPI app, put together."""

from fastapi import FastAPI

from fastapi_app import cors, database, errors, middleware, openapi, parsing
from fastapi_app.routes import routers
from shared.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        middleware=[*middleware.outer(settings), *cors.layers(settings), *middleware.inner()],
        exception_handlers=errors.HANDLERS,
        **openapi.OPTIONS,
    )
    parsing.install(app, settings)
    database.install(app, settings)
    for router in routers:
        app.include_router(router)
    return app
