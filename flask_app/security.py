"""Credentials: access tokens and API keys in headers, passwords."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import Flask, Response, after_this_request, current_app, g, request

from flask_app.database import get_session
from flask_app.openapi import Blueprint
from shared import api_keys, passwords, request_log, tokens
from shared.api_description import KEY_SCHEMES
from shared.api_keys import ApiKey
from shared.settings import Settings
from shared.tokens import Bearer, Signer

View = Callable[..., Any]


def install(app: Flask, settings: Settings) -> None:
    app.extensions["signer"] = Signer(settings.secret_key)
    passwords.set_memory(settings.password_memory)


def get_signer() -> Signer:
    signer: Signer = current_app.extensions["signer"]
    return signer


def get_bearer() -> Bearer | None:
    """Who asks with an access token. Raises InvalidToken for an Authorization header that is no
    valid one."""
    if "bearer" not in g:
        credentials = request.headers.get("Authorization")
        g.bearer = tokens.authenticate(get_session(), get_signer(), credentials)
    bearer: Bearer | None = g.bearer
    return bearer


def documented(schemes: Iterable[str], *scopes: str) -> Callable[[View], View]:
    """Say in the OpenAPI document which credentials a view asks for."""
    decorator: Callable[[View], View] = Blueprint.doc(
        security=[{name: list(scopes)} for name in schemes]
    )
    return decorator


def api_key_required(view: View) -> View:
    """A view for programs with an API key, so often as the key allows."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        g.api_key, usage = api_keys.use(get_session(), request.headers.get("X-API-Key"))
        request_log.name_user(g.api_key.user_id)

        @after_this_request
        def tell_usage(response: Response) -> Response:
            if response.status_code < 400:
                response.headers.update(usage.headers)
            return response

        return view(*args, **kwargs)

    return documented(KEY_SCHEMES)(wrapper)


def current_key() -> ApiKey:
    """The key that was sent; for views with `api_key_required`."""
    key: ApiKey = g.api_key
    return key
