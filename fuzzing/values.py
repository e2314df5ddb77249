"""Values for a JSON Schema: valid ones, ones just beside it, and ones of another world."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from fuzzing.document import Schema

# Texts for the formats and patterns that schemas name; those a pattern fits are found by trying.
SAMPLES: Mapping[str, Sequence[str]] = {
    "date": ("2026-01-31", "2024-02-29", "0001-01-01", "9999-12-31"),
    "time": ("09:30:00", "00:00:00", "23:59:59.999999", "12:00:00.5"),
    "date-time": (
        "2026-01-31T09:30:00Z", "2026-01-31T09:30:00+05:30", "1970-01-01T00:00:00-00:00",
        "2026-01-31T23:59:59.123456Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
    ),
    "duration": ("P1DT2H30M", "PT0S", "PT90S", "P99999D", "PT24H", "P1D", "PT1M"),
    "uuid": ("12345678-1234-5678-1234-567812345678", "A2345678-ABCD-1234-8234-0123456789aB"),
    "email": ("ada@example.com", "a+b.c_d@sub.example.co", "a@b.cd", f"{'x' * 64}@example.com"),
    "uri": (
        "http://example.com", "https://a.example.com:8443/x?y=1&z=%20#f", "http://localhost",
        "http://127.0.0.1/", "HTTP://EXAMPLE.COM/", "http://[::1]/", "http://a@b.cd/",
    ),
}  # fmt: skip
FITTING = (
    "/", "/a", "/a/b%20c", "example.com", "a.b-c.test", "localhost", "12345", "00000", "en", "de",
    "ada", "ada_1", "a" * 30, "12.50", "-0.0000000001", "0", "999999999999.9999999999", "-1",
    *(text for texts in SAMPLES.values() for text in texts),
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**63, 2**64, 10**30, 0.5, -0.0, "", "1", "true",
    [], {}, [None], [[]], {"a": 1}, ["a"], {"": None},
)  # fmt: skip


@dataclass(frozen=True)
class Literal:
    """A piece of JSON text as it is, for what `json.dumps` would not write."""

    text: str


LITERALS = tuple(
    Literal(text)
    for text in (
        "NaN", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "-0.0", "1.0", "1E2", "100e-2",
        "1.50", "0.1e1", "01", "+1", ".5", "1.", "0x10", "1_000", "9" * 19, "9" * 4300, "9" * 4301,
        "1" + "0" * 400, "0." + "3" * 400, "12345678901234567890.5", "4.9e-324", "1e23",
        "1.7976931348623157e308", "9007199254740993.0", '"\\ud800"', '"\\udc00\\ud800"',
        '"\\ud83d\\ude00"', '"\\u0000"', '"\\/"', '"\\x41"', '"\\u00"', '"\t"', '"\\u000a"', "'a'",
        "tru", "True", "nul", "[1,]", '{"a":1,}', '{"a":1,"a":2}', "{1:2}", "[1 2]", "/**/1", "",
        "[" * 63 + "]" * 63, "[" * 70 + "]" * 70, '{"a":' * 40 + "1" + "}" * 40,
    )
)  # fmt: skip


class Values:
    """Makes values with a source of chance and a dictionary of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._fitting: dict[str, list[str]] = {}

    def valid(self, schema: Schema, random: Random) -> Any:
        """A value that the schema allows, as far as it says so in keywords known here."""
        if "anyOf" in schema:
            return self.valid(random.choice(schema["anyOf"]), random)
        kinds = schema.get("type", "string")
        kind = random.choice(kinds) if isinstance(kinds, list) else kinds
        if kind != "null" and "enum" in schema:
            return random.choice(schema["enum"])
        make = getattr(self, f"_{kind}", self._string)
        return make(schema, random)

    def beside(self, schema: Schema, random: Random) -> Any:
        """A value at or over an edge of the schema, or of a wrong type."""
        chance = random.random()
        if chance < 0.2:
            return random.choice(WRONG)
        if chance < 0.3:
            return random.choice(LITERALS)
        value = self.valid(schema, random)
        if isinstance(value, dict):
            return self.broken(schema, value, random)
        if isinstance(value, list):
            return self._broken_list(schema, value, random)
        if isinstance(value, str):
            return self._edge_text(schema, value, random)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._edge_number(schema, value, random)
        return random.choice(WRONG)

    def broken(self, schema: Schema, value: dict[str, Any], random: Random) -> dict[str, Any]:
        """An object with one thing wrong: a field gone, changed, renamed, or one too many."""
        named = schema.get("properties", {})
        chance = random.random()
        if chance < 0.15 and value:
            del value[random.choice(list(value))]
        elif chance < 0.3:
            value[random.choice(self.texts)] = random.choice(WRONG)
        elif named and chance < 0.9:
            name = random.choice(list(named))
            value[name] = self.beside(named[name], random)
        elif value:
            name = random.choice(list(value))
            value[mutated(name, random)] = value.pop(name)
        if random.random() < 0.3:
            return self.broken(schema, value, random)
        return value

    def text(self, random: Random) -> str:
        """Any text: a word, several, or a word that was hurt."""
        word = random.choice(self.texts)
        chance = random.random()
        if chance < 0.2:
            return word + random.choice(self.texts)
        return mutated(word, random) if chance < 0.4 else word

    def _null(self, schema: Schema, random: Random) -> None:
        return None

    def _boolean(self, schema: Schema, random: Random) -> bool:
        return random.random() < 0.5

    def _integer(self, schema: Schema, random: Random) -> int:
        low, high = _bounds(schema)
        return random.choice((int(low), int(high), random.randint(int(low), int(high))))

    def _number(self, schema: Schema, random: Random) -> int | float:
        low, high = _bounds(schema)
        number = random.choice((high, random.uniform(low, high), random.uniform(low, high)))
        return int(number) if random.random() < 0.2 else number

    def _string(self, schema: Schema, random: Random) -> str:
        if fitting := self._fits(schema):
            return random.choice(fitting)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 40)
        chance = random.random()
        text = self.text(random) if chance < 0.6 else chr(random.randrange(33, 0x3000)) * most
        return text[:most] if len(text) >= least else text + "x" * (least - len(text))

    def _array(self, schema: Schema, random: Random) -> list[Any]:
        count = random.randint(schema.get("minItems", 0), min(schema.get("maxItems", 3), 5))
        return [self.valid(schema.get("items", {}), random) for _ in range(count)]

    def _object(self, schema: Schema, random: Random) -> dict[str, Any]:
        named, needed = schema.get("properties", {}), schema.get("required", ())
        share = random.random()
        value = {
            name: self.valid(inner, random)
            for name, inner in named.items()
            if name in needed or random.random() < share
        }
        if isinstance(others := schema.get("additionalProperties"), dict):
            for _ in range(random.randint(0, schema.get("maxProperties", 3))):
                value[self.text(random)[:40]] = self.valid(others, random)
        return value

    def _fits(self, schema: Schema) -> Sequence[str]:
        if name := schema.get("format"):
            return SAMPLES.get(name, ())
        if pattern := schema.get("pattern"):
            if pattern not in self._fitting:
                whole = re.compile(pattern)
                pool = (*FITTING, *self.texts)
                self._fitting[pattern] = [text for text in pool if whole.fullmatch(text)]
            return self._fitting[pattern]
        return ()

    def _broken_list(self, schema: Schema, value: list[Any], random: Random) -> list[Any]:
        items = schema.get("items", {})
        if random.random() < 0.3:
            size = schema.get("maxItems", 3) + random.randint(0, 1)
            return [self.valid(items, random) for _ in range(size)]
        value.insert(random.randint(0, len(value)), self.beside(items, random))
        return value

    def _edge_text(self, schema: Schema, value: str, random: Random) -> str:
        chance = random.random()
        if chance < 0.3:
            return mutated(value, random)
        if chance < 0.5:
            return self.text(random)
        if chance < 0.65:
            return ""
        most = schema.get("maxLength", 20)
        edge: int = random.choice((schema.get("minLength", 0), most, most))
        size = max(edge + random.randint(-1, 1), 0)
        return random.choice(("x", "é", "汉", "😀", "e\u0301"))[:1] * size

    def _edge_number(self, schema: Schema, value: float, random: Random) -> Any:
        low, high = _bounds(schema)
        edge = random.choice((low, high))
        choices = (edge, edge - 1, edge + 1, edge - 1e-9, edge + 1e-9, -value, str(value))
        chosen = random.choice(choices)
        return Literal(f"{chosen:e}") if isinstance(chosen, float) and value == 0 else chosen


