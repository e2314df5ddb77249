"""Credentials: access tokens and API keys in headers, passwords."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

from fastapi_app.database import SessionDep
from shared import api_keys, passwords, request_log, tokens
from shared.api_keys import ApiKey
from shared.settings import Settings
from shared.tokens import SCOPES, Bearer, Signer

# These put the schemes into the OpenAPI document. They refuse nothing: the contract's answer to a
# missing or malformed header is not theirs.
oauth2 = OAuth2PasswordBearer("/tokens", "oauth2", SCOPES, auto_error=False)
api_key_header = APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False)


def install(app: FastAPI, settings: Settings) -> None:
    app.state.signer = Signer(settings.secret_key)
    passwords.set_memory(settings.password_memory)


async def get_signer(request: Request) -> Signer:
    signer: Signer = request.app.state.signer
    return signer


SignerDep = Annotated[Signer, Depends(get_signer)]


def get_bearer(
    request: Request,
    session: SessionDep,
    signer: SignerDep,
    _: Annotated[str | None, Depends(oauth2)],
) -> Bearer | None:
    """Who asks with an access token. Raises InvalidToken for an Authorization header that is no
    valid one."""
    return tokens.authenticate(session, signer, request.headers.get("Authorization"))


BearerDep = Annotated[Bearer | None, Depends(get_bearer)]


def get_api_key(
    response: Response,
    session: SessionDep,
    text: Annotated[str | None, Depends(api_key_header)],
) -> ApiKey:
    """The API key that was sent, its use counted. Raises InvalidKey, RateLimited."""
    key, usage = api_keys.use(session, text)
    request_log.name_user(key.user_id)
    response.headers.update(usage.headers)
    return key


ApiKeyDep = Annotated[ApiKey, Depends(get_api_key)]
