"""The OpenAPI document, and the decorators that both validate a request and describe it."""

from collections.abc import Iterable, Mapping
from functools import wraps
from typing import Any

import flask_smorest
from flask import Flask, Request, g
from flask_smorest.spec.plugins import FlaskPlugin
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.routing import PathConverter

from flask_app.errors import Invalid
from flask_app.fields import describe
from shared import api_description, form_data
from shared.faults import Fault, Location, error, fault, in_order
from shared.formats import FILE_PATH

PLACES = {"query": "query", "headers": "header", "cookies": "cookie"}


def install(app: Flask, blueprints: Iterable[Any]) -> None:
    app.config["API_TITLE"] = api_description.TITLE
    app.config["API_VERSION"] = api_description.VERSION
    app.config["OPENAPI_VERSION"] = "3.1.0"
    api = flask_smorest.Api(app)
    api.ma_plugin.converter.add_attribute_function(describe)
    api.ma_plugin.converter.schema_name_resolver = name_schema
    api.register_converter(PathConverter, describe_path)
    schemes = api_description.security_schemes(app.config["SESSION_COOKIE_NAME"])
    for name, scheme in schemes.items():
        api.spec.components.security_scheme(name, scheme)
    for blueprint in blueprints:
        if isinstance(blueprint, Blueprint) and blueprint.documented:
            api.register_blueprint(blueprint)
        else:
            app.register_blueprint(blueprint)
    app.extensions["openapi"] = _finished(api.spec.to_dict(), app)


def _finished(document: dict[str, Any], app: Flask) -> dict[str, Any]:
    """Name the operations after their views, and describe errors as the contract has them."""
    del document["components"]["responses"], document["tags"]
    for rule in app.url_map.iter_rules():
        path = FlaskPlugin.flaskpath2openapi(rule.rule)
        for method in rule.methods or ():
            if operation := document["paths"].get(path, {}).get(method.lower()):
                _finish(operation, rule.endpoint)
    return document


def name_schema(schema: Any) -> str:
    """A schema that is loaded with `partial=True` is another component of the document."""
    return type(schema).__name__ + ("Changes" if schema.partial else "")


def describe_path(_: PathConverter) -> dict[str, str]:
    return {"type": "string", "pattern": FILE_PATH}


def _finish(operation: dict[str, Any], endpoint: str) -> None:
    operation["operationId"] = endpoint
    operation["summary"] = endpoint.rpartition(".")[2].replace("_", " ").title()
    answers = operation["responses"]
    for status in ("422", "default"):
        answers.pop(status, None)
    for answer in answers.values():
        answer["description"] = "Successful Response"
    answers.update(api_description.PROBLEMS)
    # What the specification says anyway of a body.
    if "requestBody" in operation and not operation["requestBody"]["required"]:
        del operation["requestBody"]["required"]
    for parameter in operation.get("parameters", []):
        # What the specification says anyway of a list in the query.
        parameter.pop("style", None)
        parameter.pop("explode", None)


class Parser(FlaskParser):
    """Reads all places of a request before it complains, so that a 422 tells of all of them."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "files": None}

    def parse(self, argmap: Any, req: Any = None, **kwargs: Any) -> Any:
        try:
            return super().parse(argmap, req, **kwargs)
        except Invalid as invalid:
            g.setdefault("errors", []).extend(invalid.errors)
            return {}

    def handle_error(self, error: ValidationError, *args: Any, **kwargs: Any) -> Any:
        raise Invalid(list(_errors(error.messages_dict, error.data)))

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
    """A blueprint that stands in the document, unless it is `documented=False`."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, documented: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documented = documented

    def arguments(self, schema: Any, **kwargs: Any) -> Any:
        # Of a class webargs would make a schema at each request.
        schema = schema() if isinstance(schema, type) else schema
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


def _errors(messages: dict[str, Any], data: Any) -> Iterable[dict[str, str]]:
    for place, found in messages.items():
        for location, told in _flatten(found, data):
            yield error(PLACES.get(place, "body"), location, told)


def _flatten(found: Any, data: Any, location: Location = ()) -> Iterable[tuple[Location, Any]]:
    if not isinstance(found, dict):
        yield location, found[0] if isinstance(found[0], Fault) else fault("invalid")
        return
    for key in _ordered(found, data):
        if key == "_schema" and not (isinstance(data, Mapping) and key in data):
            yield from _flatten(found[key], data, location)
        else:
            inner = data.get(key) if isinstance(data, Mapping) else data[key]
            yield from _flatten(found[key], inner, (*location, key))


def _ordered(found: dict[Any, Any], data: Any) -> list[Any]:
    """Known fields as declared; unknown ones, which marshmallow keeps in a set, as they came."""
    came = {key: place for place, key in enumerate(data)} if isinstance(data, Mapping) else {}
    return sorted(found, key=lambda key: came[key] if _is_unknown(found[key]) else -1)


def _is_unknown(messages: Any) -> bool:
    first = messages[0] if isinstance(messages, list) else None
    return isinstance(first, Fault) and first.code == "additionalProperties"
