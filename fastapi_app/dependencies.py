"""Who asks."""

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, SecurityScopes

from compat.sessions import CookieSession
from fastapi_app.database import SessionDep
from fastapi_app.security import BearerDep
from shared import accounts, request_log
from shared.accounts import LoginNeeded, User

# For the document, where `fastapi_app.openapi` names it; `compat.sessions` reads the cookie.
session_cookie = APIKeyCookie(name="session", scheme_name="session", auto_error=False)


def user_of_session(
    session: SessionDep,
    cookie: CookieSession,
    _: Annotated[str | None, Security(session_cookie)],
) -> User | None:
    """Who is logged in with this browser."""
    return accounts.logged_in(session, cookie.get("login"))


async def find_user(
    by_session: Annotated[User | None, Depends(user_of_session)], bearer: BearerDep
) -> User | None:
    """Who asks, if they say so; a token wins over the cookie, which a browser sends unasked."""
    user = bearer.user if bearer else by_session
    request_log.name_user(user.id if user else None)
    return user


OptionalUser = Annotated[User | None, Depends(find_user)]


async def current_user(user: OptionalUser, bearer: BearerDep, needed: SecurityScopes) -> User:
    """Who asks. Raises LoginNeeded; InsufficientScope if a token lacks one of the scopes of
    `Security(current_user, scopes=[...])`. A session may all."""
    if user is None:
        raise LoginNeeded
    if bearer is not None:
        bearer.require(*needed.scopes)
    return user


CurrentUser = Annotated[User, Depends(current_user)]
