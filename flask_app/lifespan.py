"""What happens when the app starts and stops."""

import atexit
import logging

from flask import Flask, current_app

from flask_app.database import get_session
from shared.database import Database
from shared.readiness import Readiness
from shared.settings import Settings

logger = logging.getLogger("lifespan")


def install(app: Flask, settings: Settings) -> None:
    database: Database = app.extensions["database"]
    app.extensions["readiness"] = Readiness(database)
    logger.info("started")
    # WSGI does not say when a server stops: the end of the process is all there is.
    atexit.register(stop, database)


def stop(database: Database) -> None:
    database.close()
    logger.info("stopped")


def require_readiness() -> None:
    """Raises NotReady."""
    readiness: Readiness = current_app.extensions["readiness"]
    readiness.check(get_session())
