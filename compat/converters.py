"""Flask's URL converters for Starlette's router: a value that does not fit is 404, not 422.

Importing this replaces `int`, `float`, `uuid` and `path` by converters that match what Flask's
match (Starlette's `float` takes `1`, its `uuid` needs no hyphens, its `path` may be empty).
Those with bounds are registered by the app: `register_url_convertor("size", AnyOf("small",
"large"))`. One that refuses a value ends the search for a route. Not wanted where a 422 with a
reason serves clients better.
"""

import re
import uuid

from fastapi import HTTPException
from starlette.convertors import Convertor, register_url_convertor

__all__ = ["AnyOf", "BoundedFloat", "BoundedInteger", "register_url_convertor"]

# Starlette ends its pattern with "$", which would also match before a final line feed.
_NO_LINE_FEED = r"(?!\n)"


class FlaskInteger(Convertor[int]):
    regex = r"\d+" + _NO_LINE_FEED

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


class BoundedInteger(FlaskInteger):
    """`<int(min=..., max=...):name>`; both bounds belong to the range."""

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: str) -> int:
        number = int(value)
        if not self.minimum <= number <= self.maximum:
            raise HTTPException(404)
        return number


class FlaskFloat(Convertor[float]):
    regex = r"\d+\.\d+" + _NO_LINE_FEED

    def convert(self, value: str) -> float:
        return float(value)

    def to_string(self, value: float) -> str:
        return str(value)


class BoundedFloat(FlaskFloat):
    """`<float(min=..., max=...):name>`; both bounds belong to the range."""

    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: str) -> float:
        number = float(value)
        if not self.minimum <= number <= self.maximum:
            raise HTTPException(404)
        return number


class FlaskUUID(Convertor[uuid.UUID]):
    regex = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}" + _NO_LINE_FEED

    def convert(self, value: str) -> uuid.UUID:
        return uuid.UUID(value)

    def to_string(self, value: uuid.UUID) -> str:
        return str(value)


class FlaskPath(Convertor[str]):
    regex = "[^/].*?" + _NO_LINE_FEED

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class AnyOf(Convertor[str]):
    """`<any(small, large):name>`."""

    def __init__(self, *values: str) -> None:
        # Starlette declares `regex` for the class; this one differs for each instance.
        self.__dict__["regex"] = f"(?:{'|'.join(map(re.escape, values))}){_NO_LINE_FEED}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("int", FlaskInteger())
register_url_convertor("float", FlaskFloat())
register_url_convertor("uuid", FlaskUUID())
register_url_convertor("path", FlaskPath())
