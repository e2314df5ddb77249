"""The tables of the shop, and the one step that creates them."""

import time
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

# Importing a module adds its tables to Base.metadata.
from shared import (  # noqa: F401
    accounts,
    api_keys,
    customers,
    orders,
    products,
    rate_limits,
    tokens,
    trails,
)
from shared.database import WAIT, WRITING, Base, Database
from shared.settings import Settings

# Any number that nothing else locks in this database.
LOCK = 5001_8001


def create_schema(database: Database) -> None:
    """Create what is missing; what is there stays as it is.

    Safe to run by many workers at once: one creates, the others wait for it. Raises one of
    `shared.database.UNAVAILABLE` if the database does not answer.
    """
    if database.engine.dialect.name == "sqlite":
        _wait_for_file(database)
    with database.engine.connect().execution_options(**WRITING) as connection, connection.begin():
        if database.engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        Base.metadata.create_all(connection)


def _wait_for_file(database: Database) -> None:
    """A new file is locked for a moment while another worker turns it to write-ahead logging, and
    SQLite does not wait for that by itself."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            return database.ping()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def prepare(settings: Settings) -> None:
    """What a server does before it starts: the folder of SQLite's file, then the tables."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    create_schema(database)
    database.close()
