"""The bare twin of each endpoint in Flask: the same handler, one route, no layers.

What a handler itself asks for stays: its database, its session, its credentials. JSON is written
compactly, because the twin has to give the same bytes.
"""

from collections.abc import Callable
from typing import Any, cast

import flask
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from webargs.flaskparser import FlaskParser

from benchmarks import flask_routes
from benchmarks.items import PLACES
from flask_app import database, security, sessions
from flask_app.parsing import IdConverter
from flask_app.routes import (
    cookies,
    customers,
    file_upload,
    form,
    hello,
    json_body,
    orders,
    path_params,
    query_params,
)
from flask_app.routes import sessions as session_routes
from shared.settings import Settings

parser = FlaskParser()


class CompactJSON(DefaultJSONProvider):
    ensure_ascii = False
    sort_keys = False

    def response(self, *args: Any, **kwargs: Any) -> flask.Response:
        text = self.dumps(self._prepare_response_obj(args, kwargs), separators=(",", ":"))
        return cast(flask.Response, self._app.response_class(text, mimetype=self.mimetype))


@parser.use_args(form.Required(), location="form")
def submit(values: dict[str, Any]) -> Any:
    return form.City().dump({"city": values["city"]})


@parser.use_args(file_upload.OneFile(), location="files")
def upload(values: dict[str, Any]) -> Any:
    return file_upload.FileFacts().dump(file_upload.facts(values["file"]))


def _view(method: str, path: str, view: Callable[..., Any]) -> Callable[[Flask, Settings], None]:
    def add(app: Flask, settings: Settings) -> None:
        app.add_url_rule(path, view_func=view, methods=[method])

    return add


def _rows(app: Flask, settings: Settings) -> None:
    database.install(app, settings)
    bp = flask.Blueprint("customers", __name__)
    bp.add_url_rule("/customers", view_func=customers.list_customers)
    app.register_blueprint(bp)


def _login(app: Flask, settings: Settings) -> None:
    database.install(app, settings)
    sessions.install(app, settings)
    app.add_url_rule("/session", view_func=session_routes.log_in, methods=["POST"])


def _order(app: Flask, settings: Settings) -> None:
    database.install(app, settings)
    security.install(app, settings)
    sessions.install(app, settings)
    app.url_map.converters["id"] = IdConverter
    bp = flask.Blueprint("orders", __name__)
    bp.add_url_rule("/orders", view_func=orders.place_order, methods=["POST"])
    # The answer names the address of the new order.
    bp.add_url_rule("/orders/<id:order_id>", view_func=orders.show_order)
    app.register_blueprint(bp)


_TWINS = {
    "hello": _view("GET", "/", hello.hello),
    "path": _view("GET", "/users/<int:user_id>", path_params.show_user),
    "query": _view("GET", "/search/advanced", query_params.search_advanced),
    "json": _view("POST", "/lowercase", json_body.lowercase),
    "form": _view("POST", "/submit", submit),
    "cookie": _view("GET", "/profile", cookies.show_profile),
    "upload-0.9": _view("POST", "/upload", upload),
    "upload-1.1": _view("POST", "/upload", upload),
    "list": _view("GET", "/benchmark/list", flask_routes.list_items),
    "last": _view("GET", PLACES["last"], flask_routes.light),
    "crowded": _view("GET", PLACES["crowded"], flask_routes.light),
    "wait": _view("GET", "/benchmark/wait", flask_routes.wait),
    "rows": _rows,
    "login": _login,
    "order": _order,
}


def twin(name: str, settings: Settings) -> Flask:
    """The app that answers the endpoint `name`, and nothing else."""
    app = Flask(__name__, static_folder=None)
    app.json = CompactJSON(app)
    _TWINS[name](app, settings)
    return app
