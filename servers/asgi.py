"""The ASGI entry point: `uvicorn --factory servers.asgi:create_app`."""

import os

from fastapi import FastAPI

from fastapi_app.app import create_app as create_fastapi_app
from shared import logs, readiness
from shared.settings import Settings


def create_app() -> FastAPI:
    """Build the FastAPI app from the settings in the environment."""
    settings = Settings.from_environ(os.environ)
    logs.configure(settings)
    readiness.start(settings)
    return create_fastapi_app(settings)
