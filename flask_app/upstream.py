"""The client of other services. All requests share its connections, and the threads that wait."""

import atexit
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, current_app
from httpx2 import Client, Limits, Timeout

from shared.settings import Settings
from shared.upstream import HEADERS, SERVICES, SILENCE, no_cookies

# Each of a server's 80 threads may wait for all services. Further requests wait for threads.
THREADS = 80 * len(SERVICES)
# The pool looks at each idle connection before every request.
IDLE = 20


def install(app: Flask, settings: Settings) -> None:
    client = Client(
        base_url=settings.upstream_url,
        headers=HEADERS,
        cookies=no_cookies(),
        timeout=Timeout(SILENCE),
        limits=Limits(max_connections=THREADS, max_keepalive_connections=IDLE),
        # No proxy and no password from the environment.
        trust_env=False,
    )
    app.extensions["upstream"] = client
    app.extensions["upstream_threads"] = ThreadPoolExecutor(THREADS, "upstream")
    # WSGI does not say when a server stops. Waiting threads are the interpreter's to join.
    atexit.register(client.close)


def get_client() -> Client:
    client: Client = current_app.extensions["upstream"]
    return client


def get_threads() -> ThreadPoolExecutor:
    threads: ThreadPoolExecutor = current_app.extensions["upstream_threads"]
    return threads
