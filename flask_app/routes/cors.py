from flask_app.fields import Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("cors", __name__)


class Shared(Schema):
    shared_with = Text(required=True)


@bp.get("/cors/open")
@bp.response(200, Shared)
def read_open() -> dict[str, str]:
    return {"shared_with": "listed origins"}


@bp.get("/cors/account")
@bp.response(200, Shared)
def read_account() -> dict[str, str]:
    return {"shared_with": "listed origins, with credentials"}


@bp.put("/cors/account")
@bp.response(200, Shared)
def change_account() -> dict[str, str]:
    return {"shared_with": "listed origins, after a preflight"}
