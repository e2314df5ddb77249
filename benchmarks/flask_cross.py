"""The bare Flask app of the cross table: one endpoint in each way that Flask has."""

import time

from flask import Flask

from benchmarks.items import WAIT


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.get("/def")
    def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/wait")
    def wait() -> dict[str, str]:
        time.sleep(WAIT)
        return {"hello": "world"}

    return app
