"""One grammar for each kind of text: what either validation library accepts, and how it is written.

Each `parse_...` takes a string and returns the value, or raises ValueError.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = re.compile(rf"{_CLOCK}:[0-5][0-9](\.[0-9]{{1,6}})?")
_DATETIME = re.compile(rf"(?!0000){_DATE.pattern}T{_TIME.pattern}(Z|[+-]{_CLOCK})")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,10})?")
_MONEY = re.compile(r"(0|[1-9][0-9]{0,6})(\.[0-9]{1,2})?")
_DURATION = re.compile(
    r"P(?=.)(?:([0-9]{1,5})D)?(?:T(?=.)(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})S)?)?"
)
_LABEL = r"[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*"
_DOMAIN = rf"(?:{_LABEL}\.)+[a-zA-Z]{{2,}}"
_LONG_LABEL = re.compile(r"[a-zA-Z0-9-]{64}")
_EMAIL = re.compile(rf"[a-zA-Z0-9_+-]+(?:\.[a-zA-Z0-9_+-]+)*@{_DOMAIN}")
_LOCALHOST = "[lL][oO][cC][aA][lL][hH][oO][sS][tT]"
_HOST = rf"(?:{_DOMAIN}|{_LOCALHOST}|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})"
_PORT = (
    "(?::0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?)?"
)
_SITE = re.compile(rf"[hH][tT][tT][pP][sS]?://{_HOST}{_PORT}")
# What RFC 3986 lets stand in a path; a query and a fragment may also hold question marks.
_PATH = r"(?:[!$&-;=@-Z_a-z~]|%[0-9a-fA-F]{2})*"
_QUERY = _PATH.replace("=@", "=?@")
_REST = re.compile(rf"(?:/{_PATH})?(?:\?{_QUERY})?(?:#{_QUERY})?")
# The segments of a URL's path that belong to a file: what both routers match, for the document.
FILE_PATH = r"^([^/\n]|[^/][^\n]+)$"
# One line of text, and text of several lines; NUL stands in neither: PostgreSQL cannot store it.
LINE = r"^[^\x00-\x1f\x7f]*$"
TEXT = r"^[^\x00]*$"
LONGEST_NAME = 100
LONGEST_EMAIL = 254
# Rows are counted in 64 bits.
LARGEST_ID = 2**63 - 1
LONGEST_URL = 2000
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


def parse_money(text: str) -> Decimal:
    """An amount from 0 to 9,999,999.99, returned with two decimal places."""
    return Decimal(_matched(_MONEY, text)).quantize(Decimal("0.01"))


def parse_duration(text: str) -> timedelta:
    """ISO 8601 days, hours, minutes and seconds: `P1DT2H30M`."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_email(text: str) -> str:
    """`local@domain.tld` in ASCII, at most 254 characters."""
    local, _, domain = text.partition("@")
    if len(text) > LONGEST_EMAIL or len(local) > 64 or _LONG_LABEL.search(domain):
        raise ValueError
    return _matched(_EMAIL, text)


def parse_url(text: str) -> str:
    """An absolute http or https URL of RFC 3986, at most 2,000 characters, returned as it is."""
    site = _SITE.match(text) if len(text) <= LONGEST_URL else None
    if not site or _LONG_LABEL.search(site[0]):
        raise ValueError
    _matched(_REST, text[site.end() :])
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
    schema: Mapping[str, Any]
    code: str = "format"


def _string(name: str, pattern: str | None = None, **limits: int) -> dict[str, Any]:
    """A format by its name in JSON Schema; `pattern` and `limits` say what is less here."""
    described = {"type": "string", "format": name, **limits}
    return described | _matching(pattern) if pattern else described


def _matching(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


INTEGER = Format(parse_integer, "an integer", {"type": "integer"}, "type")
BOOLEAN = Format(parse_boolean, "true or false", {"type": "boolean"}, "type")
DATE = Format(parse_date, "a date such as 2026-01-31", _string("date"))
# JSON Schema's format "time" demands a zone.
TIME = Format(parse_time, "a time such as 09:30:00", _matching(_TIME.pattern))
DATETIME = Format(
    parse_datetime,
    "a date and time with a zone, such as 2026-01-31T09:30:00Z",
    _string("date-time", _DATETIME.pattern),
)
IDENTIFIER = Format(parse_uuid, "a UUID", _string("uuid"))
DECIMAL = Format(
    parse_decimal,
    "a decimal number in a string, such as 12.50",
    _matching(_DECIMAL.pattern),
)
MONEY = Format(parse_money, "an amount such as 12.50", _matching(_MONEY.pattern))
# "duration" has no hours and seconds without minutes, and allows weeks, months and years.
DURATION = Format(parse_duration, "a duration such as P1DT2H30M", _matching(_DURATION.pattern))
EMAIL = Format(
    parse_email, "an email address", _string("email", _EMAIL.pattern, maxLength=LONGEST_EMAIL)
)
URL = Format(
    parse_url,
    "an http or https URL",
    _string("uri", _SITE.pattern + "(?:[/?#].*)?", maxLength=LONGEST_URL),
)
