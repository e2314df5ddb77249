"""How a request is read and an answer is written: forms, JSON, limits."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

import flask
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    PreconditionFailed,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_date, parse_etags
from werkzeug.routing import IntegerConverter, Map
from werkzeug.utils import cached_property
from werkzeug.wsgi import get_input_stream

from shared import form_data, json_text
from shared.formats import LARGEST_ID
from shared.hosts import is_host, is_target
from shared.media_types import is_json_type
from shared.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
# Flask's `request` as what it is here, without the proxy, which each look would go through.
current_request: Callable[[], "Request"] = flask.request._get_current_object  # type: ignore[attr-defined]


def install(app: Flask, settings: Settings) -> None:
    app.request_class = Request
    app.response_class = Response
    app.json = JSONProvider(app)
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = IdConverter
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_size
    app.before_request(refuse_malformed)
    app.before_request(partial(refuse_large_body, app))
    app.after_request(read_rest)


def refuse_malformed() -> None:
    request = current_request()
    if request.is_malformed:
        # Such a request reaches no view, so no blueprint has a say in its answer.
        request.url_rule = None
        raise BadRequest


def max_body_size(size: int) -> Callable[[View], View]:
    """A view that reads bodies of up to `size` bytes, whatever the others do."""

    def decorate(view: View) -> View:
        view.__dict__["max_body_size"] = size
        return view

    return decorate


def refuse_large_body(app: Flask) -> None:
    """Opening the stream of a body that is declared too large raises 413; unknown URLs stay 404."""
    request = current_request()
    if request.declares_body and request.routing_exception is None:
        view = app.view_functions[request.endpoint or ""]
        largest = getattr(view, "max_body_size", app.config["MAX_CONTENT_LENGTH"])
        request.max_content_length = largest
        _ = request.stream


def read_rest(response: flask.Response) -> flask.Response:
    """Read what nobody wanted: gunicorn drops a connection, unsaid, with 64 KiB of it unread."""
    request = current_request()
    if request.declares_body and "HTTP_EXPECT" not in request.environ:
        with suppress(BadRequest, RequestEntityTooLarge):
            while request.stream.read(form_data.MEMORY):
                pass
    return response


class IdConverter(IntegerConverter):
    """The key of a row: `/customers/<id:customer_id>`."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=LARGEST_ID)


