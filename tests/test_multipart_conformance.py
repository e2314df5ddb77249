"""Both apps read multipart bodies as the package multipart-form-data-conformance says.

Its cases are files inside the installed package. Compared are name, file name, content type and
content of each part: what a handler gets to see. A body is read in pieces of several sizes, since a
server hands over what has arrived so far.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import flask
import pytest
import requests
from fastapi import FastAPI, HTTPException
from multipart_form_data_conformance import get_tests_dir
from werkzeug.exceptions import HTTPException as FlaskHTTPException
from werkzeug.test import create_environ

import fastapi_app.app
import flask_app.app
from compat.requests import FlaskRequest
from servers.running import Running, start, stop_all
from shared.form_data import FormReader, Malformed, TooLarge
from shared.settings import Settings
from shared.uploads import safe_name

PIECES = (1, 2, 7, 100, 1_000_000)  # bytes at a time
NO_EXTENDED_NAME = "RFC 7578, 4.2: filename* must not be used in multipart/form-data"
BARE_LINE_FEED = "RFC 2046, 5.1.1: header lines and delimiters end with CRLF"
# Case -> why it is not met. One that is met after all fails.
UNMET: dict[str, str] = {
    "026-filename-with-backslash": "HTML: a browser sends a backslash as it is, two of them as two",
    "044-boundary-special-chars": "RFC 2046, 5.1.1: a boundary with a colon has to be quoted",
    "022-filename-star-encoding": NO_EXTENDED_NAME,
    "023-both-filename-star": NO_EXTENDED_NAME,
    "061-lf-only-lenient": BARE_LINE_FEED,
    "062-mixed-endings": BARE_LINE_FEED,
}


@dataclass(frozen=True)
class Part:
    """A field: of a text field, no handler sees the content type."""

    name: str
    filename: str | None
    content_type: str | None
    sha256: str


@dataclass(frozen=True)
class Case:
    """A request, and the parts that it has; None when it has to be refused."""

    id: str
    content_type: str
    body: bytes
    parts: tuple[Part, ...] | None


class Refused(Exception):
    """The body was refused: it is malformed, or over a limit."""


def cases() -> Iterator[Case]:
    for file in sorted(get_tests_dir().glob("*/*/test.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        headers = json.loads((file.parent / "headers.json").read_text(encoding="utf-8"))
        expected = document["expected"]
        parts = tuple(map(expected_part, expected["parts"])) if expected["valid"] else None
        body = (file.parent / "input.raw").read_bytes()
        yield Case(document["id"], headers["content-type"], body, parts)


def expected_part(expected: dict[str, Any]) -> Part:
    # Where both names are given, the case wants the extended one to be preferred.
    filename = expected.get("filename_star", expected["filename"])
    kind = expected["content_type"] if filename is not None else None
    return Part(expected["name"], filename, kind, expected_digest(expected))


def expected_digest(expected: dict[str, Any]) -> str:
    if "body_sha256" in expected:
        return str(expected["body_sha256"])
    if "body_base64" in expected:
        return digest(base64.b64decode(expected["body_base64"]))
    return digest(expected["body_text"].encode())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def by_reader(case: Case, size: int) -> Iterable[Part]:
    """As the module reads that both apps share."""
    try:
        reader = FormReader(case.content_type)
        for piece in pieces(case.body, size):
            reader.feed(piece)
        items = reader.close()
    except (Malformed, TooLarge) as error:
        raise Refused from error
    for name, value in items:
        if isinstance(value, str):
            yield Part(name, None, None, digest(value.encode()))
        else:
            with value.file:
                yield Part(name, value.name, value.content_type, digest(value.file.read()))


class Arriving(io.RawIOBase):
    """A body of which at most `size` bytes can be read at a time."""

    def __init__(self, body: bytes, size: int) -> None:
        self.body, self.size = io.BytesIO(body), size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.body.read(min(self.size, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


@cache
def flask_under_test() -> flask.Flask:
    return flask_app.app.create_app(Settings())


@cache
def fastapi_under_test() -> FastAPI:
    return fastapi_app.app.create_app(Settings())


def by_flask(case: Case, size: int) -> Iterable[Part]:
    environ = create_environ(method="POST")
    environ["CONTENT_TYPE"] = case.content_type
    environ["wsgi.input"] = Arriving(case.body, size)
    environ["CONTENT_LENGTH"] = str(len(case.body))
    with flask_under_test().request_context(environ):
        try:
            texts, files = flask.request.form, flask.request.files
        except FlaskHTTPException as error:
            raise Refused from error
        for name, text in texts.items(multi=True):
            yield Part(name, None, None, digest(text.encode()))
        for name, file in files.items(multi=True):
            yield Part(name, file.filename, file.content_type, digest(file.read()))


def by_fastapi(case: Case, size: int) -> Iterable[Part]:
    return asyncio.run(read_by_fastapi(case, size))


async def read_by_fastapi(case: Case, size: int) -> list[Part]:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": True}
        for piece in pieces(case.body, size)
    ]
    arriving = iter([*messages, {"type": "http.request"}])

    async def receive() -> dict[str, Any]:
        return next(arriving)

    headers = [(b"content-type", case.content_type.encode())]
    scope = {"type": "http", "headers": headers, "app": fastapi_under_test()}
    try:
        form = await FlaskRequest(scope, receive).form()
    except HTTPException as error:
        raise Refused from error
    try:
        return [
            Part(name, None, None, digest(value.encode()))
            if isinstance(value, str)
            else Part(name, value.filename, value.content_type, digest(await value.read()))
            for name, value in form.multi_items()
        ]
    finally:
        await form.close()


Reader = Callable[[Case, int], Iterable[Part]]
READERS: dict[str, Reader] = {
    "shared": by_reader,
    "flask": by_flask,
    "fastapi": by_fastapi,
}
CASES = list(cases())


def met(read: Reader, case: Case, size: int) -> bool:
    try:
        found = list(read(case, size))
    except Refused:
        return case.parts is None
    return case.parts is not None and apart(found) == apart(case.parts)


def apart(parts: Iterable[Part]) -> list[Part]:
    """Text fields and files apart, as handlers get them, each in the order in which they came."""
    return sorted(parts, key=lambda part: part.filename is not None)


def test_there_are_cases() -> None:
    assert len(CASES) > 50
    assert UNMET.keys() <= {case.id for case in CASES}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_met_however_the_body_arrives(case: Case, reader: str) -> None:
    differing = [size for size in PIECES if met(READERS[reader], case, size) is (case.id in UNMET)]
    assert differing == []


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    folder = tmp_path_factory.mktemp("multipart")
    started = [start(app, log_path=folder / f"{app}.log") for app in ("flask", "fastapi")]
    try:
        for server in started:
            server.wait_ready()
        yield started
    finally:
        stop_all(started)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_answered_alike(case: Case, servers: list[Running]) -> None:
    """Over HTTP: what the parts are becomes visible where one file is all there is."""
    flask, fastapi = (
        requests.post(
            f"{server.url}/upload",
            data=case.body,
            headers={"Content-Type": case.content_type},
            timeout=10,
        )
        for server in servers
    )
    assert (flask.status_code, flask.content) == (fastapi.status_code, fastapi.content)
    if case.id in UNMET:
        return
    assert flask.status_code == expected_status(case)
    if flask.status_code == 200 and case.parts:
        (part,) = case.parts
        facts = flask.json()
        assert (facts["content_type"], facts["sha256"]) == (part.content_type, part.sha256)
        assert facts["name"] == safe_name(part.filename or "")


def expected_status(case: Case) -> int:
    """/upload takes one file, of the name `file`; no content and no name are no file."""
    if case.parts is None:
        return 400
    files = [part for part in case.parts if part.filename is not None]
    empty = any(not part.filename and part.sha256 == digest(b"") for part in files)
    fits = len(files) == len(case.parts) and {part.name for part in files} == {"file"}
    return 200 if fits and not empty else 422
