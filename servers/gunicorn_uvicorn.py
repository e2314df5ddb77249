"""gunicorn's worker class for the serving `fastapi-gunicorn-uvicorn`."""

from typing import Any, ClassVar

from uvicorn_worker import UvicornWorker

from servers.servings import GRACE


class Worker(UvicornWorker):  # type: ignore[misc]  # the package has no types
    """uvicorn-worker with the options that `servings.UVICORN` gives to uvicorn by itself.

    The package's own class leaves parser, loop and WebSockets to what happens to be installed.
    """

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "http": "servers.protocol:StrictProtocol",
        "loop": "uvloop",
        "ws": "none",
        "proxy_headers": False,
        "timeout_graceful_shutdown": GRACE,
    }
