"""Form bodies as they arrive, urlencoded or multipart, for either app.

Werkzeug's multipart parser reads broken MIME as an empty form, python-multipart refuses legal MIME;
a contract that says "legal is read, broken is 400" needs one parser for both.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import parse_qsl

from multipart import (  # type: ignore[attr-defined]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_content_disposition,
    parse_options_header,
)

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MEMORY = 1024 * 1024
MOST_PARTS = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Malformed(ValueError):
    """The body is not what its content type says."""


class TooLarge(ValueError):
    """The body has more parts than `MOST_PARTS`, or a longer part header than is read."""


@dataclass
class Upload:
    """A part with a file name, and its size in bytes.

    `file` stands at its start; over 1 MiB it lies on the disk.
    """

    name: str
    content_type: str | None
    size: int
    file: IO[bytes]


Item = tuple[str, str | Upload]


class FormReader:
    """Collects the fields of a form body that arrives in chunks.

    `content_type` is the request's header, whole. Raises Malformed and TooLarge, and has closed all
    files then; else those of the uploads are the caller's.
    """

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        self.items: list[Item] = []
        self._part: MultipartSegment | None = None
        self._sink: IO[bytes] = BytesIO()
        try:
            self._parser = (
                PushMultipartParser(options.get("boundary", ""), max_segment_count=MOST_PARTS)
                if kind == MULTIPART
                else None
            )
        except (MultipartError, UnicodeError) as error:
            raise Malformed from error
        if self._parser is None:
            self._sink = SpooledTemporaryFile(max_size=MEMORY)

    @property
    def on_disk(self) -> bool:
        """Whether `feed` may write to the disk, for callers that must not wait."""
        return self._sink.tell() + MEMORY // 2 > MEMORY

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        if self._parser is None:
            self._sink.write(chunk)
        elif chunk and not self._parser.closed:
            with self._closing_files():
                self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        assert self._parser is not None
        for event in self._parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                _require_name(event)
                if _CONTROL.search(event.header("Content-Type", "")):
                    raise Malformed
                self._part, self._sink = event, SpooledTemporaryFile(max_size=MEMORY)
            elif event:
                self._sink.write(event)
            else:
                self._complete()

    def _complete(self) -> None:
        assert self._part is not None and self._part.name is not None
        self._sink.seek(0)
        if self._part.filename is None:
            with self._sink:
                self.items.append((self._part.name, _text(self._sink.read())))
            self._sink = BytesIO()
        else:
            declared = self._part.header("Content-Type") or None
            size = self._part.bytes_received
            upload = Upload(self._part.filename, declared, size, self._sink)
            self.items.append((self._part.name, upload))

    def close(self) -> list[Item]:
        """The fields in the order in which they came; the body must be complete."""
        if self._parser is None:
            with self._sink:
                self._sink.seek(0)
                return list(parse_pairs(_text(self._sink.read())))
        with self._closing_files():
            self._parser.close()
        return self.items

    @contextmanager
    def _closing_files(self) -> Iterator[None]:
        try:
            yield
        except (MultipartError, Malformed) as error:
            files = [value.file for _, value in self.items if isinstance(value, Upload)]
            for file in (self._sink, *files):
                file.close()
            raise (TooLarge if isinstance(error, ParserLimitReached) else Malformed) from error


def _require_name(part: MultipartSegment) -> None:
    """The parser gives a part without a name the name "", which a field may have too."""
    disposition = part.header("Content-Disposition", "")
    if not part.name and parse_content_disposition(disposition)[1] is None:
        raise Malformed


def parse_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a query string or urlencoded body, blank values kept. Raises Malformed."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed from error


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed from error
