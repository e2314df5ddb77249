"""Accounts: who may log in, and who is logged in."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import ForeignKey, delete, false, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import passwords, rate_limits
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


class Login(Base):
    """One browser that is logged in.

    A signed cookie stays valid when it is copied; without its login it says nothing.
    """

    __tablename__ = "logins"

    key: Mapped[str] = mapped_column(Text(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc)


def sign_up(session: Session, email: str, password: str) -> User:
    """A new account; addresses that differ in case are the same. Raises EmailTaken."""
    user = User(
        email=email.lower(),
        password_hash=passwords.hash_password(password),
        is_admin=False,
        created_at=datetime.now(UTC),
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


def log_in(session: Session, email: str, password: str, old_key: object = None) -> Login:
    """A login of this account; it ends the one of `old_key`. Raises as `authenticate`."""
    user = authenticate(session, email, password)
    now = datetime.now(UTC)
    login = Login(key=secrets.token_urlsafe(24), user_id=user.id, created_at=now)
    with transaction(session):
        ended = (Login.user_id == user.id) & (Login.created_at < now - LONGEST_LOGIN)
        old = Login.key == old_key if is_key(old_key) else false()
        session.execute(delete(Login).where(ended | old))
        session.add(login)
    return login


def log_out(session: Session, key: object) -> None:
    """End the login of `key`, if it is one."""
    if is_key(key):
        with transaction(session):
            session.execute(delete(Login).where(Login.key == key))


def logged_in(session: Session, key: object) -> User | None:
    """The user of a login that has not ended."""
    if not is_key(key):
        return None
    latest = datetime.now(UTC) - LONGEST_LOGIN
    query = select(User).join(Login).where(Login.key == key, Login.created_at > latest)
    return session.scalars(query).one_or_none()


def is_key(key: object) -> bool:
    """Whether what a session holds may be asked of the database: another app may have signed it."""
    return isinstance(key, str) and re.fullmatch(r"[\w-]{32}", key, re.ASCII) is not None
