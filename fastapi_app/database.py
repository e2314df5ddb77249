"""One database session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.orm import Session

from shared.database import POOL_SIZE, Database
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


# One alias for all handlers: no more may hold a session than there can be connections, and others
# wait without a thread. With a Depends of its own for each, threads and connections deadlock.
SessionDep = Annotated[Session, Depends(get_session, scope="function", max_concurrency=POOL_SIZE)]
