"""The settings of either app. They are passed to `create_app`, never read at import."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from shared.passwords import LEAST_MEMORY
from shared.problems import NotFound

MEBIBYTE = 1024 * 1024
DAY = 24 * 60 * 60  # seconds
DEVELOPMENT_KEY = "for development only: whoever reads this can sign in as anyone"
SHORTEST_KEY = 32  # bytes: a shorter one can be guessed
ENVIRONMENTS = ("development", "production")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("auto", "json", "text")
# Where a cookie says who asks. The pages are not among them: their forms are only their own.
CREDENTIAL_PATHS = (
    "/accounts",
    "/api-keys",
    "/cors/account",
    "/dependencies",
    "/orders",
    "/profile",
    "/session",
    "/tokens",
)
# What a page's script may read besides what it always may, such as Content-Type.
EXPOSED_HEADERS = (
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
    "X-Served-By",
    "X-Total-Count",
)


class SettingsError(ValueError):
    """Variables of the environment, or lines of the file, have values that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Everything about an app that differs between two places where it runs.

    `cors_origins` are the origins whose pages may read the answers, with the `exposed_headers`;
    below `credential_paths` they may also send cookies. `max_body_size` is in bytes. `served_by`
    adds `X-Served-By` to each answer, the one header that may name the app, by default in
    development only. `secret_key` signs cookies and tokens. `trusted_proxies` is how many proxies
    stand before the app and say in X-Forwarded-* headers who asked, and for what.
    `session_lifetime` is in seconds; a session cookie that is `session_cookie_secure` travels over
    https only, the default outside of development. `password_memory` is what hashing a password
    takes, in KiB.
    """

    cors_origins: tuple[str, ...] = ("http://127.0.0.1:8080", "http://localhost:8080")
    credential_paths: tuple[str, ...] = CREDENTIAL_PATHS
    exposed_headers: tuple[str, ...] = EXPOSED_HEADERS
    max_body_size: int = 2 * MEBIBYTE
    served_by: bool = True
    environment: str = "development"
    secret_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    database_url: str = field(default="sqlite:///data/shop.db", repr=False)
    upstream_url: str = "http://127.0.0.1:5002"
    trusted_proxies: int = 0
    session_cookie_name: str = "session"
    session_cookie_secure: bool = False
    session_lifetime: int = 14 * DAY
    password_memory: int = LEAST_MEMORY
    log_level: str = "INFO"
    log_format: str = "auto"

    @property
    def in_development(self) -> bool:
        return self.environment == "development"

    def for_developers(self) -> "Settings":
        """The settings, where a developer may look at them. Raises NotFound anywhere else."""
        if not self.in_development:
            raise NotFound
        return self

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables in `READERS`, those that are not set from the file SETTINGS_FILE.

        Raises SettingsError with a line for each value that cannot be used, which names it.
        """
        path = environ.get("SETTINGS_FILE")
        given, faults = _from_file(Path(path)) if path is not None else ({}, [])
        given |= {name: environ[name] for name in READERS if name in environ}
        values: dict[str, Any] = {}
        for name, text in given.items():
            try:
                values[name.lower()] = READERS[name](text)
            except ValueError as error:
                faults.append(f"{name}: {error}")
        in_production = values.get("environment") == "production"
        values.setdefault("session_cookie_secure", in_production)
        values.setdefault("served_by", not in_production)
        settings = cls(**values)
        if not settings.in_development and settings.secret_key == DEVELOPMENT_KEY:
            faults.append("SECRET_KEY: one of your own is needed outside of development")
        if not settings.in_development and settings.password_memory < LEAST_MEMORY:
            faults.append(f"PASSWORD_MEMORY: at least {LEAST_MEMORY} outside of development")
        if faults:
            raise SettingsError("\n".join(sorted(faults)))
        return settings


def _from_file(path: Path) -> tuple[dict[str, str], list[str]]:
    """What a TOML file sets, written as in the environment, and what is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return {}, [f"SETTINGS_FILE: {path}: {error.strerror}"]
    except ValueError as error:
        return {}, [f"SETTINGS_FILE: {path} is no TOML: {error}"]
    given, faults = dict[str, str](), list[str]()
    for name, value in document.items():
        if name not in READERS:
            faults.append(f"SETTINGS_FILE: {path}: {name!r} is no setting")
        elif isinstance(value, str | int):
            given[name] = str(int(value)) if isinstance(value, bool) else str(value)
        elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            given[name] = ",".join(value)
        else:
            faults.append(f"{name}: neither a text, a number nor a list of texts")
    return given, faults


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in text.split(",") if origin.strip())
    for origin in origins:
        scheme, separator, host = origin.partition("://")
        if scheme not in {"http", "https"} or not separator or not host or set(host) & set("/?#*"):
            raise ValueError(f"{origin!r} is not an origin such as https://a.test")
    return origins


def _number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,12}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _lifetime(text: str) -> int:
    seconds = _number(text)
    if not 60 <= seconds <= 400 * DAY:
        raise ValueError(f"{text!r} is not between a minute and 400 days, in seconds")
    return seconds


def _memory(text: str) -> int:
    kibibytes = _number(text)
    if not 8 <= kibibytes <= 1024 * 1024:
        raise ValueError(f"{text!r} is not between 8 KiB and a GiB, in KiB")
    return kibibytes


def _cookie_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}", text):
        raise ValueError(f"{text!r} is no name for a cookie")
    return text


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return read


def _key(text: str) -> str:
    """A secret: no message may show it."""
    if len(text.encode()) < SHORTEST_KEY:
        raise ValueError(f"at least {SHORTEST_KEY} bytes are needed")
    return text


def _database(text: str) -> str:
    """A URL with a password in it, perhaps: no message may show it."""
    try:
        url = make_url(text)
        supported = (url.get_backend_name(), url.get_driver_name())
    except (SQLAlchemyError, ValueError):
        supported = ("", "")
    if supported not in {("sqlite", "pysqlite"), ("postgresql", "psycopg")}:
        raise ValueError(
            "not the URL of a database, such as sqlite:///data/shop.db"
            " or postgresql+psycopg://user@host/name"
        )
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address such as http://127.0.0.1:5002")
    return text.rstrip("/")


# Variable -> what reads it; the field of Settings has the same name in lower case.
READERS: dict[str, Callable[[str], Any]] = {
    "CORS_ORIGINS": _origins,
    "DATABASE_URL": _database,
    "ENVIRONMENT": _one_of(*ENVIRONMENTS),
    "LOG_FORMAT": _one_of(*LOG_FORMATS),
    "LOG_LEVEL": _one_of(*LOG_LEVELS),
    "MAX_BODY_SIZE": _number,
    "PASSWORD_MEMORY": _memory,
    "SECRET_KEY": _key,
    "SERVED_BY": _flag,
    "SESSION_COOKIE_NAME": _cookie_name,
    "SESSION_COOKIE_SECURE": _flag,
    "SESSION_LIFETIME": _lifetime,
    "TRUSTED_PROXIES": _number,
    "UPSTREAM_URL": _url,
}
