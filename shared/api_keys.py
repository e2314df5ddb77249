"""API keys: what a program sends instead of logging in.

A key is shown once. Stored is a public part to find it by, and a hash of the rest: a fast one, for
nobody guesses 256 random bits.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock, rate_limits
from shared.accounts import User
from shared.database import Base, Id, Text, Utc, transaction
from shared.problems import Conflict, NotFound, Unauthorized
from shared.rate_limits import Usage

MOST_KEYS = 20  # of a user
MOST_REQUESTS = 1000
LONGEST_WINDOW = 86_400  # seconds
_KEY = re.compile(r"(shop_[0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class InvalidKey(Unauthorized):
    type = "/problems/invalid-api-key"
    headers = {"WWW-Authenticate": "APIKey"}

    def __init__(self) -> None:
        super().__init__("The header X-API-Key holds no key that is valid.")


class TooManyKeys(Conflict):
    type = "/problems/too-many-api-keys"


class ApiKey(Base):
    """A key allows `limit` requests in a window of `window` seconds."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text(50))
    prefix: Mapped[str] = mapped_column(Text(21), unique=True)
    secret_hash: Mapped[str] = mapped_column(Text(64))
    limit: Mapped[int]
    window: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Utc)
    last_used_at: Mapped[datetime | None] = mapped_column(Utc)


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; `key` is never seen again."""

    id: int
    name: str
    key: str
    limit: int
    window: int


def make(session: Session, user: User, *, name: str, limit: int, window: int) -> NewKey:
    """A new key of this user. Raises TooManyKeys."""
    user_id, prefix, secret = user.id, f"shop_{token_hex(8)}", token_urlsafe(32)
    with transaction(session):
        # The lock on the user's row makes two requests at once count one after the other.
        session.get(User, user_id, with_for_update=True)
        keys = session.scalars(select(ApiKey.id).filter_by(user_id=user_id)).all()
        if len(keys) >= MOST_KEYS:
            raise TooManyKeys(f"There are {MOST_KEYS} keys already; revoke one first.")
        key = ApiKey(user_id=user_id, name=name, limit=limit, window=window, prefix=prefix)
        key.secret_hash, key.created_at = _hash(secret), clock.now()
        session.add(key)
    return NewKey(key.id, name, f"{prefix}_{secret}", limit, window)


def of_user(session: Session, user: User) -> Sequence[ApiKey]:
    """The keys of a user, the oldest first."""
    return session.scalars(select(ApiKey).filter_by(user_id=user.id).order_by(ApiKey.id)).all()


def revoke(session: Session, user: User, key_id: int) -> None:
    """The key is worth nothing from now on. Raises NotFound, also for a key of somebody else."""
    user_id = user.id
    with transaction(session):
        key = session.get(ApiKey, key_id)
        if key is None or key.user_id != user_id:
            raise NotFound("There is no such key.")
        rate_limits.forget(session, key.prefix)
        session.delete(key)


def use(session: Session, text: str | None) -> tuple[ApiKey, Usage]:
    """The key whose text was sent, its use counted. Raises InvalidKey, RateLimited."""
    found = _KEY.fullmatch(text or "")
    if not found:
        raise InvalidKey
    prefix, secret = found.groups()
    key = session.scalar(select(ApiKey).filter_by(prefix=prefix))
    # Compared in constant time: how much of a hash is right must not show.
    if key is None or not hmac.compare_digest(key.secret_hash, _hash(secret)):
        raise InvalidKey
    limit, window = key.limit, key.window
    with transaction(session):
        usage = rate_limits.count(session, prefix, limit, window)
        touch = update(ApiKey).filter_by(prefix=prefix).values(last_used_at=clock.now())
        key = session.scalar(touch.returning(ApiKey))
        if key is None:  # revoked meanwhile
            raise InvalidKey
    usage.check()
    return key, usage


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
