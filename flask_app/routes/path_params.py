import uuid
from typing import Any

from flask_app.fields import UUID, Integer, Number, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema

bp = Blueprint("path_params", __name__)


class UserId(Schema):
    user_id = Integer(required=True)


class RatioAnswer(Schema):
    ratio = Number(required=True)


class DocumentId(Schema):
    document_id = UUID(required=True)


class SizeAnswer(Schema):
    size = Text(required=True)


class FilePath(Schema):
    file_path = Text(required=True)


@bp.get("/users/<int:user_id>")
@bp.response(200, UserId)
def show_user(user_id: int) -> dict[str, Any]:
    return {"user_id": user_id}


@bp.get("/ratios/<float(min=0.001, max=1000000.0):ratio>")
@bp.response(200, RatioAnswer)
def show_ratio(ratio: float) -> dict[str, Any]:
    return {"ratio": ratio}


@bp.get("/documents/<uuid:document_id>")
@bp.response(200, DocumentId)
def show_document(document_id: uuid.UUID) -> dict[str, Any]:
    return {"document_id": document_id}


@bp.get("/sizes/<any(small, medium, large):size>")
@bp.response(200, SizeAnswer)
def show_size(size: str) -> dict[str, Any]:
    return {"size": size}


@bp.get("/files/<path:file_path>")
@bp.response(200, FilePath)
def show_file(file_path: str) -> dict[str, Any]:
    return {"file_path": file_path}
