"""OAuth2 tokens: what a user granted by password, and the JWTs that stand for it.

A grant is a row, its tokens are not. They name it, so that all of them end with it: when one is
revoked, or when a refresh token is used that has been used before (whoever has it, two have it).
"""

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from typing import Any

import jwt
from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import accounts, clock
from shared.accounts import CHALLENGE, User
from shared.database import Base, Text, Utc, transaction
from shared.problems import BadRequest, Forbidden, Unauthorized

# What each scope allows, in the order in which they are told.
SCOPES = {
    "profile": "See who is logged in",
    "orders:read": "See orders",
    "orders:write": "Place and change orders",
    "api-keys": "See, make and revoke API keys",
}
LONGEST_TOKEN = 4096  # characters
ISSUER = "shop"
AUDIENCE = "shop-api"
ALGORITHM = "HS256"
REQUIRED = ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid"]
LEEWAY = 5  # seconds that the clocks of two machines may differ
_ID = re.compile(r"[0-9a-f]{32}")
_CREDENTIALS = re.compile(r"bearer +([a-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)


class Kind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


LIFETIMES = {Kind.ACCESS: timedelta(minutes=15), Kind.REFRESH: timedelta(days=30)}


class OAuthError(BadRequest):
    """A refused token request: `error` is the code of RFC 6749, 5.2, that OAuth2 clients read."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(detail)
        self.type = f"/problems/{error.replace('_', '-')}"
        self.members = {"error": error}


class InvalidToken(Unauthorized):
    type = "/problems/invalid-token"
    headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}

    def __init__(self) -> None:
        super().__init__("The access token is malformed, expired or revoked.")


class InsufficientScope(Forbidden):
    type = "/problems/insufficient-scope"

    def __init__(self, scope: str) -> None:
        super().__init__("The access token has not the scope that this needs.")
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'
        self.headers = {"WWW-Authenticate": challenge}


class Grant(Base):
    """What a user allowed once. `refresh_id` is the id of the one refresh token not yet used."""

    __tablename__ = "grants"

    id: Mapped[str] = mapped_column(Text(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(Text(200))
    refresh_id: Mapped[str] = mapped_column(Text(32))
    expires_at: Mapped[datetime] = mapped_column(Utc)


@dataclass(frozen=True)
class Issued:
    """The answer to a token request (RFC 6749, 5.1); `expires_in` is in seconds."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    scope: str


@dataclass(frozen=True)
class Bearer:
    """Who asks with an access token, and what the token allows."""

    user: User
    scope: str

    def require(self, *scopes: str) -> None:
        """Raises InsufficientScope unless the token has all of these."""
        allowed = self.scope.split(" ")
        for scope in scopes:
            if scope not in allowed:
                raise InsufficientScope(scope)


class Signer:
    """Writes and reads the tokens of an app.

    Each kind has a key of its own, made from the app's secret: no token passes for the other kind,
    or for a session cookie.
    """

    def __init__(self, secret: str) -> None:
        self._keys = {
            kind: hmac.digest(secret.encode(), f"{kind} token".encode(), "sha256") for kind in Kind
        }

    def sign(self, kind: Kind, token_id: str, grant: Grant, **claims: str) -> str:
        """A token of this grant, valid from now on."""
        now = clock.now()
        registered = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(grant.user_id),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIMES[kind],
            "jti": token_id,
            "sid": grant.id,
        }
        return jwt.encode({**registered, **claims}, self._keys[kind], ALGORITHM)

    def read(self, kind: Kind, token: str) -> Mapping[str, Any]:
        """The claims of a token of this kind. Raises InvalidToken."""
        try:
            claims = jwt.decode(
                token,
                self._keys[kind],
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": REQUIRED},
            )
        except jwt.InvalidTokenError:
            raise InvalidToken from None
        if not (_is_id(claims["jti"]) and _is_id(claims["sid"])):
            raise InvalidToken
        return claims


def issue(
    session: Session,
    signer: Signer,
    *,
    grant_type: str | None = None,
    username: str | None = None,
    password: str | None = None,
    refresh_token: str | None = None,
    scope: str | None = None,
) -> Issued:
    """New tokens for a password, or for a refresh token, which is used up. Raises OAuthError.

    A parameter that is empty counts as absent (RFC 6749, 3.2).
    """
    kind = _given("grant_type", grant_type)
    if kind == "password":
        name, secret = _given("username", username), _given("password", password)
        return _log_in(session, signer, name, secret, scope)
    if kind == "refresh_token":
        return _refresh(session, signer, _given("refresh_token", refresh_token), scope)
    raise OAuthError("unsupported_grant_type", "Use the grant type password or refresh_token.")


