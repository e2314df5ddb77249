from flask_app.configuration import get_settings
from flask_app.fields import Boolean, Integer, List, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.settings import Settings

bp = Blueprint("settings", __name__)


class ShownSettings(Schema):
    environment = Text(required=True)
    cors_origins = List(Text(), required=True)
    credential_paths = List(Text(), required=True)
    max_body_size = Integer(required=True)
    served_by = Boolean(required=True)
    trusted_proxies = Integer(required=True)
    log_level = Text(required=True)
    log_format = Text(required=True)


@bp.get("/settings")
@bp.response(200, ShownSettings)
def show_settings() -> Settings:
    return get_settings().for_developers()
