from flask_app.fields import Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("http_methods", __name__)


class Method(Schema):
    method = Text(required=True)


@bp.get("/methods")
@bp.response(200, Method)
def read() -> dict[str, str]:
    return {"method": "GET"}


@bp.post("/methods")
@bp.response(200, Method)
def create() -> dict[str, str]:
    return {"method": "POST"}


@bp.put("/methods")
@bp.response(200, Method)
def replace() -> dict[str, str]:
    return {"method": "PUT"}


@bp.patch("/methods")
@bp.response(200, Method)
def change() -> dict[str, str]:
    return {"method": "PATCH"}


@bp.delete("/methods")
@bp.response(200, Method)
def delete() -> dict[str, str]:
    return {"method": "DELETE"}
