"""The requests that a page offers to send, as examples.toml lists them, and what was answered."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from reading.topics import ROOT
from shared.settings import CREDENTIAL_PATHS

FILE = ROOT / "reading" / "examples.toml"
RECORDED = ROOT / "reading" / "recorded.json"
# Headers that say something about one answer, or about the server, and not about the API.
VOLATILE = ("date", "server", "server-timing", "x-request-id", "x-served-by")
# What belongs to a connection and not to an answer.
CONNECTION = ("connection", "keep-alive", "transfer-encoding")
MASK = "…"


@dataclass(frozen=True)
class Part:
    """A field of a form with files; with a `filename` it is a file."""

    name: str
    value: str
    filename: str = ""
    type: str = "text/plain"


@dataclass(frozen=True)
class Request:
    """What is sent. `take` names members of the JSON that is answered, for `{name}` further on."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    parts: Sequence[Part] = ()
    take: Sequence[str] = ()

    @property
    def credentials(self) -> bool:
        """Whether the contract lets a page of another origin send cookies along."""
        path = self.path.partition("?")[0]
        return any(f"{path}/".startswith(f"{allowed}/") for allowed in CREDENTIAL_PATHS)


@dataclass(frozen=True)
class Example:
    """A request worth sending, and those that have to go before it.

    `volatile` are the headers and the members of JSON that no two answers have in common.
    `recorded` says why a page's script cannot send it, if it cannot.
    """

    topic: str
    name: str
    title: str
    request: Request
    before: Sequence[Request] = ()
    volatile: Sequence[str] = ()
    recorded: str = ""

    @property
    def key(self) -> str:
        return f"{self.topic}-{self.name}"

    def masked_header(self, name: str, value: str) -> str:
        """A header's value without what is volatile in it: all of it, or attributes of a cookie."""
        if name.lower() in self.volatile:
            return MASK
        if name.lower() == "set-cookie":
            for attribute in self.volatile:
                value = re.sub(rf"(?i)\b({attribute}=)[^;]*", rf"\1{MASK}", value)
        return value

    def masked(self, body: str) -> str:
        """A body without what is volatile in it, in JSON and in forms of HTML."""
        for name in self.volatile:
            member = rf'("{name}":)("(?:[^"\\]|\\.)*"|[^,}}\]]+)'
            body = re.sub(member, rf'\1"{MASK}"', body)
            body = re.sub(rf'(name="{name}" value=")[^"]*', rf"\1{MASK}", body)
        return body


@dataclass(frozen=True)
class Answer:
    """An answer as it was recorded, of both apps: a recording where they differ fails."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: str

    @property
    def phrase(self) -> str:
        """The status as it is written out in RFC 9110; servers word it as they like."""
        return HTTPStatus(self.status).phrase


def load(file: Path = FILE) -> list[Example]:
    """All examples, topic by topic."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    steps = {name: _request(step) for name, step in document["step"].items()}
    return [_example(entry, steps) for entry in document["example"]]


def recorded(file: Path = RECORDED) -> dict[str, Answer]:
    """The answer to each example, by its key."""
    entries = json.loads(file.read_text(encoding="utf-8"))
    return {
        key: Answer(
            entry["status"],
            [(name, value) for name, value in entry["headers"]],
            entry["body"],
        )
        for key, entry in entries.items()
    }


def filled(request: Request, values: Mapping[str, str]) -> Request:
    """The request with a value in each `{name}` that is known."""

    def put(text: str) -> str:
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return Request(
        request.method,
        put(request.path),
        {name: put(value) for name, value in request.headers.items()},
        put(request.body),
        [Part(part.name, put(part.value), part.filename, part.type) for part in request.parts],
        request.take,
    )


def _example(entry: dict[str, Any], steps: Mapping[str, Request]) -> Example:
    own = ("topic", "name", "title", "volatile", "recorded")
    named = entry.pop("before", [])
    before = [steps[step] if isinstance(step, str) else _request(step) for step in named]
    facts = {name: entry.pop(name) for name in own if name in entry}
    return Example(**facts, request=_request(entry), before=before)


def _request(entry: dict[str, Any]) -> Request:
    parts = [Part(**part) for part in entry.pop("parts", [])]
    return Request(**entry, parts=parts)
