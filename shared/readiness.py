"""Whether an app can serve: the database answers, and has its tables."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import UNAVAILABLE, Database
from shared.problems import DomainError
from shared.schema import create_schema, prepare
from shared.settings import Settings

logger = logging.getLogger("lifespan")


class NotReady(DomainError):
    status = 503
    headers = {"Retry-After": "1"}


class Readiness:
    """What the readiness check of a process asks, and remembers: that the tables are there."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._has_tables = False

    def check(self, session: Session) -> None:
        """Raises NotReady while the database does not answer."""
        try:
            if not self._has_tables:  # it may have been away when the server started
                # Before the session has a connection: requests that hold one while they wait for
                # a second would wait for each other.
                create_schema(self.database)
                self._has_tables = True
            session.execute(select(1))
        except UNAVAILABLE as error:
            _warn(error)
            raise NotReady from None


def start(settings: Settings) -> None:
    """What a server does first. Without its database it starts all the same, and is not ready."""
    try:
        prepare(settings)
    except UNAVAILABLE as error:
        _warn(error)


def _warn(error: Exception) -> None:
    logger.warning("not ready", extra={"reason": str(getattr(error, "orig", error)).strip()})
