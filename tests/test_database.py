"""Who waits for whom at the database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from shared import database as module
from shared.database import SQLITE_POOL_SIZE, Database, transaction
from shared.readiness import Readiness

WRITERS = 6  # more than there are connections
PATIENCE = 10  # seconds


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    with made.session() as session, transaction(session):
        session.execute(text("CREATE TABLE counts (number INTEGER)"))
        session.execute(text("INSERT INTO counts VALUES (0)"))
    yield made
    made.close()


def count_up(database: Database) -> None:
    with database.session() as session, transaction(session):
        session.execute(text("UPDATE counts SET number = number + 1"))


def read(database: Database) -> int:
    with database.session() as session:
        number: int = session.execute(text("SELECT number FROM counts")).scalar_one()
        return number


def test_writers_that_wait_keep_no_reader_from_reading(database: Database) -> None:
    begun, may_end = Event(), Event()

    def hold() -> None:
        with database.session() as session, transaction(session):
            begun.set()
            assert may_end.wait(PATIENCE)

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writers = [pool.submit(hold)]
        assert begun.wait(PATIENCE)
        writers += [pool.submit(count_up, database) for _ in range(WRITERS)]
        assert [read(database) for _ in range(20)] == [0] * 20
        assert not any(writer.done() for writer in writers)
        may_end.set()
        for writer in writers:
            writer.result(PATIENCE)
    assert read(database) == WRITERS


def test_a_writer_whose_turn_does_not_come_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT", 0.01)
    with database.session() as session, transaction(session), ThreadPoolExecutor(1) as pool:
        late = pool.submit(count_up, database)
        assert isinstance(late.exception(PATIENCE), NoFreeConnection)
    count_up(database)
    assert read(database) == 1


def test_a_writer_that_fails_lets_the_next_one_write(database: Database) -> None:
    def fail() -> None:
        with database.session() as session, transaction(session):
            session.execute(text("UPDATE counts SET number = 7"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    count_up(database)
    assert read(database) == 1


def test_the_first_look_at_readiness_takes_one_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a second one, the first requests of a process would each wait for another's."""
    monkeypatch.setattr(module, "WAIT", 1)
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    with ExitStack() as stack:
        stack.callback(database.close)
        for _ in range(SQLITE_POOL_SIZE - 1):
            stack.enter_context(database.engine.connect())
        with database.session() as session:
            Readiness(database).check(session)
