"""The named ways to serve the two apps, each a complete command line.

Nothing is left to a default that an installed package or a variable could change: the parser, the
limits and the times are said aloud, so that two servings differ only in what their name says.
`python -m servers.servings` prints the names; docs/servings.md tells what each does differently.
"""

import sys
from dataclasses import dataclass
from typing import Literal

KEEP_ALIVE = 75  # seconds; browsers and load balancers keep idle connections for about a minute
GRACE = 5  # seconds that running requests get to finish when a server is told to stop
THREADS = 80  # so many visitors may wait at once; a slow client holds one of them

GUNICORN = (
    "gunicorn",
    "--bind={host}:{port}",
    "--workers={workers}",
    "--http-parser=python",
    "--limit-request-line=4094",
    "--limit-request-fields=100",
    "--limit-request-field_size=8190",
    f"--keep-alive={KEEP_ALIVE}",
    "--timeout=30",
    f"--graceful-timeout={GRACE}",
    # No proxy stands in front: whatever X-Forwarded-* a client sends is only a header.
    "--forwarded-allow-ips=",
    "--no-control-socket",
    "--config=python:servers.gunicorn_hooks",
    "--logger-class=servers.gunicorn_logs.Logger",
)
# uvicorn has no limits to set: the app's own layer (compat) keeps gunicorn's three. The protocol is
# that of httptools, closed where its parser lets too much through.
UVICORN = (
    "uvicorn",
    "--factory",
    "--host={host}",
    "--port={port}",
    "--http=servers.protocol:StrictProtocol",
    "--loop=uvloop",
    # Without it `Upgrade: websocket` never reaches the app: uvicorn answers 403 by itself.
    "--ws=none",
    f"--timeout-keep-alive={KEEP_ALIVE}",
    f"--timeout-graceful-shutdown={GRACE}",
    "--no-proxy-headers",
    "--log-config=servers/uvicorn_logs.json",
)
WSGI = "servers.wsgi:create_app()"
ASGI = "servers.asgi:create_app()"
ASGI_FACTORY = "servers.asgi:create_app"
HYBRID_FACTORY = "servers.hybrid:create_app"
RELOAD = tuple(f"--reload-dir={name}" for name in ("fastapi_app", "shared", "compat", "servers"))

# The apps write a line for each request themselves.
NO_REQUESTS = {"uvicorn": ("--no-access-log",)}


@dataclass(frozen=True)
class Serving:
    """One way to serve one app.

    `contract` says how much of the contract it keeps: all of it, or the core (what a server that
    is not meant for production, or frames answers in its own way, still has to get right).
    """

    name: str
    app: Literal["flask", "fastapi", "hybrid"]
    title: str
    contract: Literal["full", "core"]
    words: tuple[str, ...]
    workers: int = 1

    def command(
        self,
        port: int,
        *,
        host: str = "127.0.0.1",
        workers: int | None = None,
    ) -> list[str]:
        """The command line, to be run in the root of the repository.

        `workers` overrides the serving's own number of processes where it has one.
        """
        values = {"host": host, "port": port, "workers": workers or self.workers}
        server, *options = (word.format(**values) for word in self.words)
        return [sys.executable, "-m", server, *NO_REQUESTS.get(server, ()), *options]


_ALL = (
    Serving(
        "flask",
        "flask",
        "gunicorn, 1 process with threads",
        "full",
        (*GUNICORN, "--worker-class=gthread", f"--threads={THREADS}", WSGI),
    ),
    Serving("fastapi", "fastapi", "uvicorn, 1 process", "full", (*UVICORN, ASGI_FACTORY)),
    Serving(
        "flask-dev",
        "flask",
        "Flask's development server, with reload",
        "core",
        (
            "flask",
            "--app=servers.wsgi:create_app",
            "run",
            "--host={host}",
            "--port={port}",
            # Not --debug: it answers an unexpected error with the interactive debugger's page.
            "--reload",
        ),
    ),
    Serving(
        "flask-sync",
        "flask",
        "gunicorn, 4 processes, one request each",
        "full",
        (*GUNICORN, "--worker-class=sync", WSGI),
        workers=4,
    ),
    Serving(
        "flask-gthread",
        "flask",
        "gunicorn, 4 processes with threads",
        "full",
        (*GUNICORN, "--worker-class=gthread", f"--threads={THREADS}", WSGI),
        workers=4,
    ),
    Serving(
        "fastapi-workers",
        "fastapi",
        "uvicorn, 4 processes",
        "full",
        (*UVICORN, "--workers={workers}", ASGI_FACTORY),
        workers=4,
    ),
    Serving(
        "fastapi-reload",
        "fastapi",
        "uvicorn, with reload",
        "core",
        (*UVICORN, "--reload", *RELOAD, ASGI_FACTORY),
    ),
    Serving(
        "fastapi-gunicorn",
        "fastapi",
        "gunicorn's own ASGI worker, 4 processes",
        "core",
        (*GUNICORN, "--worker-class=asgi", "--asgi-loop=uvloop", "--asgi-lifespan=auto", ASGI),
        workers=4,
    ),
    Serving(
        "fastapi-gunicorn-uvicorn",
        "fastapi",
        "gunicorn managing uvicorn's workers, 4 processes",
        "full",
        (*GUNICORN, "--worker-class=servers.gunicorn_uvicorn.Worker", ASGI),
        workers=4,
    ),
    Serving(
        "hybrid",
        "hybrid",
        "uvicorn, 1 process; some topics answered by FastAPI, the others by Flask",
        "full",
        (*UVICORN, HYBRID_FACTORY),
    ),
)
SERVINGS: dict[str, Serving] = {serving.name: serving for serving in _ALL}
DEFAULTS = ("flask", "fastapi")

if __name__ == "__main__":
    print(*SERVINGS, sep="\n")
