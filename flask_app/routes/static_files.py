from flask import Response

from flask_app.fields import Length, Pattern, Text
from flask_app.files import send_file
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.ranges import PRINTABLE, STATIC

bp = Blueprint("static_files", __name__)


class DownloadName(Schema):
    name = Text(required=True, validate=[Length(min=1, max=100), Pattern(PRINTABLE)])


@bp.get("/static/<path:file_path>")
@bp.response(200)
def show_static(file_path: str) -> Response:
    return send_file(STATIC, file_path)


@bp.get("/downloads/<path:file_path>")
@bp.arguments(DownloadName, location="query", as_kwargs=True)
@bp.response(200)
def download(file_path: str, name: str) -> Response:
    return send_file(STATIC, file_path, download_name=name)
