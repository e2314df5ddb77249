"""Forms of our own pages only: each brings back a token that the session holds."""

from flask import session
from werkzeug.exceptions import HTTPException

from flask_app.parsing import current_request
from shared import pages


def csrf_token() -> str:
    """The token of this visitor, for a hidden field `csrf_token`."""
    if "csrf_token" not in session:
        session["csrf_token"] = pages.new_token()
    token: str = session["csrf_token"]
    return token


def check_form() -> None:
    """Raise ForgedForm for a POST without the token; one that cannot be read has none."""
    request = current_request()
    if request.method != "POST":
        return
    try:
        request.require_form()
        sent = request.form.get("csrf_token")
    except HTTPException:
        sent = None
    pages.check_token(sent, session.get("csrf_token"))
