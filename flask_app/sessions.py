"""The signed cookie that holds a visitor's session."""

from datetime import timedelta

from flask import Flask, session

from shared.accounts import Login
from shared.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    app.secret_key = settings.secret_key
    app.config["SESSION_COOKIE_NAME"] = settings.session_cookie_name
    app.config["SESSION_COOKIE_SECURE"] = settings.session_cookie_secure
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.permanent_session_lifetime = timedelta(seconds=settings.session_lifetime)


def start(login: Login, *, remember: bool) -> None:
    """Nothing of the old session survives a login: who knew it knows nothing of the new one."""
    session.clear()
    session["login"] = login.key
    session.permanent = remember