def revoke(session: Session, signer: Signer, token: str | None) -> None:
    """End the grant of a token of either kind; a token that is none is no error (RFC 7009, 2.2).

    Raises OAuthError if there is no token at all.
    """
    given = _given("token", token)
    for kind in Kind:
        try:
            grant_id = signer.read(kind, given)["sid"]
        except InvalidToken:
            continue
        with transaction(session):
            session.execute(delete(Grant).where(Grant.id == grant_id))


def authenticate(session: Session, signer: Signer, credentials: str | None) -> Bearer | None:
    """Who asks with these credentials: `Bearer`, in any case, and an access token (RFC 6750, 2.1).

    None without credentials. Raises InvalidToken for any others.
    """
    if credentials is None:
        return None
    found = _CREDENTIALS.fullmatch(credentials)
    if not found:
        raise InvalidToken
    claims = signer.read(Kind.ACCESS, found[1])
    user = session.scalar(select(User).join(Grant).where(Grant.id == claims["sid"]))
    scope = claims.get("scope")
    if user is None or not isinstance(scope, str):
        raise InvalidToken
    return Bearer(user, scope)


def _log_in(
    session: Session, signer: Signer, username: str, password: str, scope: str | None
) -> Issued:
    allowed = _chosen(scope, SCOPES)
    try:
        user_id = accounts.authenticate(session, username, password).id
    except accounts.WrongCredentials as wrong:
        raise OAuthError("invalid_grant", str(wrong)) from None
    grant = Grant(id=token_hex(16), user_id=user_id, scope=allowed, refresh_id=token_hex(16))
    grant.expires_at = clock.now() + LIFETIMES[Kind.REFRESH]
    with transaction(session):
        _forget_expired(session, user_id)
        session.add(grant)
    return _issued(signer, grant, allowed)


def _refresh(session: Session, signer: Signer, token: str, scope: str | None) -> Issued:
    try:
        claims = signer.read(Kind.REFRESH, token)
    except InvalidToken:
        raise _invalid_grant() from None
    same = Grant.id == claims["sid"]
    with transaction(session):
        unused = select(Grant).where(same, Grant.refresh_id == claims["jti"]).with_for_update()
        grant = session.scalar(unused)
        if grant is not None:
            allowed = _chosen(scope, grant.scope.split(" "))
            grant.refresh_id = token_hex(16)
            grant.expires_at = clock.now() + LIFETIMES[Kind.REFRESH]
            return _issued(signer, grant, allowed)
        session.execute(delete(Grant).where(same))
    raise _invalid_grant()


def _issued(signer: Signer, grant: Grant, scope: str) -> Issued:
    return Issued(
        access_token=signer.sign(Kind.ACCESS, token_hex(16), grant, scope=scope),
        token_type="Bearer",  # noqa: S106
        expires_in=int(LIFETIMES[Kind.ACCESS].total_seconds()),
        refresh_token=signer.sign(Kind.REFRESH, grant.refresh_id, grant),
        scope=scope,
    )


def _chosen(scope: str | None, allowed: Collection[str]) -> str:
    """The scope that is asked for, all that is allowed if none is. Raises OAuthError."""
    wanted = set(scope.split(" ")) if scope else set(allowed)
    if not wanted.issubset(allowed):
        raise OAuthError("invalid_scope", "The scope is unknown, malformed or more than granted.")
    return " ".join(name for name in SCOPES if name in wanted)


def _forget_expired(session: Session, user_id: int) -> None:
    """Two requests of a user must not wait for each other's rows in turn, so locked ones stay."""
    expired = (
        select(Grant.id)
        .where(Grant.user_id == user_id, Grant.expires_at <= clock.now())
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(Grant).where(Grant.id.in_(expired)))


def _given(name: str, value: str | None) -> str:
    if not value:
        raise OAuthError("invalid_request", f"The parameter {name} is missing.")
    return value


def _invalid_grant() -> OAuthError:
    return OAuthError("invalid_grant", "The refresh token is invalid, expired, used or revoked.")


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))
