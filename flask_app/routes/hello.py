from flask_app.fields import Text
from flask_app.lifespan import require_readiness
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("hello", __name__)


class Greeting(Schema):
    hello = Text(required=True)


class Health(Schema):
    status = Text(required=True)


@bp.get("/")
@bp.response(200, Greeting)
def hello() -> dict[str, str]:
    return {"hello": "world"}


@bp.get("/health")
@bp.response(200, Health)
def health() -> dict[str, str]:
    require_readiness()
    return {"status": "ok"}
