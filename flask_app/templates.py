"""Pages made from the templates that both apps share, and errors as pages for browsers."""

from flask import Flask, Response, flash, render_template, request, url_for

from flask_app.errors import on_domain_error
from flask_app.forms import csrf_token
from flask_app.parsing import current_request
from shared.pages import TEMPLATES, is_page, local, prefers_html
from shared.problems import MEDIA_TYPE, DomainError
from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.template_folder = str(TEMPLATES)
    app.add_template_global(csrf_token)
    app.after_request(show_error)


def wants_page() -> bool:
    return prefers_html(request.headers.get("Accept", ""))


def show_error(response: Response) -> Response:
    """At the address of a page, a problem is a page too, unless a program asks."""
    if is_page(current_request().path):
        response.vary.add("Accept")
        if response.mimetype == MEDIA_TYPE and wants_page():
            response.set_data(render_template("error.html", problem=response.get_json()))
            response.mimetype = "text/html"
    return response


def redirect(target: str, message: str | None = None) -> Response:
    """Go on with a GET at `target`, where the message is shown."""
    if message is not None:
        flash(message)
    return Response(status=303, headers={"Location": target})


def to_login(error: DomainError) -> Response:
    """An error handler: who is not logged in may do so, and comes back then."""
    if not wants_page():
        return on_domain_error(error)
    return redirect(url_for("pages.show_login", next=request.script_root + request.path))


def back_to_form(error: DomainError) -> Response:
    """An error handler: the form is shown again, with what was wrong."""
    if not wants_page():
        return on_domain_error(error)
    here = request.script_root + request.path
    query = request.query_string.decode("latin-1")
    return redirect(local(f"{here}?{query}", here), str(error))
