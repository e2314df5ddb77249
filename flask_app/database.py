"""One database session for each request."""

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from shared.database import Database
from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.extensions["database"] = Database(settings.database_url)
    app.teardown_appcontext(close_session)


def get_database() -> Database:
    database: Database = current_app.extensions["database"]
    return database


def get_session() -> Session:
    """The session of this request, opened when it is first asked for."""
    if "session" not in g:
        g.session = get_database().session()
    session: Session = g.session
    return session


def close_session(error: BaseException | None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()
