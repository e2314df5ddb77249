"""A request as its parts, so that it can be made, sent, shrunk and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contract_tests.raw import RawAnswer
from contract_tests.regulars import Regular

Framing = Literal["length", "chunked", "none"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A value that an earlier answer of the conversation gave: a header's, up to `until`.

    Each server gets back what it gave itself.
    """

    step: int
    header: str
    until: str = "\n"
    pattern: str = "{}"

    def of(self, answers: Sequence[RawAnswer]) -> bytes:
        """The value from one server's answers; what was not there is empty."""
        value = answers[self.step].headers.get(self.header, "") if self.step < len(answers) else ""
        return self.pattern.format(value.partition(self.until)[0]).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Held:
    """What the fuzzer itself asks with at each server: an attribute of `Regular`."""

    name: str
    pattern: str = "{}"

    def of(self, regular: Regular | None) -> bytes:
        """The value at one server; "" where nobody is known."""
        return self.pattern.format(getattr(regular, self.name, "")).encode("latin-1")


Value = bytes | Taken | Held


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `framing` says how the body is announced; without one it is left out."""

    method: str
    target: Value
    headers: tuple[tuple[bytes, Value], ...] = ()
    body: bytes = b""
    framing: Framing = "none"

    def filled(self, answers: Sequence[RawAnswer]) -> Request:
        """The same with everything taken from the answers so far."""

        def value(old: Value) -> Value:
            return old.of(answers) if isinstance(old, Taken) else old

        headers = tuple((name, value(old)) for name, old in self.headers)
        return Request(self.method, value(self.target), headers, self.body, self.framing)

    def encoded(self, answers: Sequence[RawAnswer] = (), regular: Regular | None = None) -> bytes:
        """The bytes to send; `Host` is added where the headers have none."""
        target = _origin_form(plain(self.target, answers, regular))
        lines = [b"%b %b HTTP/1.1" % (self.method.encode(), target)]
        if not any(name.lower() == b"host" for name, _ in self.headers):
            lines.append(b"Host: a.test")
        headers = ((name, plain(value, answers, regular)) for name, value in self.headers)
        lines += [b"%b: %b" % header for header in headers]
        body = b""
        if self.framing == "length":
            lines.append(b"Content-Length: %d" % len(self.body))
            body = self.body
        elif self.framing == "chunked":
            lines.append(b"Transfer-Encoding: chunked")
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in chunks(self.body))
            body += b"0\r\n\r\n"
        return b"\r\n".join([*lines, b"", body])


Conversation = tuple[Request, ...]


def plain(value: Value, answers: Sequence[RawAnswer], regular: Regular | None) -> bytes:
    """The bytes that stand for `value` after these answers, at the server that knows `regular`."""
    if isinstance(value, bytes):
        return value
    return value.of(answers) if isinstance(value, Taken) else value.of(regular)


def chunks(body: bytes) -> list[bytes]:
    """The body in up to three pieces, none of them empty."""
    size = len(body) // 3 + 1
    return [body[at : at + size] for at in range(0, len(body), size)]


def _origin_form(target: bytes) -> bytes:
    """The path and query of a target that may have been the value of `Location`."""
    _, scheme, rest = target.partition(b"://")
    if scheme and not target.startswith(b"/"):
        target = b"/" + rest.partition(b"/")[2]
    return target or b"/"
