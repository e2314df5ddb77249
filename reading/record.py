"""Record what both apps answer to each example: `python -m reading.record`, or `make record`.

What no two answers have in common is masked, so that a recording changes only when an app does. An
example that the two answer differently is an error.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from difflib import unified_diff
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from zlib import crc32

from reading import examples
from reading.examples import CONNECTION, MASK, RECORDED, VOLATILE, Example, Request
from servers.running import HOST, Running, start
from servers.serve import fill
from servers.servings import DEFAULTS
from servers.upstream import StandIn

ORIGIN = "http://127.0.0.1:8080"
BOUNDARY = "----boundary"
LONGEST = 2000  # characters of a body
Entry = dict[str, Any]


class Differs(Exception):
    """The two apps answer an example differently."""


@dataclass
class Client:
    """Asks one server, keeping its cookies and what is to be taken from an answer."""

    port: int
    values: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, request: Request) -> Entry:
        """Send a request and return the answer, as a recording has it but for the masks."""
        request = examples.filled(request, self.values)
        body, extra = _body(request)
        headers = {"Origin": ORIGIN, **extra, **self._cookie(), **request.headers}
        connection = HTTPConnection(HOST, self.port, timeout=30)
        connection.request(request.method, request.path, body, headers)
        response = connection.getresponse()
        content = response.read().decode("utf-8", "replace")
        connection.close()
        self._keep(response.headers.get_all("Set-Cookie") or [])
        if request.take:
            answered = json.loads(content)
            self.values |= {name: str(answered[name]) for name in request.take}
        return {
            "status": response.status,
            "headers": [(name, _in_order(name, value)) for name, value in response.getheaders()],
            "body": content,
        }

    def _cookie(self) -> dict[str, str]:
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": pairs} if pairs else {}

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


def record(example: Example, port: int) -> Entry:
    """What the app at a port answers to an example."""
    client = Client(port, {"unique": f"u{crc32(example.key.encode()):08x}"})
    for request in example.before:
        client.ask(request)
    answer = client.ask(example.request)
    body = example.masked(answer["body"])
    # The length varies with the body.
    volatile = (*VOLATILE, "content-length") if body != answer["body"] else VOLATILE
    if len(body) > LONGEST:
        body = f"{body[:LONGEST]}{MASK}"
    headers = [
        [name.lower(), MASK if name.lower() in volatile else example.masked_header(name, value)]
        for name, value in answer["headers"]
        if name.lower() not in (*CONNECTION, "date", "server")
    ]
    return answer | {"headers": sorted(headers), "body": body}


def record_all(ports: Mapping[str, int]) -> dict[str, Entry]:
    """The one answer of both apps to each example. Raises Differs."""
    found = {}
    for example in examples.load():
        answers = {name: record(example, port) for name, port in ports.items()}
        texts = [
            json.dumps({**a, "headers": _compared(a)}, indent=1, ensure_ascii=False)
            for a in answers.values()
        ]
        if len({*texts}) > 1:
            one, other = (text.splitlines() for text in texts)
            lines = unified_diff(one, other, "flask", "fastapi", lineterm="")
            raise Differs("\n".join([example.key, *lines]))
        found[example.key] = json.loads(texts[0])
    return found


def serve_both(
    folder: Path, stack: ExitStack, more: Mapping[str, str] | None = None
) -> dict[str, Running]:
    """Both apps, as `make serve` serves them, with databases of their own in a folder.

    `more` is added to their environment.
    """
    upstream = StandIn().url
    running = {}
    for name in DEFAULTS:
        url = f"sqlite:///{folder / name}.db"
        fill(url)
        environ = {"DATABASE_URL": url, "UPSTREAM_URL": upstream, **(more or {})}
        running[name] = stack.enter_context(start(name, log_path=folder / name, environ=environ))
    for server in running.values():
        server.wait_ready(60)
    return running


def main() -> int:
    """Write the file: 0. When the apps differ: 1."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = serve_both(Path(folder), stack)
        try:
            found = record_all({name: server.port for name, server in running.items()})
        except Differs as difference:
            print(difference, file=sys.stderr)  # noqa: T201
            return 1
    text = json.dumps(found, indent=1, ensure_ascii=False)
    RECORDED.write_text(f"{text}\n", encoding="utf-8")
    print(f"{len(found)} examples in {RECORDED.name}; `make site` shows them")  # noqa: T201
    return 0


def _compared(answer: Entry) -> list[list[str]]:
    """The headers without the one that may name the app, and with names in one case."""
    return [header for header in answer["headers"] if header[0] != "x-served-by"]


def _in_order(name: str, value: str) -> str:
    """The order of the methods in Allow says nothing."""
    return ", ".join(sorted(value.split(", "))) if name.lower() == "allow" else value


def _body(request: Request) -> tuple[bytes | None, dict[str, str]]:
    if not request.parts:
        return request.body.encode() if request.body else None, {}
    chunks = []
    for part in request.parts:
        file = f'; filename="{part.filename}"\r\nContent-Type: {part.type}' if part.filename else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part.name}"{file}'
        chunks.append(f"{head}\r\n\r\n{part.value}\r\n")
    whole = "".join(chunks) + f"--{BOUNDARY}--\r\n"
    return whole.encode(), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


if __name__ == "__main__":
    sys.exit(main())
