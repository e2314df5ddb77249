"""The reading site beside the two apps: built by a process of its own, served from its folder."""

import contextlib
import functools
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Self

from servers.running import HOST, ROOT, ServerError

BUILDER = "reading.site"
# The pages need nothing from elsewhere but the answers of the two apps.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    " connect-src 'self' http://127.0.0.1:* http://localhost:*"
)


class Handler(SimpleHTTPRequestHandler):
    """Files, and `/servers.json`: where the pages find the apps."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def __init__(self, *arguments: object, ports: Mapping[str, int], directory: str) -> None:
        self.ports = ports
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path == "/servers.json":
            content = json.dumps(self.ports).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        else:
            super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def list_directory(self, path: object) -> None:
        """A folder is no page."""
        self.send_error(404)

    def log_message(self, format: str, *values: object) -> None:
        """The log is the apps'."""


class Server(ThreadingHTTPServer):
    """Asks no name server for its own name, and does not care for readers who leave early."""

    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Site:
    """The site on a port of 127.0.0.1. `ports` are those of the apps, by name.

    Building begins at once, in a temporary folder; `wait` returns when the pages are there.
    """

    def __init__(self, port: int, ports: Mapping[str, int]) -> None:
        self.port = port
        self.folder = tempfile.TemporaryDirectory(prefix="site-")
        self.building = subprocess.Popen(
            [sys.executable, "-m", BUILDER, self.folder.name],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        handler = functools.partial(Handler, ports=ports, directory=self.folder.name)
        self.server = Server((HOST, port), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def origins(self) -> tuple[str, ...]:
        """What a browser may call this site: whose pages the apps let read their answers."""
        return self.url, f"http://localhost:{self.port}"

    def wait(self) -> None:
        """Return when the site is built. Raises ServerError, with the reason, if it cannot be."""
        said, _ = self.building.communicate()
        if self.building.returncode:
            raise ServerError(f"the site could not be built:\n{said.strip()}")

    def close(self) -> None:
        """Stop serving, and building; the folder goes."""
        with contextlib.suppress(ProcessLookupError):
            self.building.kill()
        self.building.wait()
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
