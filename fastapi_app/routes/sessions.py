from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from compat.routing import FlaskRoute
from compat.sessions import CookieSession
from fastapi_app.database import SessionDep
from fastapi_app.dependencies import CurrentUser, current_user
from fastapi_app.fields import UUID, DateTime, Email
from fastapi_app.schemas import Schema
from fastapi_app.sessions import start
from shared import accounts, drafts
from shared.passwords import LONGEST, SHORTEST

router = APIRouter(tags=["sessions"], route_class=FlaskRoute)


class NewAccount(Schema):
    email: Email
    password: Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]


class Credentials(Schema):
    email: Email
    password: Annotated[str, Field(max_length=LONGEST)]
    remember: bool = False


class Account(Schema):
    id: int
    email: str


class NewDraft(Schema):
    text: Annotated[str, Field(max_length=drafts.LONGEST)]


class KeptDraft(Schema):
    id: UUID
    kept_at: DateTime
    text: str


@router.post("/accounts", status_code=201)
def sign_up(session: SessionDep, account: NewAccount) -> Account:
    return Account.model_validate(accounts.sign_up(session, account.email, account.password))


@router.post("/session", status_code=204)
def log_in(cookie: CookieSession, session: SessionDep, credentials: Credentials) -> Response:
    email, password = credentials.email, credentials.password
    login = accounts.log_in(session, email, password, old=cookie.get("login"))
    start(cookie, login, remember=credentials.remember)
    return Response(status_code=204)


@router.get("/session")
async def show_account(user: CurrentUser) -> Account:
    return Account.model_validate(user)


@router.delete("/session", status_code=204)
def log_out(cookie: CookieSession, session: SessionDep) -> Response:
    accounts.log_out(session, cookie.get("login"))
    cookie.clear()
    return Response(status_code=204)


@router.put("/session/draft", dependencies=[Depends(current_user)])
async def keep_draft(cookie: CookieSession, draft: NewDraft) -> KeptDraft:
    cookie["draft"] = drafts.write(draft.text)
    return KeptDraft.model_validate(cookie["draft"])


@router.get("/session/draft", dependencies=[Depends(current_user)])
async def show_draft(cookie: CookieSession) -> KeptDraft:
    return KeptDraft.model_validate(drafts.read(cookie.get("draft")))
