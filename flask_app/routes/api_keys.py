from typing import Any

from flask import Response

from flask_app.database import get_session
from flask_app.dependencies import current_user, scope_required
from flask_app.fields import DateTime, Integer, Length, Pattern, Range, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from flask_app.security import api_key_required, current_key
from shared import api_keys
from shared.api_keys import LONGEST_WINDOW, MOST_REQUESTS, ApiKey
from shared.formats import LINE

bp = Blueprint("api_keys", __name__, url_prefix="/api-keys")


class NewKey(Schema):
    name = Text(required=True, validate=[Length(min=1, max=50), Pattern(LINE)])
    limit = Integer(load_default=60, validate=Range(min=1, max=MOST_REQUESTS))
    window = Integer(load_default=60, validate=Range(min=1, max=LONGEST_WINDOW))


class CreatedKey(Schema):
    id = Integer(required=True)
    name = Text(required=True)
    key = Text(required=True)
    limit = Integer(required=True)
    window = Integer(required=True)


class ShownKey(Schema):
    id = Integer(required=True)
    name = Text(required=True)
    prefix = Text(required=True)
    limit = Integer(required=True)
    window = Integer(required=True)
    created_at = DateTime(required=True)
    last_used_at = DateTime(required=True, allow_none=True)


@bp.get("")
@scope_required("api-keys")
@bp.response(200, ShownKey(many=True))
def list_keys() -> Any:
    return api_keys.of_user(get_session(), current_user())


@bp.post("")
@scope_required("api-keys")
@bp.arguments(NewKey)
@bp.response(201, CreatedKey)
def create_key(values: dict[str, Any]) -> Any:
    key = api_keys.make(get_session(), current_user(), **values)
    return key, {"Cache-Control": "no-store"}


@bp.delete("/<id:key_id>")
@scope_required("api-keys")
@bp.response(204)
def revoke_key(key_id: int) -> Response:
    api_keys.revoke(get_session(), current_user(), key_id)
    return Response(status=204)


@bp.get("/current")
@api_key_required
@bp.response(200, ShownKey)
def show_current_key() -> ApiKey:
    return current_key()
