from flask import Response, request

from flask_app.errors import problem_response
from flask_app.fields import Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared import directory
from shared.directory import Person, UnknownUser

bp = Blueprint("users", __name__, url_prefix="/users/directory")


class Entry(Schema):
    username = Text(required=True)
    team = Text(required=True)


@bp.errorhandler(UnknownUser)
def on_unknown_user(error: UnknownUser) -> Response:
    return problem_response(404, "Ask the front desk: nobody here has that name.", type=error.type)


@bp.before_request
def before() -> None:
    directory.check_team(request.headers.get("X-Team"))


@bp.after_request
def after(response: Response) -> Response:
    response.headers["X-Directory"] = "users"
    return response


@bp.get("")
@bp.response(200, Entry(many=True))
def list_people() -> list[Person]:
    return directory.people()


@bp.get("/<username>")
@bp.response(200, Entry)
def show_person(username: str) -> Person:
    return directory.person(username)
