from datetime import datetime
from random import Random, SystemRandom

from flask_app.fields import DateTime, Integer, IntegerText, Range
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared import clock, dice

bp = Blueprint("testing", __name__)


class Die(Schema):
    sides = IntegerText(load_default=6, validate=Range(min=dice.FEWEST, max=dice.MOST))


class Throw(Schema):
    sides = Integer(required=True)
    rolled = Integer(required=True)
    thrown_at = DateTime(required=True)


def get_dice() -> Random:
    return SystemRandom()


def get_now() -> datetime:
    return clock.now()


@bp.get("/testing/throw")
@bp.arguments(Die, location="query", as_kwargs=True)
@bp.response(200, Throw)
def throw(sides: int) -> dice.Throw:
    return dice.throw(sides, get_dice(), get_now())
