from datetime import datetime
from random import Random, SystemRandom
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from compat.routing import FlaskRoute
from fastapi_app.fields import DateTime, IntegerText
from fastapi_app.schemas import Schema
from shared import clock, dice

router = APIRouter(tags=["testing"], route_class=FlaskRoute)


class Throw(Schema):
    sides: int
    rolled: int
    thrown_at: DateTime


async def get_dice() -> Random:
    return SystemRandom()


async def get_now() -> datetime:
    return clock.now()


@router.get("/testing/throw")
async def throw(
    chance: Annotated[Random, Depends(get_dice)],
    now: Annotated[datetime, Depends(get_now)],
    sides: Annotated[int, Query(ge=dice.FEWEST, le=dice.MOST), IntegerText] = 6,
) -> Throw:
    return Throw.model_validate(dice.throw(sides, chance, now))
