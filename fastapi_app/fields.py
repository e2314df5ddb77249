"""Types that accept what the contract accepts, and report it in its words.

Under `strict` pydantic takes no string for a date; without it, numbers are dates and "5" is an
integer.
"""

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Path, UploadFile
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.datastructures import UploadFile as StarletteUploadFile

from compat.converters import BoundedInteger, register_url_convertor
from shared import formats
from shared.faults import Fault, fault


def refuse(found: Fault, field: str | None = None) -> PydanticCustomError:
    """The error to raise for a fault; a validator of a whole object names the `field` it is
    about."""
    context = {"field": field} if field else None
    return PydanticCustomError(found.code, found, context)


def formatted(grammar: formats.Format[Any], kind: type = str) -> BeforeValidator:
    """Takes a string and hands it to a grammar of `shared.formats`.

    A value of `kind` is what the app itself answers with, and taken as it is.
    """

    def parse(value: Any) -> Any:
        if kind is not str and isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise refuse(fault("type", expected="a string"))
        try:
            return grammar.parse(value)
        except ValueError:
            raise refuse(fault(grammar.code, expected=grammar.expected)) from None

    return BeforeValidator(parse)


def member(enum: type[StrEnum]) -> BeforeValidator:
    """Takes the value of a member of a string enumeration."""
    choices = [member.value for member in enum]

    def parse(value: Any) -> Any:
        if value is None:
            raise refuse(fault("type", expected="a string"))
        if value not in choices:
            raise refuse(fault("enum", choices=", ".join(choices)))
        return enum(value)

    return BeforeValidator(parse)


def at_most(limit: int) -> BeforeValidator:
    """Refuses an object with more entries before it looks at any of them."""

    def check(value: Any) -> Any:
        if isinstance(value, dict) and len(value) > limit:
            raise refuse(fault("maxProperties", limit=limit))
        return value

    return BeforeValidator(check)


def chosen(file: Any) -> Any:
    """A file input where no file was chosen sends a part without a name and without content."""
    if isinstance(file, StarletteUploadFile) and not file.filename and not file.size:
        raise refuse(fault("required"))
    return file


Upload = Annotated[UploadFile, BeforeValidator(chosen)]


def described(grammar: formats.Format[Any]) -> WithJsonSchema:
    """What the document says of a field instead of what its type would."""
    return WithJsonSchema(dict(grammar.schema))


# One line of text for people: 1 to 100 characters.
Name = Annotated[str, Field(min_length=1, max_length=formats.LONGEST_NAME, pattern=formats.LINE)]
Number = Annotated[float, Field(allow_inf_nan=False)]
# For what a query string or form holds; they stand after the constraints of a parameter.
IntegerText = formatted(formats.INTEGER)
BooleanText = formatted(formats.BOOLEAN)
# The key of a row, in a path: `/customers/{customer_id:id}`.
Id = Annotated[int, Path(ge=1, le=formats.LARGEST_ID)]
register_url_convertor("id", BoundedInteger(1, formats.LARGEST_ID))
# The route's converter has matched it already; this is for the document.
PathText = Annotated[str, Path(json_schema_extra={"pattern": formats.FILE_PATH})]
Date = Annotated[date, formatted(formats.DATE, date)]
Time = Annotated[time, formatted(formats.TIME, time), described(formats.TIME)]
DateTime = Annotated[datetime, formatted(formats.DATETIME, datetime), described(formats.DATETIME)]
UUID = Annotated[uuid.UUID, formatted(formats.IDENTIFIER, uuid.UUID)]
Decimal = Annotated[
    PythonDecimal,
    formatted(formats.DECIMAL, PythonDecimal),
    PlainSerializer(formats.format_decimal, when_used="json"),
    described(formats.DECIMAL),
]
Money = Annotated[
    PythonDecimal,
    formatted(formats.MONEY, PythonDecimal),
    PlainSerializer(formats.format_decimal, when_used="json"),
    described(formats.MONEY),
]
Duration = Annotated[
    timedelta,
    formatted(formats.DURATION, timedelta),
    PlainSerializer(formats.format_duration, when_used="json"),
    described(formats.DURATION),
]
Email = Annotated[str, formatted(formats.EMAIL), described(formats.EMAIL)]
URL = Annotated[str, formatted(formats.URL), described(formats.URL)]
