"""What happens when the app starts and stops."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from fastapi_app.database import SessionDep
from shared.database import Database
from shared.readiness import Readiness
from shared.settings import Settings

logger = logging.getLogger("lifespan")


def install(app: FastAPI, settings: Settings) -> None:
    app.state.readiness = Readiness(app.state.database)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Before the first request, and after the last."""
    logger.info("started")
    yield
    stop(app.state.database)


def stop(database: Database) -> None:
    database.close()
    logger.info("stopped")


def require_readiness(request: Request, session: SessionDep) -> None:
    """Raises NotReady."""
    readiness: Readiness = request.app.state.readiness
    readiness.check(session)
