"""What a WSGI server of the benchmark serves: BENCHMARK says which app."""

import os
from typing import Any

from benchmarks import bare
from benchmarks.calling import Answer
from shared.settings import Settings

HELLO = Answer(200, (("content-type", "application/json"),), b'{"hello":"world"}')


def create_app() -> Any:
    """`app` with the routes of the benchmark, `bare`, `cross`, or the twin of an endpoint."""
    name = os.environ["BENCHMARK"]
    if name == "bare":
        return bare.wsgi(HELLO)
    if name == "cross":
        from benchmarks import flask_cross

        return flask_cross.create_app()
    settings = Settings.from_environ(os.environ)
    if name == "app":
        from benchmarks import flask_routes

        return flask_routes.app_with_routes(settings)
    from benchmarks import flask_twins

    return flask_twins.twin(name, settings)
