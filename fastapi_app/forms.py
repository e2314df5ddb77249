"""Forms of our own pages only: each brings back a token that the session holds."""

from fastapi import Request

from compat.sessions import CookieSession, Session
from shared import pages


def csrf_token(session: Session) -> str:
    """The token of this visitor, for a hidden field `csrf_token`."""
    if "csrf_token" not in session:
        session["csrf_token"] = pages.new_token()
    token: str = session["csrf_token"]
    return token


async def check_form(request: Request, cookie: CookieSession) -> None:
    """Raise ForgedForm for a POST without the token; one that cannot be read has none."""
    if request.method == "POST":
        form = await request.form()
        pages.check_token(form.get("csrf_token"), cookie.get("csrf_token"))
