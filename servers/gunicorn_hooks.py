"""gunicorn's hooks: what a worker does before it hands a request to the app, and afterwards."""

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from servers.protocol import LINGER


def pre_request(worker: Any, request: Any) -> None:
    """Announce that the connection ends after a body that Flask will not read.

    gunicorn drops a connection with 64 KiB of a body unread, whatever it has told the client.
    """
    flask = getattr(worker, "wsgi", None)  # an ASGI worker has none
    limit = getattr(flask, "config", {}).get("MAX_CONTENT_LENGTH")
    lengths = [value for name, value in request.headers if name == "CONTENT-LENGTH"]
    if limit is not None and any(int(length) > limit for length in lengths):
        request.force_close()


def post_request(worker: Any, request: Any, environ: Mapping[str, Any], response: Any) -> None:
    """Read for a while, and forget, what a client still sends of such a body (RFC 9112, 9.6), or
    of one that it sent without waiting, as it had offered by `Expect`, and that no view wanted."""
    if "gunicorn.socket" not in environ:
        return
    connection: socket.socket = environ["gunicorn.socket"]
    if request.must_close:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            _read(connection, connection.recv)
    elif "HTTP_EXPECT" in environ:
        # What fails here fails again, and closes the connection, when gunicorn reads on.
        with suppress(Exception):
            _read(connection, environ["wsgi.input"].read)


def _read(connection: socket.socket, read: Callable[[int], bytes]) -> None:
    deadline = time.monotonic() + LINGER
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        if not read(65536):
            break
