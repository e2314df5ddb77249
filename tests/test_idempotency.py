"""Keys of retried requests: how long they live, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import accounts, clock, idempotency
from shared.database import Database, transaction
from shared.idempotency import LIFETIME, IdempotencyKey, KeyReused
from shared.schema import create_schema

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'keys.db'}")
    create_schema(database)
    with database.session() as session:
        yield session
    database.close()


@pytest.fixture
def user_id(session: Session) -> int:
    return accounts.sign_up(session, "ada@example.com", "12345678").id


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def claim(session: Session, user_id: int, request: object, result: int | None = None) -> int | None:
    """What was found under the key "a"; `result` is then kept with it."""
    with transaction(session):
        record = idempotency.claim(session, user_id, '"a"', request)
        found, record.result = record.result, record.result or result
    return found


def test_a_key_brings_back_the_result(session: Session, user_id: int) -> None:
    assert claim(session, user_id, {"a": 1, "b": 2}, result=7) is None
    assert claim(session, user_id, {"b": 2, "a": 1}) == 7


def test_work_that_failed_leaves_no_key(session: Session, user_id: int) -> None:
    with pytest.raises(ZeroDivisionError), transaction(session):
        idempotency.claim(session, user_id, '"a"', 1).result = 1 // 0
    assert claim(session, user_id, 2, result=7) is None


def test_another_request_under_the_same_key_is_refused(session: Session, user_id: int) -> None:
    claim(session, user_id, {"lines": [1, 2]}, result=7)
    for other in ({"lines": [2, 1]}, {"lines": [1]}, [1, 2], None):
        with pytest.raises(KeyReused):
            claim(session, user_id, other)


@pytest.mark.parametrize(
    ("later", "found"),
    [(timedelta(0), 7), (LIFETIME - timedelta(microseconds=1), 7), (LIFETIME, None)],
)
def test_a_key_is_forgotten_after_a_day(
    session: Session,
    user_id: int,
    monkeypatch: pytest.MonkeyPatch,
    later: timedelta,
    found: int | None,
) -> None:
    set_clock(monkeypatch, NOON)
    claim(session, user_id, "same", result=7)
    set_clock(monkeypatch, NOON + later)
    assert claim(session, user_id, "same", result=8) == found
    assert claim(session, user_id, "same") == (found or 8)


def test_what_is_forgotten_takes_no_place(
    session: Session, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = accounts.sign_up(session, "grace@example.com", "12345678").id
    set_clock(monkeypatch, NOON)
    with transaction(session):
        for number in range(5):
            idempotency.claim(session, user_id, f'"{number}"', number)
        idempotency.claim(session, other, '"0"', 0)
    set_clock(monkeypatch, NOON + LIFETIME)
    claim(session, user_id, "new")
    kept = session.scalars(select(IdempotencyKey).order_by(IdempotencyKey.user_id)).all()
    assert [(record.user_id, record.key) for record in kept] == [(user_id, '"a"'), (other, '"0"')]
