"""The settings of either app. They are passed to `create_app`, never read at import."""

from collections.abc import Mapping
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
DEVELOPMENT_KEY = "for development only: whoever reads this can sign in as anyone"


class SettingsError(ValueError):
    """A variable of the environment has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Everything about an app that differs between two places where it runs.

    `cors_origins` are the origins whose pages may read the answers, `credential_paths` the path
    prefixes where they may also send cookies. `max_body_size` is in bytes. `served_by` adds
    `X-Served-By` to each answer, the one header that may name the app. `trusted_proxies` is how
    many proxies stand before the app and say in X-Forwarded-* headers who asked, and for what.
    """

    cors_origins: tuple[str, ...] = ("http://127.0.0.1:8080", "http://localhost:8080")
    credential_paths: tuple[str, ...] = ("/cors/account", "/profile")
    max_body_size: int = 2 * MEBIBYTE
    served_by: bool = True
    environment: str = "development"
    secret_key: str = DEVELOPMENT_KEY
    database_url: str = "sqlite:///data/shop.db"
    upstream_url: str = "http://127.0.0.1:5002"
    trusted_proxies: int = 0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read `CORS_ORIGINS` (comma-separated), `MAX_BODY_SIZE` (bytes), `SERVED_BY` (0 or 1),
        `TRUSTED_PROXIES` (their number).

        Raises SettingsError, naming the variable, for a value that cannot be used.
        """
        origins = environ.get("CORS_ORIGINS")
        return cls(
            cors_origins=_origins(origins) if origins is not None else cls.cors_origins,
            max_body_size=_number(environ, "MAX_BODY_SIZE", cls.max_body_size),
            trusted_proxies=_number(environ, "TRUSTED_PROXIES", cls.trusted_proxies),
            served_by=_flag(environ.get("SERVED_BY", "1")),
            environment=environ.get("ENVIRONMENT", cls.environment),
            secret_key=environ.get("SECRET_KEY", cls.secret_key),
            database_url=environ.get("DATABASE_URL", cls.database_url),
            upstream_url=environ.get("UPSTREAM_URL", cls.upstream_url),
        )


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in text.split(",") if origin.strip())
    for origin in origins:
        scheme, separator, host = origin.partition("://")
        if scheme not in {"http", "https"} or not separator or not host or set(host) & set("/?#*"):
            raise SettingsError(f"CORS_ORIGINS: {origin!r} is not an origin such as https://a.test")
    return origins


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise SettingsError(f"{name}: {text!r} is not a whole number")
    return int(text)


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise SettingsError(f"SERVED_BY: {text!r} is neither 0 nor 1")
    return text == "1"
