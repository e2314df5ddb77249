"""Which pages of other origins may read the answers."""

from starlette.middleware import Middleware

from compat.cors import FlaskCORS
from shared.settings import Settings


def layers(settings: Settings) -> list[Middleware]:
    return [
        Middleware(
            FlaskCORS,
            origins=settings.cors_origins,
            credential_paths=settings.credential_paths,
            expose_headers=settings.exposed_headers,
            max_age=600,
        )
    ]
