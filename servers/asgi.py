"""The ASGI entry point: `uvicorn --factory servers.asgi:create_app`."""

import os

from fastapi import FastAPI

from fastapi_app.app import create_app as create_fastapi_app
from shared.settings import Settings


def create_app() -> FastAPI:
    """Build the FastAPI app from the settings in the environment."""
    return create_fastapi_app(Settings.from_environ(os.environ))