def mutated(text: str, random: Random) -> str:
    """The text with one small change."""
    at = random.randint(0, len(text))
    other = random.choice(
        ("0", "9", "a", "Z", "-", ".", ":", " ", "\n", "é", "٣", "\x00", "+", "/")
    )
    chance = random.randrange(6)
    if chance == 0:
        return text[:at] + other + text[at:]
    if chance == 1:
        return text[:at] + other + text[at + 1 :]
    if chance == 2:
        return text[:at] + text[at + 1 :]
    if chance == 3:
        return text[:at] + text[at : at + 1] + text[at:]
    return random.choice((text.swapcase(), text + other, other + text, text[:at], text[at:]))


def dump(value: Any, *, ascii_only: bool = False, blank: str = "") -> str:
    """JSON text; literals stand as they are, `blank` after every comma and colon."""
    if isinstance(value, Literal):
        return value.text
    if isinstance(value, dict):
        pairs = (
            f"{json.dumps(key, ensure_ascii=ascii_only)}:{blank}"
            + dump(inner, ascii_only=ascii_only, blank=blank)
            for key, inner in value.items()
        )
        return f"{{{f',{blank}'.join(pairs)}}}"
    if isinstance(value, list):
        items = (dump(item, ascii_only=ascii_only, blank=blank) for item in value)
        return f"[{f',{blank}'.join(items)}]"
    return json.dumps(value, ensure_ascii=ascii_only)


def _bounds(schema: Schema) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -(2**40)))
    high = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 0) + 2**40))
    return low, high
