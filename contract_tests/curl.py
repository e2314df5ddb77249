"""A recorded request as a line for the shell."""

from __future__ import annotations

import shlex

import requests

LONGEST_BODY = 4096
# What curl sends by itself, or what only the session's own defaults say.
IMPLIED = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "contract-tests"}


def command(request: requests.PreparedRequest | bytes | None, address: tuple[str, int]) -> str:
    """The line that sends the request again; a comment says so where the body is left out."""
    if request is None:
        return "# no request was sent"
    if isinstance(request, bytes):
        if len(request) > LONGEST_BODY:
            return f"# {len(request)} bytes over a socket: {request[:200]!r}..."
        return f"printf -- {printf(request)} | nc {address[0]} {address[1]}"
    url = request.url or ""
    # curl would take brackets for a range of addresses.
    globbing = ["--globoff"] if set("[]{}") & set(url) else []
    words = ["curl", "-i", "--path-as-is", *globbing, *_method(request), shlex.quote(url)]
    words += _headers(request)
    body: object = request.body
    if body is None:
        return " ".join(words)
    if not isinstance(body, (bytes, str)):
        return " ".join([*words, "--data-binary @body  # the body was streamed"])
    data = body.encode() if isinstance(body, str) else body
    if len(data) > LONGEST_BODY:
        beginning = f"# {len(data)} bytes: {data[:60]!r}..."
        return " ".join([*words, "--data-binary @body ", beginning])
    if _is_text(data):
        return " ".join([*words, "--data-raw", shlex.quote(data.decode())])
    return " ".join([f"printf -- {printf(data)} |", *words, "--data-binary @-"])


def printf(data: bytes) -> str:
    """The bytes as an argument of the POSIX `printf`."""
    named = {0x0A: r"\n", 0x0D: r"\r", 0x25: "%%", 0x5C: r"\\"}
    return "'{}'".format(
        "".join(
            named.get(byte)
            or (chr(byte) if 0x20 <= byte < 0x7F and byte != 0x27 else f"\\{byte:03o}")
            for byte in data
        )
    )


def _method(request: requests.PreparedRequest) -> list[str]:
    if request.method == "HEAD":
        return ["--head"]
    implied = "GET" if request.body is None else "POST"
    return [] if request.method == implied else ["-X", shlex.quote(request.method or "")]


def _headers(request: requests.PreparedRequest) -> list[str]:
    words = []
    for name, value in request.headers.items():
        text = _text(value)
        if name.lower() != "content-length" and IMPLIED.get(name.lower()) != text:
            line = f"{name}: {text}" if text else f"{name};"
            words += ["-H", shlex.quote(line)]
    if request.body is not None and "content-type" not in request.headers:
        words += ["-H", "Content-Type:"]
    return words


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


def _is_text(data: bytes) -> bool:
    try:
        return data.decode().isprintable()
    except UnicodeDecodeError:
        return False
