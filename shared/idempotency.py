"""Retried requests: what a client sends twice under one key happens once.

The key is stored in the transaction of the work itself. So it is remembered exactly when the work
is done, and whoever sends the key meanwhile waits for that transaction.

with transaction(session):
    record = idempotency.claim(session, user_id, key, request)
    if record.result is None:
        record.result = do_the_work()
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.database import Base, Id, Text, Utc
from shared.problems import Unprocessable

# The Idempotency-Key header of the IETF's draft is a quoted string; these need no escapes in it.
PATTERN = r'^"[ !#-\[\]-~]{1,100}"$'
LIFETIME = timedelta(hours=24)


class KeyReused(Unprocessable):
    type = "/problems/idempotency-key-reused"


class IdempotencyKey(Base):
    """A key of a user; `result` is the id of what the request made."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(Text(102), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text(64))
    result: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Utc)


def claim(session: Session, user_id: int, key: str, request: Any) -> IdempotencyKey:
    """The record of this key: a new one, without a result, or that of the earlier request.

    To be called first in a transaction. `request` is anything that JSON can write. Raises KeyReused
    if the earlier request was another one.
    """
    now = clock.now()
    fingerprint = sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    _forget_expired(session, user_id, now - LIFETIME)
    _insert(session, user_id=user_id, key=key, fingerprint=fingerprint, created_at=now)
    record = session.get_one(IdempotencyKey, (user_id, key), populate_existing=True)
    if record.fingerprint != fingerprint:
        raise KeyReused("This key belongs to another request; take a new one.")
    return record


def _insert(session: Session, **values: Any) -> None:
    """Insert the record unless there is one. A concurrent request with the same key waits here."""
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql.insert if postgres else sqlite.insert)(IdempotencyKey)
    session.execute(insert.values(**values).on_conflict_do_nothing())


def _forget_expired(session: Session, user_id: int, before: datetime) -> None:
    """Two requests of a user must not wait for each other's rows in turn, so locked ones stay."""
    expired = (
        select(IdempotencyKey.key)
        .where(IdempotencyKey.user_id == user_id, IdempotencyKey.created_at <= before)
        .with_for_update(skip_locked=True)
    )
    own = IdempotencyKey.user_id == user_id
    session.execute(delete(IdempotencyKey).where(own, IdempotencyKey.key.in_(expired)))
