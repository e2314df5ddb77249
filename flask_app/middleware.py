"""What happens to every request and answer: hooks, and layers around them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import ClosingIterator

from shared import request_log
from shared.request_log import RequestLog
from shared.security_headers import SECURITY_HEADERS
from shared.settings import Settings

UNESCAPED = re.compile(r"[\x1a-\x1f]")


def install(app: Flask, settings: Settings) -> None:
    app.after_request(add_security_headers)
    app.after_request(escape_cookies)
    app.after_request(leave_out_empty_type)
    app.after_request(leave_out_redirect_page)
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )
    app.wsgi_app = LogRequests(app.wsgi_app)  # type: ignore[method-assign]
    if settings.served_by:
        app.after_request(name_app)


class LogRequests:
    """The outermost layer: gives a request its id, times it, and writes its line in the log.

    Hooks would not see the body of an answer go out, nor one that a hook itself could not give.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        sent_id = environ.get("HTTP_X_REQUEST_ID")
        request = request_log.begin(environ["REQUEST_METHOD"], path, sent_id)

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            headers += request.start(int(status.partition(" ")[0])).items()
            return start_response(status, headers, *exc_info)

        try:
            body = self.app(environ, start)
        except BaseException:
            request.end()
            request_log.forget()
            raise
        close = getattr(body, "close", lambda: None)
        return ClosingIterator(counted(body, request), [close, request.end, request_log.forget])


def counted(body: Iterable[bytes], request: RequestLog) -> Iterator[bytes]:
    for chunk in body:
        request.sent(len(chunk))
        yield chunk


def add_security_headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def escape_cookies(response: Response) -> Response:
    """Werkzeug escapes control characters in cookies up to 0x19; a server sends none up to 0x1f."""
    cookies = response.headers.getlist("Set-Cookie")
    if any(UNESCAPED.search(cookie) for cookie in cookies):
        escaped = [UNESCAPED.sub(lambda found: f"\\{ord(found[0]):03o}", c) for c in cookies]
        response.headers.setlist("Set-Cookie", escaped)
    return response


def leave_out_empty_type(response: Response) -> Response:
    """No Content-Type without a body; and flask-smorest writes `null` where a view returns None."""
    if response.status_code == 204:
        response.set_data(b"")
    if response.content_length == 0 or not (response.is_streamed or response.get_data()):
        response.headers.pop("Content-Type", None)
    return response


def leave_out_redirect_page(response: Response) -> Response:
    """The clients of an API follow Location; nobody reads the page that comes with it."""
    if response.location and response.status_code != 201:
        response.set_data(b"")
    return response


def name_app(response: Response) -> Response:
    response.headers["X-Served-By"] = "flask"
    return response
