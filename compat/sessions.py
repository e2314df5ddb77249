"""Flask's session: a signed cookie, read and written as Flask does.

Keeps: every user logged in while the app behind the address changes, in either direction; types
that JSON lacks (tuples, bytes, UUIDs, moments, markup), zlib for long values, no Expires unless
the session is permanent and then a new one with each answer, the cookie also on errors,
`Vary: Cookie` where the session was looked at. Starlette's SessionMiddleware signs in another
way, so that neither reads the other's cookie, keeps a session for 14 days, writes JSON only, and
loses it on a 500. Not wanted once no cookie of the old app is left.

    Middleware(FlaskSessions, secret_key=..., name="session", lifetime=timedelta(days=31))

    async def show(session: CookieSession) -> ...:
        session["visits"] = session.get("visits", 0) + 1
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Request
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat.cookies import dump_cookie, parse_cookies
from compat.environ import sent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Session(MutableMapping[str, Any]):
    """What the cookie holds.

    `accessed` says whether anybody has looked, so that the answer depends on the cookie;
    `modified` is to be set by hand when a value inside a value changes.
    """

    def __init__(self, held: Mapping[str, Any] | None = None) -> None:
        self.held = dict(held or {})
        self.accessed = self.modified = False

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser, until it was not used for its lifetime."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = value

    def __getitem__(self, key: str) -> Any:
        self.accessed = True
        return self.held[key]

    def __iter__(self) -> Iterator[str]:
        self.accessed = True
        return iter(self.held)

    def __len__(self) -> int:
        self.accessed = True
        return len(self.held)

    def __setitem__(self, key: str, value: Any) -> None:
        self.accessed = self.modified = True
        self.held[key] = value

    def __delitem__(self, key: str) -> None:
        self.accessed = self.modified = True
        del self.held[key]

    def clear(self) -> None:
        self.accessed = self.modified = True
        self.held.clear()


async def get_session(request: Request) -> Session:
    """The session of this request, as `flask.session`."""
    session: Session = request.scope["session"]
    return session


CookieSession = Annotated[Session, Depends(get_session)]


class FlaskSessions:
    """ASGI layer. `lifetime` is how long a cookie is good for after it was written."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        secret_key: str,
        name: str = "session",
        lifetime: timedelta = timedelta(days=31),
        secure: bool = False,
        samesite: str | None = None,
    ) -> None:
        self.app, self.name, self.lifetime = app, name, lifetime
        self.attributes: dict[str, Any] = {"httponly": True, "secure": secure, "samesite": samesite}
        self.serializer = serializer(secret_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        session = scope["session"] = self.read(sent(scope, b"cookie") or "")

        async def add_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and (session.accessed or session.held):
                self.write(session, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, add_cookie)

    def read(self, header: str) -> Session:
        """The session of a Cookie header; an empty one unless the cookie is ours and fresh."""
        value = parse_cookies(header).get(self.name) if header else None
        if not value:
            return Session()
        try:
            max_age = int(self.lifetime.total_seconds())
            return Session(self.serializer.loads(value, max_age=max_age))
        except (BadData, TypeError, ValueError):
            return Session()

    def write(self, session: Session, headers: MutableHeaders) -> None:
        """Add to an answer what Flask adds."""
        permanent = session.held.get("_permanent", False)
        written = session.modified or permanent
        if session.accessed or written:
            headers.add_vary_header("Cookie")
        if written and not session.held:
            gone = dump_cookie(self.name, max_age=0, expires=_EPOCH, **self.attributes)
            headers.append("set-cookie", gone)
        elif written:
            expires = datetime.now(UTC) + self.lifetime if permanent else None
            value = self.serializer.dumps(session.held)
            cookie = dump_cookie(self.name, value, expires=expires, **self.attributes)
            headers.append("set-cookie", cookie)


class _Tag(NamedTuple):
    """How a type that JSON lacks is written: `{key: to_json(value)}`."""

    key: str
    matches: Callable[[Any], bool]
    to_json: Callable[[Any], Any]
    to_python: Callable[[Any], Any]


def _is_markup(value: Any) -> bool:
    return callable(getattr(value, "__html__", None))


def _http_date(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return format_datetime(aware.astimezone(UTC), usegmt=True)


class TaggedJSON:
    """Flask's `TaggedJSONSerializer`: what `itsdangerous` calls to make text of a session."""

    tags = (
        _Tag(" b", lambda v: isinstance(v, bytes), lambda v: b64encode(v).decode(), b64decode),
        _Tag(" m", _is_markup, lambda v: str(v.__html__()), Markup),
        _Tag(" u", lambda v: isinstance(v, UUID), lambda v: v.hex, UUID),
        _Tag(" d", lambda v: isinstance(v, datetime), _http_date, parsedate_to_datetime),
    )
    keys = frozenset({" di", " t", *(tag.key for tag in tags)})

    @classmethod
    def dumps(cls, value: Any) -> str:
        return json.dumps(cls._tagged(value), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Any:
        return cls._untagged(json.loads(text))

    @classmethod
    def _tagged(cls, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1 and next(iter(value)) in cls.keys:
                # Looks like a tag, and is none.
                return {" di": {f"{k}__": cls._tagged(v) for k, v in value.items()}}
            return {k: cls._tagged(v) for k, v in value.items()}
        if isinstance(value, tuple):
            return {" t": [cls._tagged(item) for item in value]}
        if isinstance(value, list):
            return [cls._tagged(item) for item in value]
        tag = next((tag for tag in cls.tags if tag.matches(value)), None)
        return {tag.key: tag.to_json(value)} if tag else value

    @classmethod
    def _untagged(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [cls._untagged(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {k: cls._untagged(v) for k, v in value.items()}
        if len(value) != 1:
            return value
        ((key, inner),) = value.items()
        if key == " t":
            return tuple(inner)
        if key == " di":
            return {k.removesuffix("__"): v for k, v in inner.items()}
        tag = next((tag for tag in cls.tags if tag.key == key), None)
        return tag.to_python(inner) if tag else value


def serializer(secret_key: str) -> URLSafeTimedSerializer:
    """What signs and reads the cookies of a Flask app with this key."""
    options = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    return URLSafeTimedSerializer(
        secret_key, salt="cookie-session", serializer=TaggedJSON, signer_kwargs=options
    )
