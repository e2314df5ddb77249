"""One database session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.orm import Session

from shared.database import Database
from shared.settings import Settings


def install(app: FastAPI, settings: Settings) -> None:
    app.state.database = Database(settings.database_url)


def get_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def get_session(request: Request) -> Iterator[Session]:
    """The session of this request, closed before the answer is sent."""
    with get_database(request).session() as session:
        yield session


# Requests that hold a session at once. More than there are connections, so that writers who wait
# for their turn stop no reader; fewer than the 40 threads they wait in, so that somebody goes on.
SESSIONS = 32
# One alias for all handlers, for each Depends of its own would count for itself.
SessionDep = Annotated[Session, Depends(get_session, scope="function", max_concurrency=SESSIONS)]
