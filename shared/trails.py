"""The trail of a request: what was set up for it and what was cleaned up after it, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import request_log
from shared.accounts import User
from shared.database import Base, Id, Text, transaction
from shared.problems import Conflict, Forbidden, NotFound

LONGEST_ID = 64  # characters of a request's id


# How the work at a desk ends.
class End(StrEnum):
    WELL = "well"
    CONFLICT = "conflict"
    UNEXPECTED = "unexpected"
    STUCK = "stuck"


class Trail(Base):
    __tablename__ = "trails"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    request_id: Mapped[str] = mapped_column(Text(LONGEST_ID), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    steps: Mapped[list[str]] = mapped_column(JSON)


def begin(request_id: str) -> Trail:
    """An empty trail; nothing is stored before `save`."""
    return Trail(request_id=request_id, steps=[])


def enter(trail: Trail, user: User, desk_of: int) -> None:
    """Let a user to their own desk. Raises Forbidden for that of another."""
    trail.user_id = user.id
    if user.id != desk_of:
        trail.steps.append("permission refused")
        raise Forbidden("This is the desk of another user.")
    trail.steps.append("permission checked")


@contextmanager
def desk(trail: Trail) -> Iterator[None]:
    """Something that has to be given back, however the work ends; that may fail too."""
    trail.steps.append("desk opened")
    try:
        yield
    finally:
        if trail.steps[-1] == End.STUCK:
            raise RuntimeError("the desk cannot be closed")
        trail.steps.append("desk closed")


def work(trail: Trail, end: End) -> Trail:
    """The work itself. Raises Conflict, or an error that nobody expects."""
    trail.steps.append("work done")
    if end is End.CONFLICT:
        raise Conflict("This work was done already.")
    if end is End.UNEXPECTED:
        raise RuntimeError("the desk broke down")
    if end is End.STUCK:
        trail.steps.append(End.STUCK)
    return trail


def save(session: Session, trail: Trail) -> None:
    """Store a trail; that of nobody is not kept."""
    if trail.user_id is not None:
        with transaction(session):
            session.add(trail)


def find(session: Session, user: User, request_id: str) -> Trail:
    """The last trail that a user left under this id. Raises NotFound."""
    under_id = select(Trail).where(Trail.request_id == request_id, Trail.user_id == user.id)
    # No request has another id, and PostgreSQL takes no text with a NUL.
    well_formed = request_log.ID.fullmatch(request_id)
    found = well_formed and session.scalar(under_id.order_by(Trail.id.desc()).limit(1))
    if found is None:
        raise NotFound("You have left no trail under this id.")
    return found
