from flask_app.fields import Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("lifespan", __name__)


class Liveness(Schema):
    status = Text(required=True)


@bp.get("/lifespan/alive")
@bp.response(200, Liveness)
def alive() -> dict[str, str]:
    return {"status": "alive"}
