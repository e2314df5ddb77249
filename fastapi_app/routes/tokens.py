from typing import Annotated

from fastapi import APIRouter, Form, Response, Security
from pydantic import Field

from compat.blueprints import BlueprintRoute
from fastapi_app.database import SessionDep
from fastapi_app.dependencies import current_user
from fastapi_app.schemas import Schema
from fastapi_app.security import SignerDep
from shared import tokens
from shared.accounts import User
from shared.formats import LINE
from shared.passwords import LONGEST
from shared.tokens import LONGEST_TOKEN


class TokenRequest(Schema, extra="ignore"):
    grant_type: Annotated[str | None, Field(max_length=50)] = None
    username: Annotated[str | None, Field(max_length=254, pattern=LINE)] = None
    password: Annotated[str | None, Field(max_length=LONGEST)] = None
    refresh_token: Annotated[str | None, Field(max_length=LONGEST_TOKEN)] = None
    scope: Annotated[str | None, Field(max_length=200)] = None


class Tokens(Schema):
    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    scope: str


class Revocation(Schema, extra="ignore"):
    token: Annotated[str | None, Field(max_length=LONGEST_TOKEN)] = None


class Owner(Schema):
    id: int
    email: str


class NoStoreRoute(BlueprintRoute):
    def after(self, response: Response) -> None:
        response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/tokens", tags=["tokens"], route_class=NoStoreRoute)


@router.post("")
def request_tokens(
    form: Annotated[TokenRequest, Form()], session: SessionDep, signer: SignerDep
) -> Tokens:
    return Tokens.model_validate(tokens.issue(session, signer, **form.model_dump()))


@router.post("/revoke", response_class=Response)
def revoke_token(
    form: Annotated[Revocation, Form()], session: SessionDep, signer: SignerDep
) -> None:
    tokens.revoke(session, signer, form.token)


@router.get("/me")
async def show_owner(user: Annotated[User, Security(current_user, scopes=["profile"])]) -> Owner:
    return Owner.model_validate(user)
