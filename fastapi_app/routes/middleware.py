from fastapi import APIRouter

from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema
from shared import request_log

router = APIRouter(tags=["middleware"], route_class=FlaskRoute)


class RequestSeen(Schema):
    request_id: str
    taken_over: bool
    method: str
    path: str


@router.get("/middleware/request")
async def show_request() -> RequestSeen:
    return RequestSeen.model_validate(request_log.current())
