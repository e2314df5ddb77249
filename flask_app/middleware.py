"""What happens to every answer."""

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.after_request(leave_out_empty_type)
    app.after_request(leave_out_redirect_page)
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )
    if settings.served_by:
        app.after_request(name_app)


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
