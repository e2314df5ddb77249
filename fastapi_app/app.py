"""The FastAPI app, put together."""

from fastapi import FastAPI

from fastapi_app import cors, errors, middleware, openapi
from fastapi_app.routes import routers
from shared.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        redirect_slashes=False,
        middleware=[*middleware.outer(settings), *cors.layers(settings), *middleware.inner()],
        exception_handlers=errors.HANDLERS,
        **openapi.OPTIONS,
    )
    app.state.max_body_size = settings.max_body_size
    for router in routers:
        app.include_router(router)
    return app
