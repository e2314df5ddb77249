"""The database: sessions, transactions, and column types that SQLite and PostgreSQL read alike.

database = Database("sqlite:///data/shop.db")
with database.session() as session, transaction(session):
    session.add(...)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Any
from unicodedata import normalize

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    String,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

# Connections of one process. Few: threads that read rows at once only wait for each other's lock.
# To SQLite even fewer: its driver lets go of the interpreter at each row.
POOL_SIZE = 5
SQLITE_POOL_SIZE = 2
# Seconds that a request waits for a connection, for a row that another one changes, or for
# SQLite's one writer.
WAIT = 20
# What says that the database is away or overloaded; both apps answer 503.
UNAVAILABLE = (OperationalError, InterfaceError, NoFreeConnection)
WRITING = {"writing": True}
WRITER = "writer"  # where a session has the lock of its database's one writer


class Base(DeclarativeBase):
    """The base of every model."""


# SQLite counts rows up by itself only in a column of exactly this type.
Id = BigInteger().with_variant(Integer(), "sqlite")


def Text(length: int | None = None) -> String:  # noqa: N802  (a type, as SQLAlchemy's own are)
    """A text of at most `length` characters, ordered by code point on both databases."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Utc(TypeDecorator[datetime]):
    """A moment, to the microsecond. Aware and in UTC on both databases; SQLite stores no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An amount with two decimal places, stored as a whole number of cents: SQLite has no decimals.

    Raises ValueError for an amount with more places.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        cents = value * 100
        if cents != int(cents):
            raise ValueError("more than two decimal places")
        return int(cents)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Database:
    """An engine with its pool of connections, and the sessions made from it.

    `url` is SQLAlchemy's: `sqlite:///file` or `postgresql+psycopg://user@host/name`. Nothing is
    opened before the first session needs it. Raises ValueError for a URL of another database.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        info = {WRITER: Lock()} if self.engine.name == "sqlite" else {}
        self.session = sessionmaker(self.engine, expire_on_commit=False, info=info)

    def ping(self) -> None:
        """Ask the database for nothing. Raises one of UNAVAILABLE if it does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close the connections that nobody uses; the others close when they are given back."""
        self.engine.dispose()


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    """Everything inside happens, or nothing: committed at the end, rolled back on an error.

    What the session has read before is read anew: SQLite does not let a reader write once another
    has written, so a writing transaction takes SQLite's one write lock from its very beginning.
    Raises one of UNAVAILABLE if that takes too long.
    """
    session.rollback()
    with _in_turn(session.info.get(WRITER)):
        session.connection(execution_options=WRITING)
        try:
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def _in_turn(writer: "Lock | None") -> Iterator[None]:
    """Of the writers of a process one at a time waits at SQLite, so that readers have the other
    connection."""
    if writer is None:
        yield
    elif writer.acquire(timeout=WAIT):
        try:
            yield
        finally:
            writer.release()
    else:
        raise NoFreeConnection("another writer of this process takes too long")


def folded(text: str) -> str:
    """The text as searches compare it: without case, by one rule for both databases.

    Store it beside the text and look for the folded term with `contains(term, autoescape=True)`.
    """
    return normalize("NFKC", normalize("NFKC", text).casefold())


def _engine(url: str) -> Engine:
    backend = make_url(url).get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise ValueError(f"a database of SQLite or PostgreSQL, not of {backend!r}")
    options: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": 0, "pool_timeout": WAIT}
    if backend == "postgresql":
        # Without the ping a connection that broke while idle would fail the next request.
        # Without a limit, five requests for one locked row would keep all connections.
        settings = f"-c timezone=UTC -c lock_timeout={WAIT}s"
        connect_args = {"connect_timeout": WAIT, "options": settings}
        return create_engine(url, pool_pre_ping=True, connect_args=connect_args, **options)
    options["pool_size"] = SQLITE_POOL_SIZE
    engine = create_engine(url, connect_args={"timeout": WAIT}, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where sqlite3 guesses
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
