"""What happens to every request and answer: layers, and hooks inside them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import request_log
from shared.request_log import RequestLog
from shared.security_headers import SECURITY_HEADERS
from shared.settings import Settings

NAME = "flask"
UNESCAPED = re.compile(r"[\x1a-\x1f]")


def install(app: Flask, settings: Settings) -> None:
    # Hooks and views here are no coroutines; to ask each of them costs what a layer costs.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    app.after_request(leave_out_empty_type)
    app.after_request(leave_out_redirect_page)
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )
    name = {"X-Served-By": NAME} if settings.served_by else {}
    app.wsgi_app = Envelope(app.wsgi_app, SECURITY_HEADERS | name)  # type: ignore[method-assign]


class Envelope:
    """The outermost layer: gives a request its id, times it, and writes its line in the log; gives
    every answer `headers`.

    Hooks would not see the body of an answer go out, nor one that a hook itself could not give. And
    in a list that goes out a header costs a fifth of one in a response.
    """

    def __init__(self, app: WSGIApplication, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = [*headers.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        sent_id = environ.get("HTTP_X_REQUEST_ID")
        request = request_log.begin(environ["REQUEST_METHOD"], path, sent_id, NAME)

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            request.status = int(status[:3])
            if "Set-Cookie" in dict(headers):
                headers = [(name, escaped(name, value)) for name, value in headers]
            added = [("X-Request-ID", request.request_id), ("Server-Timing", request.timing)]
            return start_response(status, [*headers, *self.headers, *added], *exc_info)

        try:
            body = self.app(environ, start)
        except BaseException:
            request.end()
            request_log.forget()
            raise
        return Body(body, request)


class Body:
    """The body of an answer, counted on its way out; its end is the end of the request."""

    def __init__(self, chunks: Iterable[bytes], request: RequestLog) -> None:
        self.chunks, self.request = chunks, request

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.request.sent(len(chunk))
            yield chunk

    def close(self) -> None:
        """Called by the server, whether all was sent or not."""
        try:
            if close := getattr(self.chunks, "close", None):
                close()
        finally:
            self.request.end()
            request_log.forget()


def escaped(name: str, value: str) -> str:
    """Werkzeug escapes control characters in cookies up to 0x19; a server sends none up to 0x1f."""
    if name != "Set-Cookie":
        return value
    return UNESCAPED.sub(lambda found: f"\\{ord(found[0]):03o}", value)


def leave_out_empty_type(response: Response) -> Response:
    """No Content-Type without a body; and flask-smorest writes `null` where a view returns None."""
    if response.status_code == 204:
        response.set_data(b"")
    elif response.is_sequence and any(response.response):
        return response
    if response.content_length == 0 or not (response.is_streamed or response.get_data()):
        response.headers.pop("Content-Type", None)
    return response


def leave_out_redirect_page(response: Response) -> Response:
    """The clients of an API follow Location; nobody reads the page that comes with it."""
    if 300 <= response.status_code < 400 and response.location:
        response.set_data(b"")
    return response
