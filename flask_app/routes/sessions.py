from typing import Any

from flask import Response, session

from flask_app.database import get_session
from flask_app.dependencies import current_user, login_required
from flask_app.fields import UUID, Boolean, DateTime, Email, Integer, Length, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from flask_app.sessions import start
from shared import accounts, drafts
from shared.accounts import User
from shared.drafts import Draft
from shared.passwords import LONGEST, SHORTEST

bp = Blueprint("sessions", __name__)


class NewAccount(Schema):
    email = Email(required=True)
    password = Text(required=True, validate=Length(min=SHORTEST, max=LONGEST))


class Credentials(Schema):
    email = Email(required=True)
    password = Text(required=True, validate=Length(max=LONGEST))
    remember = Boolean(load_default=False)


class Account(Schema):
    id = Integer(required=True)
    email = Text(required=True)


class NewDraft(Schema):
    text = Text(required=True, validate=Length(max=drafts.LONGEST))


class KeptDraft(Schema):
    id = UUID(required=True)
    kept_at = DateTime(required=True)
    text = Text(required=True)


@bp.post("/accounts")
@bp.arguments(NewAccount)
@bp.response(201, Account)
def sign_up(account: dict[str, Any]) -> User:
    return accounts.sign_up(get_session(), **account)


@bp.post("/session")
@bp.arguments(Credentials)
@bp.response(204)
def log_in(credentials: dict[str, Any]) -> Response:
    remember = credentials.pop("remember")
    login = accounts.log_in(get_session(), **credentials, old=session.get("login"))
    start(login, remember=remember)
    return Response(status=204)


@bp.get("/session")
@login_required
@bp.response(200, Account)
def show_account() -> User:
    return current_user()


@bp.delete("/session")
@bp.response(204)
def log_out() -> Response:
    accounts.log_out(get_session(), session.get("login"))
    session.clear()
    return Response(status=204)


@bp.put("/session/draft")
@login_required
@bp.arguments(NewDraft)
@bp.response(200, KeptDraft)
def keep_draft(draft: dict[str, str]) -> Draft:
    session["draft"] = drafts.write(draft["text"])
    return drafts.read(session["draft"])


@bp.get("/session/draft")
@login_required
@bp.response(200, KeptDraft)
def show_draft() -> Draft:
    return drafts.read(session.get("draft"))
