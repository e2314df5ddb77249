"""gunicorn's hooks: what a worker does before it hands a request to the app."""

from typing import Any


def pre_request(worker: Any, request: Any) -> None:
    """Announce that the connection ends after a body that Flask will not read.

    gunicorn drops a connection with 64 KiB of a body unread, whatever it has told the client.
    """
    flask = getattr(worker, "wsgi", None)  # an ASGI worker has none
    limit = getattr(flask, "config", {}).get("MAX_CONTENT_LENGTH")
    lengths = [value for name, value in request.headers if name == "CONTENT-LENGTH"]
    if limit is not None and any(int(length) > limit for length in lengths):
        request.force_close()
