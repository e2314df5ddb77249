"""The signed cookie that holds a visitor's session."""

from datetime import timedelta

from starlette.middleware import Middleware

from compat.sessions import FlaskSessions, Session
from shared.accounts import Login
from shared.settings import Settings


def layers(settings: Settings) -> list[Middleware]:
    return [
        Middleware(
            FlaskSessions,
            secret_key=settings.secret_key,
            name=settings.session_cookie_name,
            secure=settings.session_cookie_secure,
            samesite="Lax",
            lifetime=timedelta(seconds=settings.session_lifetime),
        )
    ]


def start(session: Session, login: Login, *, remember: bool) -> None:
    """Nothing of the old session survives a login: who knew it knows nothing of the new one."""
    session.clear()
    session["login"] = login.text
    session.permanent = remember
