"""Who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, session

from flask_app.database import get_session
from flask_app.security import View, documented, get_bearer
from shared import accounts, request_log
from shared.accounts import LoginNeeded, User
from shared.api_description import USER_SCHEMES


def user_of_session() -> User | None:
    """Who is logged in with this browser."""
    return accounts.logged_in(get_session(), session.get("login"))


def find_user() -> User | None:
    """Who asks, if they say so; a token wins over the cookie, which a browser sends unasked."""
    if "user" not in g:
        by_session, bearer = user_of_session(), get_bearer()
        g.user = bearer.user if bearer else by_session
        request_log.name_user(g.user.id if g.user else None)
    user: User | None = g.user
    return user


def current_user() -> User:
    """Who asks. Raises LoginNeeded."""
    user = find_user()
    if user is None:
        raise LoginNeeded
    return user


def login_required(view: View) -> View:
    """A view for logged-in users only. It stands below the route and above all else, so that
    nothing of the request is judged before."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        current_user()
        return view(*args, **kwargs)

    return documented(USER_SCHEMES)(wrapper)


def scope_required(scope: str) -> Callable[[View], View]:
    """The same for views that need more than any token: one with this scope. A session may all."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            current_user()
            if bearer := get_bearer():
                bearer.require(scope)
            return view(*args, **kwargs)

        return documented(USER_SCHEMES, scope)(wrapper)

    return decorator
