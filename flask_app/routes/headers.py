from typing import Any

from flask import Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from flask_app.fields import Integer, Length, List, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.problems import PreconditionFailed
from shared.reports import CHANGED, ETAG, REPORT, split_list

bp = Blueprint("headers", __name__)


class NoteHeaders(Schema):
    x_note = Text(data_key="x-note", load_default=None, validate=Length(max=100))
    x_tags = Text(data_key="x-tags", load_default="", validate=Length(max=100))


class Note(Schema):
    note = Text(required=True, allow_none=True)
    tags = List(Text(), required=True)


class ReportAnswer(Schema):
    title = Text(required=True)
    pages = Integer(required=True)


@bp.get("/headers")
@bp.arguments(NoteHeaders, location="headers", as_kwargs=True)
@bp.response(200, Note)
def show_headers(x_note: str | None, x_tags: str) -> tuple[dict[str, Any], dict[str, str]]:
    tags = split_list(x_tags)
    return {"note": x_note, "tags": tags}, {"X-Tag-Count": str(len(tags))}


@bp.post("/headers/notes")
@bp.response(303)
def post_note() -> WerkzeugResponse:
    return redirect("/headers", 303)


@bp.delete("/headers/notes")
@bp.response(204)
def delete_notes() -> Response:
    response = Response(status=204)
    response.headers.add("Link", '</headers>; rel="up"')
    response.headers.add("Link", '</headers/report>; rel="related"')
    return response


@bp.get("/headers/old")
@bp.response(302)
def old_address() -> WerkzeugResponse:
    return redirect("/headers?from=old&to=new")


@bp.get("/headers/older")
@bp.response(301)
def older_address() -> WerkzeugResponse:
    return redirect(url_for("headers.show_headers", _external=True), 301)


@bp.get("/headers/report")
@bp.response(200, ReportAnswer)
def show_report() -> WerkzeugResponse:
    response = jsonify(REPORT)
    response.set_etag(ETAG)
    response.last_modified = CHANGED
    return response.make_conditional(request)


@bp.put("/headers/report")
@bp.response(204)
def keep_report() -> Response:
    if "If-Match" in request.headers and not request.if_match.contains(ETAG):
        raise PreconditionFailed
    response = Response(status=204)
    response.set_etag(ETAG)
    return response
