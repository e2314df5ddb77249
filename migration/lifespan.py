"""Both apps start and stop together."""

import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from flask import Flask

from flask_app.lifespan import stop


def install(app: FastAPI, flask: Flask) -> None:
    """Flask starts when it is made. Its end is the end of the process, and no `atexit` hook runs
    under uvicorn, which ends by the signal that told it to stop: it ends with FastAPI instead."""
    of_fastapi = app.router.lifespan_context
    atexit.unregister(stop)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with of_fastapi(app) as state:
            yield state
        flask.extensions["upstream"].close()
        stop(flask.extensions["database"])

    app.router.lifespan_context = lifespan
