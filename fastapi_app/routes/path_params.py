import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from compat.converters import AnyOf, BoundedFloat, register_url_convertor
from compat.routing import FlaskRoute
from fastapi_app.fields import PathText
from fastapi_app.schemas import Schema

router = APIRouter(tags=["path_params"], route_class=FlaskRoute)
# A path is compiled as soon as its decorator runs, so its converters must be known by then.
register_url_convertor("ratio", BoundedFloat(0.001, 1000000.0))
register_url_convertor("size", AnyOf("small", "medium", "large"))


class UserId(Schema):
    user_id: int


class RatioAnswer(Schema):
    ratio: float


class DocumentId(Schema):
    document_id: uuid.UUID


class SizeAnswer(Schema):
    size: str


class FilePath(Schema):
    file_path: str


@router.get("/users/{user_id:int}")
async def show_user(user_id: Annotated[int, Path(ge=0)]) -> UserId:
    return UserId(user_id=user_id)


@router.get("/ratios/{ratio:ratio}")
async def show_ratio(ratio: Annotated[float, Path(ge=0.001, le=1000000.0)]) -> RatioAnswer:
    return RatioAnswer(ratio=ratio)


@router.get("/documents/{document_id:uuid}")
async def show_document(document_id: uuid.UUID) -> DocumentId:
    return DocumentId(document_id=document_id)


@router.get("/sizes/{size:size}")
async def show_size(size: Literal["small", "medium", "large"]) -> SizeAnswer:
    return SizeAnswer(size=size)


@router.get("/files/{file_path:path}")
async def show_file(file_path: PathText) -> FilePath:
    return FilePath(file_path=file_path)
