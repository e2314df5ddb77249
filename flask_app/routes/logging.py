from typing import Any

from flask_app.fields import Enum, Length, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared import browser_faults, request_log
from shared.browser_faults import Level
from shared.request_log import RequestLog

bp = Blueprint("logging", __name__)


class Fault(Schema):
    message = Text(required=True, validate=Length(min=1, max=1000))
    level = Enum(Level, load_default=Level.ERROR)
    page = Text(load_default=None, allow_none=True, validate=Length(max=1000))


class Receipt(Schema):
    request_id = Text(required=True)


@bp.post("/logging/faults")
@bp.arguments(Fault)
@bp.response(201, Receipt)
def report_fault(fault: dict[str, Any]) -> RequestLog:
    browser_faults.write(**fault)
    return request_log.current()
