from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.fields import member
from fastapi_app.schemas import Schema
from shared import browser_faults, request_log
from shared.browser_faults import Level

router = APIRouter(tags=["logging"], route_class=FlaskRoute)


class Fault(Schema):
    message: Annotated[str, Field(min_length=1, max_length=1000)]
    level: Annotated[Level, member(Level)] = Level.ERROR
    page: Annotated[str | None, Field(max_length=1000)] = None


class Receipt(Schema):
    request_id: str


@router.post("/logging/faults", status_code=201)
async def report_fault(fault: Fault) -> Receipt:
    browser_faults.write(**fault.model_dump())
    return Receipt.model_validate(request_log.current())
