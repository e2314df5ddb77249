from flask_app.fields import Length, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("json_body", __name__)


class Message(Schema):
    text = Text(required=True, validate=Length(max=1000))


class Lowered(Schema):
    text = Text(required=True)


@bp.post("/lowercase")
@bp.arguments(Message)
@bp.response(200, Lowered)
def lowercase(message: dict[str, str]) -> dict[str, str]:
    return {"text": message["text"].lower()}
