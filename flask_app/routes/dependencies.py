from functools import wraps
from typing import Any

from flask import g

from flask_app.database import get_session
from flask_app.dependencies import current_user, login_required
from flask_app.fields import Enum, List, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from flask_app.security import View
from shared import request_log, trails
from shared.trails import End, Trail

bp = Blueprint("dependencies", __name__, url_prefix="/dependencies")


class DeskQuery(Schema):
    end = Enum(End, load_default=End.WELL)


class Visit(Schema):
    request_id = Text(required=True)
    steps = List(Text(), required=True)


def get_trail() -> Trail:
    """The trail of this request, begun when it is first asked for."""
    if "trail" not in g:
        g.trail = trails.begin(request_log.current().request_id)
    trail: Trail = g.trail
    return trail


@bp.teardown_request
def save_trail(error: BaseException | None) -> None:
    if trail := g.pop("trail", None):
        trails.save(get_session(), trail)


def own_desk_required(view: View) -> View:
    @wraps(view)
    def wrapper(user_id: int, **kwargs: Any) -> Any:
        trails.enter(get_trail(), current_user(), user_id)
        return view(**kwargs)

    return wrapper


def at_desk(view: View) -> View:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with trails.desk(get_trail()):
            return view(*args, **kwargs)

    return wrapper


@bp.post("/desks/<id:user_id>")
@login_required
@own_desk_required
@at_desk
@bp.arguments(DeskQuery, location="query", as_kwargs=True)
@bp.response(201, Visit)
def work_at_desk(end: End) -> Trail:
    return trails.work(get_trail(), end)


@bp.get("/trails/<request_id>")
@login_required
@bp.response(200, Visit)
def show_trail(request_id: str) -> Trail:
    return trails.find(get_session(), current_user(), request_id)
