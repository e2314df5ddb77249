"""The OpenAPI document, and the decorators that both validate a request and describe it."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

import flask_smorest
from flask import Flask, Request, g
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from flask_app.errors import Invalid
from shared import api_description, form_data
from shared.faults import Location, error, in_order

PLACES = {"query": "query", "headers": "header", "cookies": "cookie"}


def install(app: Flask, blueprints: Iterable[Any]) -> None:
    app.config["API_TITLE"] = api_description.TITLE
    app.config["API_VERSION"] = api_description.VERSION
    app.config["OPENAPI_VERSION"] = "3.1.0"
    api = flask_smorest.Api(app)
    for blueprint in blueprints:
        if isinstance(blueprint, Blueprint):
            api.register_blueprint(blueprint)
        else:
            app.register_blueprint(blueprint)
    app.extensions["openapi"] = api.spec.to_dict()


class Parser(FlaskParser):
    """Reads all places of a request before it complains, so that a 422 tells of all of them."""

    def parse(self, argmap: Any, req: Any = None, **kwargs: Any) -> Any:
        try:
            return super().parse(argmap, req, **kwargs)
        except Invalid as invalid:
            g.setdefault("errors", []).extend(invalid.errors)
            return {}

    def handle_error(self, error: ValidationError, *args: Any, **kwargs: Any) -> Any:
        raise Invalid(list(_errors(error.messages_dict)))

    def load_json(self, req: Request, schema: Schema) -> Any:
        return req.get_json()

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        try:
            pairs = form_data.parse_pairs(req.query_string.decode("latin-1"))
        except form_data.Malformed:
            raise BadRequest from None
        return self._makeproxy(MultiDict(pairs), schema)

    def load_form(self, req: Any, schema: Schema) -> Any:
        req.require_form()
        return self._makeproxy(MultiDict([*_items(req.form), *_items(req.files)]), schema)

    load_files = load_form


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: Any, **kwargs: Any) -> Any:
        decorate = super().arguments(schema, **kwargs)

        def decorator(view: Any) -> Any:
            innermost = "arguments" not in getattr(view, "_apidoc", {})
            return decorate(_refuse_invalid(view) if innermost else view)

        return decorator


def _refuse_invalid(view: Any) -> Any:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if errors := g.pop("errors", None):
            raise Invalid(in_order(errors))
        return view(*args, **kwargs)

    return wrapper


def _items(values: MultiDict[str, Any]) -> Iterable[tuple[str, Any]]:
    return values.items(multi=True)


def _errors(messages: dict[str, Any]) -> Iterable[dict[str, str]]:
    for place, found in messages.items():
        for location, fault in _flatten(found):
            yield error(PLACES.get(place, "body"), location, fault)


def _flatten(found: Any, location: Location = ()) -> Iterable[tuple[Location, Any]]:
    if isinstance(found, dict):
        for key, inner in found.items():
            yield from _flatten(inner, location if key == "_schema" else (*location, key))
    else:
        yield location, found[0]
