"""What happens to every answer."""

import re

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.settings import Settings

UNESCAPED = re.compile(r"[\x1a-\x1f]")


def install(app: Flask, settings: Settings) -> None:
    app.after_request(escape_cookies)
    app.after_request(leave_out_empty_type)
    app.after_request(leave_out_redirect_page)
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )
    if settings.served_by:
        app.after_request(name_app)


def escape_cookies(response: Response) -> Response:
    """Werkzeug escapes control characters in cookies up to 0x19; a server sends none up to 0x1f."""
    cookies = response.headers.getlist("Set-Cookie")
    if any(UNESCAPED.search(cookie) for cookie in cookies):
        escaped = [UNESCAPED.sub(lambda found: f"\\{ord(found[0]):03o}", c) for c in cookies]
        response.headers.setlist("Set-Cookie", escaped)
    return response


def leave_out_empty_type(response: Response) -> Response:
    """No Content-Type without a body."""
    if response.content_length == 0 or not (response.is_streamed or response.get_data()):
        response.headers.pop("Content-Type", None)
    return response


def leave_out_redirect_page(response: Response) -> Response:
    """The clients of an API follow Location; nobody reads the page that comes with it."""
    if response.location:
        response.set_data(b"")
    return response


def name_app(response: Response) -> Response:
    response.headers["X-Served-By"] = "flask"
    return response
