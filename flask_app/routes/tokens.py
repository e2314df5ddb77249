from typing import Any

from flask import Response
from marshmallow import EXCLUDE

from flask_app.database import get_session
from flask_app.dependencies import current_user, scope_required
from flask_app.fields import Integer, Length, Pattern, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from flask_app.security import get_signer
from shared import tokens
from shared.accounts import User
from shared.formats import LINE
from shared.passwords import LONGEST
from shared.tokens import LONGEST_TOKEN, Issued

bp = Blueprint("tokens", __name__, url_prefix="/tokens")


class TokenRequest(Schema):
    class Meta:
        unknown = EXCLUDE

    grant_type = Text(load_default=None, validate=Length(max=50))
    username = Text(load_default=None, validate=[Length(max=254), Pattern(LINE)])
    password = Text(load_default=None, validate=Length(max=LONGEST))
    refresh_token = Text(load_default=None, validate=Length(max=LONGEST_TOKEN))
    scope = Text(load_default=None, validate=Length(max=200))


class Tokens(Schema):
    access_token = Text(required=True)
    token_type = Text(required=True)
    expires_in = Integer(required=True)
    refresh_token = Text(required=True)
    scope = Text(required=True)


class Revocation(Schema):
    class Meta:
        unknown = EXCLUDE

    token = Text(load_default=None, validate=Length(max=LONGEST_TOKEN))


class Owner(Schema):
    id = Integer(required=True)
    email = Text(required=True)


@bp.after_request
def after(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("")
@bp.arguments(TokenRequest, location="form")
@bp.response(200, Tokens)
def request_tokens(form: dict[str, Any]) -> Issued:
    return tokens.issue(get_session(), get_signer(), **form)


@bp.post("/revoke")
@bp.arguments(Revocation, location="form")
@bp.response(200)
def revoke_token(form: dict[str, Any]) -> Response:
    tokens.revoke(get_session(), get_signer(), form["token"])
    return Response()


@bp.get("/me")
@scope_required("profile")
@bp.response(200, Owner)
def show_owner() -> User:
    return current_user()
