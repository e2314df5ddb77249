"""How often something may happen within a time, counted in the database.

A window begins with the first use after the last window has ended. No process remembers anything:
one statement counts a use and tells the number, so that no two workers get the same one.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.database import Base, Text, Utc
from shared.problems import TooManyRequests


class Window(Base):
    """The current window of a subject, and how often it was used in it."""

    __tablename__ = "rate_limit_windows"

    subject: Mapped[str] = mapped_column(Text(100), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Utc, index=True)
    uses: Mapped[int]


@dataclass(frozen=True)
class Usage:
    """A use that was counted: the `uses` so far, of `limit` until `ends_at`."""

    limit: int
    uses: int
    ends_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """What a client is told, under the names that most services use."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - self.uses, 0)),
            "X-RateLimit-Reset": str(math.ceil(self.ends_at.timestamp())),
        }

    def check(self) -> None:
        """Raises RateLimited if this use was one too many."""
        if self.uses > self.limit:
            raise RateLimited(self)


class RateLimited(TooManyRequests):
    def __init__(self, usage: Usage) -> None:
        super().__init__()
        left = (usage.ends_at - clock.now()).total_seconds()
        self.headers = {"Retry-After": str(max(math.ceil(left), 1)), **usage.headers}


def count(session: Session, subject: str, limit: int, seconds: int) -> Usage:
    """Count one use of `subject`, of which `limit` are allowed in a window of `seconds`.

    To be called in a transaction, which has to be committed also if the use is one too many.
    """
    now = clock.now()
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql.insert if postgres else sqlite.insert)(Window)
    first = insert.values(subject=subject, ends_at=now + timedelta(seconds=seconds), uses=1)
    is_over = Window.ends_at <= now
    counted = first.on_conflict_do_update(
        index_elements=[Window.subject],
        set_={
            "ends_at": case((is_over, first.excluded.ends_at), else_=Window.ends_at),
            "uses": case((is_over, 1), else_=Window.uses + 1),
        },
    ).returning(Window.uses, Window.ends_at)
    uses, ends_at = session.execute(counted).one()
    return Usage(limit, uses, ends_at)


def check(session: Session, subject: str, limit: int) -> None:
    """Raises RateLimited if all uses of `subject` in this window were counted. Counts none."""
    current = (Window.subject == subject) & (Window.ends_at > clock.now())
    found = session.execute(select(Window.uses, Window.ends_at).where(current)).one_or_none()
    if found and found.uses >= limit:
        raise RateLimited(Usage(limit, found.uses, found.ends_at))


def forget(session: Session, subject: str) -> None:
    """Drop the count of a subject that is gone. To be called in a transaction."""
    session.execute(delete(Window).where(Window.subject == subject))


def forget_ended(session: Session) -> None:
    """Drop the windows that have ended, but no locked ones: nobody waits for another here."""
    ended = select(Window.subject).where(Window.ends_at <= clock.now())
    found = ended.with_for_update(skip_locked=True)
    session.execute(delete(Window).where(Window.subject.in_(found)))
