from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from compat.conditional import make_conditional, tag_matches
from compat.routing import FlaskRoute
from fastapi_app.schemas import Schema
from shared.problems import PreconditionFailed
from shared.reports import CHANGED, ETAG, REPORT, split_list

router = APIRouter(tags=["headers"], route_class=FlaskRoute)


class Note(Schema):
    note: str | None
    tags: list[str]


class ReportAnswer(Schema):
    title: str
    pages: int


@router.get("/headers")
async def show_headers(
    response: Response,
    x_note: Annotated[str | None, Header(max_length=100)] = None,
    x_tags: Annotated[str, Header(max_length=100)] = "",
) -> Note:
    tags = split_list(x_tags)
    response.headers["X-Tag-Count"] = str(len(tags))
    return Note(note=x_note, tags=tags)


@router.post("/headers/notes", status_code=303, response_class=Response)
async def post_note() -> RedirectResponse:
    return RedirectResponse("/headers", 303)


@router.delete("/headers/notes", status_code=204)
async def delete_notes() -> Response:
    response = Response(status_code=204)
    response.headers.append("Link", '</headers>; rel="up"')
    response.headers.append("Link", '</headers/report>; rel="related"')
    return response


@router.get("/headers/old", status_code=302, response_class=Response)
async def old_address() -> RedirectResponse:
    return RedirectResponse("/headers?from=old&to=new", 302)


@router.get("/headers/older", status_code=301, response_class=Response)
async def older_address(request: Request) -> RedirectResponse:
    return RedirectResponse(request.url_for("show_headers"), 301)


@router.get("/headers/report", response_model=ReportAnswer)
async def show_report(request: Request) -> Response:
    return make_conditional(request, JSONResponse(REPORT), ETAG, CHANGED)


@router.put("/headers/report", status_code=204)
async def keep_report(request: Request) -> Response:
    if_match = request.headers.get("if-match")
    if if_match is not None and not tag_matches(if_match, ETAG, weak=False):
        raise PreconditionFailed
    response = Response(status_code=204)
    response.headers["ETag"] = f'"{ETAG}"'
    return response
