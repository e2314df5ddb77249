"""A message to the shop that its writer has not sent yet; the visitor's session holds it."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from shared.problems import NotFound

# Whatever the characters, the cookie stays under the 4,096 bytes that a browser keeps.
LONGEST = 600


class Draft(NamedTuple):
    id: UUID
    kept_at: datetime
    text: str


def write(text: str) -> Draft:
    """A new draft, kept now; to the second, as a session stores moments."""
    return Draft(uuid4(), datetime.now(UTC).replace(microsecond=0), text)


def find(kept: tuple[UUID, datetime, str] | None) -> Draft | None:
    """The draft that a session holds, if it does."""
    return Draft(*kept) if kept else None


def read(kept: tuple[UUID, datetime, str] | None) -> Draft:
    """The same where there has to be one. Raises NotFound."""
    draft = find(kept)
    if draft is None:
        raise NotFound("No draft is kept.")
    return draft
