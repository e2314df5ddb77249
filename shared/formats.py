"""One grammar for each kind of text: what either validation library accepts, and how it is written.

Each `parse_...` takes a string and returns the value, or raises ValueError.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")
_DATETIME = re.compile(rf"{_DATE.pattern}T{_TIME.pattern}(Z|[+-][0-9]{{2}}:[0-9]{{2}})")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,10})?")
_DURATION = re.compile(
    r"P(?=.)(?:([0-9]{1,5})D)?(?:T(?=.)(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})S)?)?"
)
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+[a-zA-Z]{{2,63}}"
_EMAIL = re.compile(rf"[a-zA-Z0-9_+-]+(?:\.[a-zA-Z0-9_+-]+)*@{_DOMAIN}")
_HOST = re.compile(rf"(?:{_DOMAIN}|localhost|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})")
_URL_TEXT = re.compile(r"[!#-;=?-\[\]_a-z~]+")
T = TypeVar("T")
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def parse_integer(text: str) -> int:
    """ASCII digits with an optional minus sign, at most 19 of them (64 bits)."""
    return int(_matched(_INTEGER, text))


def parse_boolean(text: str) -> bool:
    """`true`, `false`, `1` or `0`, in any case: the words that need no manual."""
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError from None


def parse_date(text: str) -> date:
    """RFC 3339 full-date: `2026-01-31`."""
    return date.fromisoformat(_matched(_DATE, text))


def parse_time(text: str) -> time:
    """A time of the day without a zone, to the microsecond: `09:30:00`."""
    return time.fromisoformat(_matched(_TIME, text))


def parse_datetime(text: str) -> datetime:
    """RFC 3339 date-time with its zone, returned in UTC: `2026-01-31T09:30:00Z`."""
    try:
        return datetime.fromisoformat(_matched(_DATETIME, text)).astimezone(UTC)
    except OverflowError:
        raise ValueError from None


def parse_uuid(text: str) -> UUID:
    """RFC 9562 text with its four hyphens, in any case."""
    return UUID(_matched(_UUID, text))


def parse_decimal(text: str) -> Decimal:
    """A decimal number without exponent, at most 12 digits before and 10 after the point."""
    return Decimal(_matched(_DECIMAL, text))


def parse_duration(text: str) -> timedelta:
    """ISO 8601 days, hours, minutes and seconds: `P1DT2H30M`."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_email(text: str) -> str:
    """`local@domain.tld` in ASCII, at most 254 characters."""
    if len(text) > 254 or len(text.partition("@")[0]) > 64:
        raise ValueError
    return _matched(_EMAIL, text)


def parse_url(text: str) -> str:
    """An absolute http or https URL in ASCII, at most 2,000 characters, returned as it is."""
    if len(text) > 2000:
        raise ValueError
    parts = urlsplit(_matched(_URL_TEXT, text))
    if parts.scheme not in {"http", "https"} or parts.username is not None:
        raise ValueError
    _matched(_HOST, parts.hostname or "")
    _ = parts.port
    return text


def format_decimal(value: Decimal) -> str:
    """All digits, never an exponent."""
    return f"{value:f}"


def format_duration(value: timedelta) -> str:
    """ISO 8601, as short as it goes: `PT90S` is written `PT1M30S`, nothing at all `PT0S`."""
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{clock}" if clock else f"P{days}" if days else "PT0S"


def format_datetime(value: datetime) -> str:
    """RFC 3339 in UTC, with `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Format(Generic[T]):
    """A grammar, what a 422 calls it, its JSON Schema, and the code it is reported under."""

    parse: Callable[[str], T]
    expected: str
    schema: Mapping[str, str]
    code: str = "format"


def _string(name: str) -> dict[str, str]:
    return {"type": "string", "format": name}


INTEGER = Format(parse_integer, "an integer", {"type": "integer"}, "type")
BOOLEAN = Format(parse_boolean, "true or false", {"type": "boolean"}, "type")
DATE = Format(parse_date, "a date such as 2026-01-31", _string("date"))
TIME = Format(parse_time, "a time such as 09:30:00", _string("time"))
DATETIME = Format(
    parse_datetime,
    "a date and time with a zone, such as 2026-01-31T09:30:00Z",
    _string("date-time"),
)
IDENTIFIER = Format(parse_uuid, "a UUID", _string("uuid"))
DECIMAL = Format(
    parse_decimal,
    "a decimal number in a string, such as 12.50",
    {"type": "string", "pattern": f"^{_DECIMAL.pattern}$"},
)
DURATION = Format(parse_duration, "a duration such as P1DT2H30M", _string("duration"))
EMAIL = Format(parse_email, "an email address", _string("email"))
URL = Format(parse_url, "an http or https URL", _string("uri"))
