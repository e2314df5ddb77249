"""What is wrong with a value: the codes and messages of a 422, whichever library found it.

A code is the JSON Schema keyword that the value violates, or the name of a cross-field rule.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

MESSAGES = {
    "required": "This field is required.",
    "type": "Must be {expected}.",
    "format": "Must be {expected}.",
    "enum": "Must be one of: {choices}.",
    "minimum": "Must be at least {limit}.",
    "maximum": "Must be at most {limit}.",
    "exclusiveMinimum": "Must be greater than {limit}.",
    "exclusiveMaximum": "Must be less than {limit}.",
    "multipleOf": "Must have at most {limit} decimal places.",
    "minLength": "Must have at least {limit} characters.",
    "maxLength": "Must have at most {limit} characters.",
    "minItems": "Must have at least {limit} items.",
    "maxItems": "Must have at most {limit} items.",
    "maxProperties": "Must have at most {limit} entries.",
    "pattern": "Must match {pattern}.",
    "additionalProperties": "Unknown field.",
    "invalid": "Is not valid.",
    "guardianRequired": "Needed for anyone under 18.",
    "repeatedProduct": "Another line names this product.",
    "unknownProduct": "There is no such product.",
    "outOfStock": "There is not enough of this product.",
    "unknownCategory": "There is no such category.",
    "skuTaken": "Another product has this SKU.",
    "skuRepeated": "An earlier line has this SKU.",
    "columnRepeated": "Another column has this name.",
    "columns": "Must have a value for each column, and no more.",
    "quoting": "Its quotes do not match, or it is too long.",
}
LONGEST_NAME = 64
MOST = 100
Location = Sequence[str | int]


class Fault(str):
    """A message of the table, with the code it belongs to."""

    code: str

    def format(self, *args: object, **kwargs: object) -> str:
        """Itself: marshmallow formats the messages it is given, and this one is finished."""
        return self


def fault(code: str, **values: Any) -> Fault:
    """The fault `code`, its message filled with `values`. Raises KeyError for an unknown code."""
    found = Fault(MESSAGES[code].format(**{name: _plain(v) for name, v in values.items()}))
    found.code = code
    return found


def error(where: str, location: Location, found: Fault) -> dict[str, str]:
    """One entry of a 422's `errors`; `where` is query, header, cookie or body."""
    field = ".".join(_name(part) for part in location)
    return {"in": where, "field": field, "code": found.code, "message": str(found)}


def in_order(errors: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """By place, one error a field, unknown fields last; else in the order given; the first 100."""
    first: dict[tuple[str, str], dict[str, str]] = {}
    for entry in errors:
        first.setdefault((entry["in"], entry["field"]), entry)
    return sorted(first.values(), key=_rank)[:MOST]


def _rank(entry: dict[str, str]) -> tuple[bool, int]:
    places = ("path", "query", "header", "cookie", "body")
    return entry["code"] == "additionalProperties", places.index(entry["in"])


def _name(part: str | int) -> str:
    """A field's name as it may be shown: a client chose it, so only plain characters stay."""
    cut = str(part)[:LONGEST_NAME]
    return "".join(c if c.isalnum() or c in "_-" else f"\\u{ord(c):04x}" for c in cut)


def _plain(value: Any) -> Any:
    if isinstance(value, float | Decimal) and value == int(value):
        return int(value)
    return value
