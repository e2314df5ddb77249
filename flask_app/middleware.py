"""What happens to every answer."""

from flask import Flask, Response

from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.after_request(leave_out_empty_type)
    app.after_request(leave_out_redirect_page)
    if settings.served_by:
        app.after_request(name_app)


def leave_out_empty_type(response: Response) -> Response:
    """No Content-Type without a body."""
    if not response.is_streamed and not response.get_data():
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
