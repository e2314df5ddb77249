"""What a ASGI server of the benchmark serves: BENCHMARK says which app."""

import os
from typing import Any

from benchmarks import bare
from benchmarks.calling import Answer
from benchmarks.items import WAIT
from shared.settings import Settings

HELLO = Answer(200, (("content-type", "application/json"),), b'{"hello":"world"}')


def create_app() -> Any:
    """`app` with the routes of the benchmark, `bare`, `waiting`, `cross`, or the twin of an
    endpoint."""
    name = os.environ["BENCHMARK"]
    if name == "bare":
        return bare.asgi(HELLO)
    if name == "waiting":
        return bare.asgi(HELLO, WAIT)
    if name == "cross":
        from benchmarks import fastapi_cross

        return fastapi_cross.create_app()
    settings = Settings.from_environ(os.environ)
    if name == "app":
        from benchmarks import fastapi_routes

        return fastapi_routes.app_with_routes(settings)
    from benchmarks import fastapi_twins

    return fastapi_twins.twin(name, settings)