class JSONProvider(DefaultJSONProvider):
    """Compact UTF-8 with keys in declared order; reads what `shared.json_text` reads."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json_text.parse(s)

    def response(self, *args: Any, **kwargs: Any) -> flask.Response:
        text = self.dumps(self._prepare_response_obj(args, kwargs), separators=(",", ":"))
        return cast(flask.Response, self._app.response_class(text, mimetype=self.mimetype))


def require_match(tag: str) -> None:
    """Raise 412 if the client wants another version than this one."""
    if "If-Match" in flask.request.headers and not flask.request.if_match.contains(tag):
        raise PreconditionFailed


def conditional(document: Any, tag: str) -> flask.Response:
    """The document as JSON with its entity tag; only a 304 for a client that has it already."""
    response = flask.jsonify(document)
    response.set_etag(tag)
    return cast(flask.Response, response.make_conditional(flask.request))


class Response(flask.Response):
    def make_conditional(self, request_or_environ: Any, *args: Any, **kwargs: Any) -> Any:
        """Flask's, with the preconditions in RFC 9110's order, and no body with a 412."""
        environ = getattr(request_or_environ, "environ", request_or_environ)
        if_match = environ.pop("HTTP_IF_MATCH", None)
        if if_match is not None and not parse_etags(if_match).contains(self.get_etag()[0] or ""):
            raise PreconditionFailed
        if "HTTP_IF_NONE_MATCH" in environ or not readable(environ.get("HTTP_IF_MODIFIED_SINCE")):
            environ.pop("HTTP_IF_MODIFIED_SINCE", None)
        if not readable(environ.get("HTTP_IF_RANGE")):
            environ["HTTP_IF_RANGE"] = ""
        return super().make_conditional(environ, *args, **kwargs)


def readable(date: str | None) -> bool:
    """Whether Werkzeug can look at a date: a year of 30 digits makes it fail."""
    try:
        parse_date(date)
    except OverflowError:
        return False
    return True


class CountedStream:
    """A request's body, counted while it is read: Werkzeug's own cuts a chunked body silently."""

    def __init__(self, stream: Any, limit: int, length: int | None) -> None:
        self._stream, self._limit, self._length, self._size = stream, limit, length, 0

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(form_data.MEMORY), b""))
        # Refused as often as somebody reads on: the next bytes may never come.
        if self._size > self._limit:
            raise RequestEntityTooLarge
        try:
            chunk: bytes = self._stream.read(size)
        except Exception as error:
            # Each server has an exception of its own for a body that is no HTTP.
            raise BadRequest from error
        self._size += len(chunk)
        if self._size > self._limit:
            raise RequestEntityTooLarge
        if not chunk and size and self._size < (self._length or 0):
            raise ClientDisconnected
        return chunk


class Request(flask.Request):
    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        # No other protocol is offered here; Werkzeug would refuse every request that asks.
        self.upgrade = environ.pop("HTTP_UPGRADE", "")
        if environ["PATH_INFO"].endswith("\n"):
            # The path converter, and flask-cors' patterns, would match before a line feed.
            environ["PATH_INFO"] = "/\n\n"
        super().__init__(environ, *args, **kwargs)

    @property
    def is_malformed(self) -> bool:
        """What gunicorn lets in: HTTP/1.2, a Host that is none, a body behind an `Upgrade`."""
        environ = self.environ
        version, host = environ["SERVER_PROTOCOL"], environ.get("HTTP_HOST")
        if version not in {"HTTP/1.0", "HTTP/1.1"} or (host is None and version == "HTTP/1.1"):
            return True
        if (host is not None and not is_host(host)) or not is_target(environ.get("RAW_URI", "/")):
            return True
        if not self.upgrade:
            return False
        connection = self.headers.get("Connection", "").lower().split(",")
        return "upgrade" in map(str.strip, connection) and self.has_body

    @property
    def declares_body(self) -> bool:
        """Whether anything can be read behind the headers; it may be empty."""
        return "CONTENT_LENGTH" in self.environ or "HTTP_TRANSFER_ENCODING" in self.environ

    @property
    def has_body(self) -> bool:
        return bool(self.content_length) or "Transfer-Encoding" in self.headers

    @property
    def is_json(self) -> bool:
        return is_json_type(self.mimetype)

    @cached_property
    def stream(self) -> Any:
        limit = self.max_content_length or 0
        if (self.content_length or 0) > limit:
            raise RequestEntityTooLarge
        return CountedStream(get_input_stream(self.environ), limit, self.content_length)

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        if e is None:
            self.refuse_type()
        raise BadRequest

    def require_form(self) -> None:
        """Refuse a body that is no form; no body at all is an empty form."""
        if self.mimetype in {form_data.URLENCODED, form_data.MULTIPART}:
            return
        if self.mimetype or self.has_body:
            self.refuse_type()

    def refuse_type(self) -> None:
        """415, unless the body turns out to be too large: 413 comes first."""
        while self.stream.read(form_data.MEMORY):
            pass
        raise UnsupportedMediaType

    def make_form_data_parser(self) -> FormDataParser:
        return FormParser(self.content_type or "")


class FormParser(FormDataParser):
    """Werkzeug's place for a parser, filled with the one that both apps use."""

    def __init__(self, content_type: str) -> None:
        super().__init__()
        self.content_type = content_type

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            items = self._read(stream)
        except form_data.TooLarge:
            raise RequestEntityTooLarge from None
        except form_data.Malformed:
            while stream.read(form_data.MEMORY):
                pass
            raise BadRequest from None
        texts = [(name, value) for name, value in items if isinstance(value, str)]
        files = [
            (name, FileStorage(value.file, value.name, name, value.content_type))
            for name, value in items
            if not isinstance(value, str)
        ]
        return stream, MultiDict(texts), MultiDict(files)

    def _read(self, stream: Any) -> list[form_data.Item]:
        reader = form_data.FormReader(self.content_type)
        while chunk := stream.read(64 * 1024):
            reader.feed(chunk)
        return reader.close()
