from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from compat.routing import FlaskRoute
from fastapi_app.database import SessionDep
from fastapi_app.dependencies import CurrentUser
from fastapi_app.fields import Id, member
from fastapi_app.schemas import Schema
from shared import request_log, trails
from shared.trails import End, Trail

router = APIRouter(prefix="/dependencies", tags=["dependencies"], route_class=FlaskRoute)


class Visit(Schema):
    request_id: str
    steps: list[str]


def get_trail(session: SessionDep) -> Iterator[Trail]:
    """The trail of this request: the same for all who ask for it."""
    trail = trails.begin(request_log.current().request_id)
    try:
        yield trail
    finally:
        trails.save(session, trail)


TrailDep = Annotated[Trail, Depends(get_trail, scope="function")]


def own_desk_required(user: CurrentUser, trail: TrailDep, user_id: Id) -> None:
    trails.enter(trail, user, user_id)


def at_desk(trail: TrailDep) -> Iterator[None]:
    with trails.desk(trail):
        yield


@router.post(
    "/desks/{user_id:id}",
    status_code=201,
    dependencies=[Depends(own_desk_required), Depends(at_desk, scope="function")],
)
async def work_at_desk(
    trail: TrailDep, end: Annotated[End, Query(), member(End)] = End.WELL
) -> Visit:
    return Visit.model_validate(trails.work(trail, end))


@router.get("/trails/{request_id}")
def show_trail(
    session: SessionDep, user: CurrentUser, request_id: Annotated[str, Path(min_length=1)]
) -> Visit:
    return Visit.model_validate(trails.find(session, user, request_id))
