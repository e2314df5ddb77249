"""A report that changes rarely: what conditional requests are for."""

import hashlib
from datetime import UTC, datetime
from typing import TypedDict


class Report(TypedDict):
    title: str
    pages: int


REPORT: Report = {"title": "Yearly report", "pages": 12}
CHANGED = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
ETAG = hashlib.sha256(repr(REPORT).encode()).hexdigest()[:16]


def split_list(value: str) -> list[str]:
    """The members of a list-valued header (RFC 9110, 5.6.1), empty ones left out."""
    return [member.strip() for member in value.split(",") if member.strip()]
