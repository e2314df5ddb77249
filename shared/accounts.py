"""Accounts: who may log in, and who is logged in."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock, passwords, rate_limits
from shared.database import Base, Id, Text, Utc, transaction
from shared.problems import Conflict, Forbidden, Unauthorized

# However often it is used: a stolen cookie must not be good for ever.
LONGEST_LOGIN = timedelta(days=90)
# So many wrong passwords may be tried at one address within so many seconds. Whoever is logged in
# stays so meanwhile: else anybody could throw a user out.
MOST_FAILURES = 10
FAILURES_WINDOW = 15 * 60
# Bearer never stands alone (RFC 6750, 3).
CHALLENGE = 'Bearer realm="shop"'
_LOGIN = re.compile(r"([!-~]{1,254}) (\d{1,12}) ([\w-]{32})", re.ASCII)


class LoginNeeded(Unauthorized):
    type = "/problems/login-needed"
    headers = {"WWW-Authenticate": CHALLENGE}


class WrongCredentials(Forbidden):
    """No 401: that would have to name a scheme in which to send them again (RFC 9110, 15.5.2)."""

    type = "/problems/wrong-credentials"


class EmailTaken(Conflict):
    type = "/problems/email-taken"


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text(254), unique=True)
    password_hash: Mapped[str] = mapped_column(Text(200))
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Utc)


class EndedLogin(Base):
    """A login that was ended before its time. A signed cookie stays valid when it is copied."""

    __tablename__ = "ended_logins"

    key: Mapped[str] = mapped_column(Text(32), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(Utc, index=True)


@dataclass(frozen=True)
class Login:
    """One browser that is logged in; its signed cookie holds `text`, no database does.

    It names the user by address, so it is good wherever the secret is the same and the user known.
    `since` is in seconds since 1970.
    """

    email: str
    since: int
    key: str

    @property
    def text(self) -> str:
        return f"{self.email} {self.since} {self.key}"

    @classmethod
    def parse(cls, text: object) -> Login | None:
        """What a session holds, if it is a login: another app may have signed the session."""
        found = _LOGIN.fullmatch(text) if isinstance(text, str) else None
        return cls(found[1], int(found[2]), found[3]) if found else None


def sign_up(session: Session, email: str, password: str) -> User:
    """A new account; addresses that differ in case are the same. Raises EmailTaken."""
    user = User(
        email=email.lower(),
        password_hash=passwords.hash_password(password),
        is_admin=False,
        created_at=clock.now(),
    )
    try:
        with transaction(session):
            session.add(user)
    except IntegrityError:
        raise EmailTaken("There is an account with this email address.") from None
    return user


def authenticate(session: Session, email: str, password: str) -> User:
    """The account of these credentials.

    Raises WrongCredentials, without saying which is wrong, and RateLimited after too many of them,
    whether there is such an account or not.
    """
    failures = f"login {sha256(email.lower().encode()).hexdigest()}"
    rate_limits.check(session, failures, MOST_FAILURES)
    found = session.execute(
        select(User.id, User.password_hash).where(User.email == email.lower())
    ).one_or_none()
    session.rollback()  # nobody waits for a connection while this one hashes
    right = passwords.matches(password, found.password_hash if found else None)
    user = session.get(User, found.id) if found and right else None
    if user is None:
        with transaction(session):
            usage = rate_limits.count(session, failures, MOST_FAILURES, FAILURES_WINDOW)
            rate_limits.forget_ended(session)
        usage.check()
        raise WrongCredentials("The email address or the password is wrong.")
    if passwords.is_outdated(user.password_hash):
        rehashed = passwords.hash_password(password)
        with transaction(session):
            user.password_hash = rehashed
    return user


def log_in(session: Session, email: str, password: str, old: object = None) -> Login:
    """A login of this account, in place of that in `old`. Raises as `authenticate`."""
    user = authenticate(session, email, password)
    log_out(session, old)
    return Login(user.email, int(clock.now().timestamp()), secrets.token_urlsafe(24))


def log_out(session: Session, text: object) -> None:
    """End the login that is written here, if it is one."""
    login = Login.parse(text)
    if login is None:
        return
    now = clock.now()
    insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
    ended = insert(EndedLogin).values(key=login.key, ended_at=now)
    with transaction(session):
        session.execute(ended.on_conflict_do_nothing())
        session.execute(delete(EndedLogin).where(EndedLogin.ended_at < now - LONGEST_LOGIN))


def logged_in(session: Session, text: object) -> User | None:
    """The user of a login that has not ended."""
    login = Login.parse(text)
    if login is None or clock.now().timestamp() - login.since > LONGEST_LOGIN.total_seconds():
        return None
    ended = exists().where(EndedLogin.key == login.key)
    return session.scalars(select(User).where(User.email == login.email, ~ended)).one_or_none()


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
