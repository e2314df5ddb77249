from typing import Any

from werkzeug.datastructures import FileStorage

from flask_app.fields import Integer, Length, List, Nested, Text, Upload
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from shared.uploads import Description, describe

bp = Blueprint("file_upload", __name__)


class OneFile(Schema):
    file = Upload(required=True)


class SeveralFiles(Schema):
    files = List(Upload(), min=1, max=5, required=True)


class DescribedFile(Schema):
    description = Text(required=True, validate=Length(min=1, max=200))
    file = Upload(required=True)


class FileFacts(Schema):
    name = Text(required=True)
    size = Integer(required=True)
    content_type = Text(required=True, allow_none=True)
    sha256 = Text(required=True)


class DescribedFacts(Schema):
    description = Text(required=True)
    file = Nested(FileFacts, required=True)


@bp.post("/upload")
@bp.arguments(OneFile, location="files")
@bp.response(200, FileFacts)
def upload(form: dict[str, Any]) -> Description:
    return facts(form["file"])


@bp.post("/upload/many")
@bp.arguments(SeveralFiles, location="files")
@bp.response(200, FileFacts(many=True))
def upload_many(form: dict[str, Any]) -> list[Description]:
    return [facts(file) for file in form["files"]]


@bp.post("/upload/described")
@bp.arguments(DescribedFile, location="files")
@bp.response(200, DescribedFacts)
def upload_described(form: dict[str, Any]) -> dict[str, Any]:
    return {"description": form["description"], "file": facts(form["file"])}


def facts(file: FileStorage) -> Description:
    return describe(file.filename or "", file.content_type, file.stream)
