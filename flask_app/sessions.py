"""The signed cookie that holds a visitor's session."""

from datetime import timedelta

from flask import Flask, Request, Response, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData

from shared.accounts import Login
from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.session_interface = Sessions()
    app.secret_key = settings.secret_key
    app.config["SESSION_COOKIE_NAME"] = settings.session_cookie_name
    app.config["SESSION_COOKIE_SECURE"] = settings.session_cookie_secure
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.permanent_session_lifetime = timedelta(seconds=settings.session_lifetime)


class Sessions(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Flask's; a cookie that is signed with the key and holds no session is none."""
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()  # without a signer, which is what takes time
        try:
            return super().open_session(app, request)
        except (BadData, TypeError, ValueError):
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Flask's, where there is something to say."""
        if session.accessed or session.modified or session:
            super().save_session(app, session, response)


def start(login: Login, *, remember: bool) -> None:
    """Nothing of the old session survives a login: who knew it knows nothing of the new one."""
    session.clear()
    session["login"] = login.text
    session.permanent = remember
