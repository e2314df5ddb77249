"""How a request is read: what `compat.routing.FlaskRoute`, the routers' route class, goes by."""

from fastapi import FastAPI

from shared.settings import Settings


def install(app: FastAPI, settings: Settings) -> None:
    app.state.max_body_size = settings.max_body_size
    app.router.redirect_slashes = False
