"""Requests as bytes, for what `requests` would mend before it sends it."""

from __future__ import annotations

from collections.abc import Iterable

Headers = Iterable[tuple[str, str]]


def request(method: str, path: str, headers: Headers = (), body: bytes = b"") -> bytes:
    """One HTTP/1.1 request that ends its connection; Content-Length only if there is a body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: a.test", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(path: str, content_type: str, chunks: Iterable[bytes]) -> bytes:
    """A POST whose body comes in chunks, its length untold."""
    headers = [("Content-Type", content_type), ("Transfer-Encoding", "chunked")]
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return request("POST", path, headers) + body + b"0\r\n\r\n"


def multipart(*parts: bytes, boundary: bytes = b"B") -> bytes:
    """A multipart body of parts that are written out, each with its headers."""
    return (
        b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts) + b"--%b--\r\n" % boundary
    )


def field(name: str, value: bytes, *, filename: str | None = None, kind: str = "") -> bytes:
    """A part of a multipart body."""
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    head = [disposition, *([f"Content-Type: {kind}"] if kind else [])]
    return "\r\n".join([*head, "", ""]).encode() + value
