"""Fields that accept what the contract accepts, and report it in its words.

marshmallow's own are lenient about types in JSON ("5" is an integer) and have grammars of their
own.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

from shared import formats
from shared.faults import Fault, fault


def _messages(expected: str) -> dict[str, Any]:
    wrong = fault("type", expected=expected)
    return {"required": fault("required"), "null": wrong, "invalid": wrong}


class Strict(fields.Field[Any]):
    """Takes values of `types` only; JSON's true is no integer though Python's True is one."""

    types: tuple[type, ...]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, self.types) or (
            isinstance(value, bool) and bool not in self.types
        ):
            raise self.make_error("invalid")
        return value


class Formatted(fields.Field[Any]):
    """Takes a string and hands it to a grammar of `shared.formats`."""

    grammar: formats.Format[Any]

    @property
    def described(self) -> Mapping[str, Any]:
        return self.grammar.schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            return self.grammar.parse(value)
        except ValueError:
            raise ValidationError(self.fault()) from None

    def fault(self) -> Fault:
        return fault(self.grammar.code, expected=self.grammar.expected)


class Text(Strict, fields.String):
    types = (str,)
    default_error_messages = _messages("a string")


class Name(Text):
    """One line of text for people: 1 to 100 characters."""

    def __init__(self, **kwargs: Any) -> None:
        length = Length(min=1, max=formats.LONGEST_NAME)
        super().__init__(validate=[length, Pattern(formats.LINE)], **kwargs)


class Integer(Strict, fields.Integer):
    types = (int,)
    default_error_messages = _messages("an integer")


class Number(Strict, fields.Float):
    types = (int, float)
    default_error_messages = _messages("a number")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        try:
            number = float(super()._deserialize(value, attr, data, **kwargs))
        except OverflowError:
            raise self.make_error("invalid") from None
        if number in (float("inf"), float("-inf")):
            raise self.make_error("invalid")
        return number


class Boolean(Strict, fields.Boolean):
    types = (bool,)
    default_error_messages = _messages("a boolean")


class IntegerText(Formatted, fields.Integer):
    """An integer in a query string or form."""

    grammar = formats.INTEGER
    default_error_messages = _messages("an integer")


class BooleanText(Formatted, fields.Boolean):
    """A boolean in a query string or form."""

    grammar = formats.BOOLEAN
    default_error_messages = _messages("true or false")


class Date(Formatted, fields.Date):
    grammar = formats.DATE
    default_error_messages = _messages("a string")


class Time(Formatted, fields.Time):
    grammar = formats.TIME
    default_error_messages = _messages("a string")


class DateTime(Formatted, fields.DateTime):
    grammar = formats.DATETIME
    default_error_messages = _messages("a string")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else formats.format_datetime(value)


class UUID(Formatted, fields.UUID):
    grammar = formats.IDENTIFIER
    default_error_messages = _messages("a string")


class Decimal(Formatted, fields.Decimal):
    """A decimal number, written as a string so that no client reads it as a float."""

    grammar = formats.DECIMAL
    default_error_messages = _messages("a string")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else formats.format_decimal(value)


class Money(Decimal):
    """An amount with two decimal places, written as a string."""

    grammar = formats.MONEY


class Duration(Formatted, fields.String):
    grammar = formats.DURATION
    default_error_messages = _messages("a string")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else formats.format_duration(value)


class Email(Formatted, fields.String):
    grammar = formats.EMAIL
    default_error_messages = _messages("a string")


class URL(Formatted, fields.String):
    grammar = formats.URL
    default_error_messages = _messages("a string")


class Enum(fields.Enum[Any]):
    """A member of a string enumeration, by its value."""

    default_error_messages = _messages("a string")

    def __init__(self, enum: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(enum, by_value=True, **kwargs)
        self.choices = [member.value for member in enum]
        self.described = {"type": "string", "enum": self.choices}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value not in self.choices:
            raise ValidationError(fault("enum", choices=", ".join(self.choices)))
        return self.enum(value)


class List(fields.List[Any]):
    """A list; one that is too long is refused without a look inside."""

    default_error_messages = _messages("a list")

    def __init__(
        self, inner: Any, *, min: int | None = None, max: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(inner, validate=Items(min=min, max=max), **kwargs)
        self.max = max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if self.max is not None and len(value) > self.max:
            raise ValidationError(fault("maxItems", limit=self.max))
        return super()._deserialize(value, attr, data, **kwargs)


class Nested(fields.Nested):
    default_error_messages = _messages("an object")


class Dict(fields.Dict):
    """An object with free keys; at most `max` of them."""

    default_error_messages = _messages("an object")

    def __init__(self, values: Any, *, max: int, **kwargs: Any) -> None:
        super().__init__(values=values, **kwargs)
        self.max = max
        self.described = {"maxProperties": max}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise self.make_error("invalid")
        if len(value) > self.max:
            raise ValidationError(fault("maxProperties", limit=self.max))
        try:
            return super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            # marshmallow tells apart faults of keys and of values; any string may be a key.
            by_key = {key: found["value"] for key, found in error.messages_dict.items()}
            raise ValidationError(by_key) from None


class Upload(fields.Field[FileStorage]):
    """An uploaded file; a text field is none, and neither is a part without a file name."""

    default_error_messages = _messages("a file")
    described = {"type": "string", "contentMediaType": "application/octet-stream"}

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, FileStorage) and not value.filename and not value.stream.read(1):
            raise self.make_error("required")
        return super().deserialize(value, *args, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> FileStorage:
        if not isinstance(value, FileStorage):
            raise self.make_error("invalid")
        return value


class Length(validate.Length):
    """The number of characters of a string."""

    def __call__(self, value: Any) -> Any:
        if self.min is not None and len(value) < self.min:
            raise ValidationError(fault("minLength", limit=self.min))
        if self.max is not None and len(value) > self.max:
            raise ValidationError(fault("maxLength", limit=self.max))
        return value


class Items(validate.Length):
    """The number of items of a list; its maximum is checked before the items are."""

    def __call__(self, value: Any) -> Any:
        if self.min is not None and len(value) < self.min:
            raise ValidationError(fault("minItems", limit=self.min))
        return value


class Range(validate.Range):
    """The bounds of a number, inclusive unless said."""

    def __call__(self, value: Any) -> Any:
        low = "minimum" if self.min_inclusive else "exclusiveMinimum"
        if self.min is not None and not (
            value >= self.min if self.min_inclusive else value > self.min
        ):
            raise ValidationError(fault(low, limit=self.min))
        high = "maximum" if self.max_inclusive else "exclusiveMaximum"
        if self.max is not None and not (
            value <= self.max if self.max_inclusive else value < self.max
        ):
            raise ValidationError(fault(high, limit=self.max))
        return value


class Pattern(validate.Regexp):
    """A regular expression for the whole string, written with ^ and $ for the documentation."""

    def __call__(self, value: Any) -> Any:
        if not self.regex.fullmatch(value):
            raise ValidationError(fault("pattern", pattern=self.regex.pattern))
        return value


def describe(_: Any, field: fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
    """What apispec leaves out of a field's JSON Schema, or says otherwise than it is."""
    if ret.get("default", ...) is None:
        del ret["default"]
    for validator in field.validators:
        if isinstance(validator, Range) and not validator.min_inclusive:
            ret["exclusiveMinimum"] = ret.pop("minimum")
    own: dict[str, Any] = dict(getattr(field, "described", {}))
    if field.allow_none and "type" in own:
        own["type"] = [own["type"], "null"]
    return own
