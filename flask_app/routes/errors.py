from flask_app.openapi import Blueprint
from shared.problems import Conflict, NotFound, Unprocessable

bp = Blueprint("errors", __name__)


@bp.get("/errors/not-found")
@bp.response(204)
def not_found() -> None:
    raise NotFound("This order does not exist.")


@bp.get("/errors/conflict")
@bp.response(204)
def conflict() -> None:
    raise Conflict("This order has been paid already.")


@bp.get("/errors/unprocessable")
@bp.response(204)
def unprocessable() -> None:
    raise Unprocessable("This order has no lines.")


@bp.get("/errors/unexpected")
@bp.response(204)
def unexpected() -> None:
    raise RuntimeError("a secret that no client may see")
