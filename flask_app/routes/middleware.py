from flask_app.fields import Boolean, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared import request_log
from shared.request_log import RequestLog

bp = Blueprint("middleware", __name__)


class RequestSeen(Schema):
    request_id = Text(required=True)
    taken_over = Boolean(required=True)
    method = Text(required=True)
    path = Text(required=True)


@bp.get("/middleware/request")
@bp.response(200, RequestSeen)
def show_request() -> RequestLog:
    return request_log.current()
