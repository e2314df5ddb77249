from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from pydantic import Field

from compat.routing import FlaskRoute
from fastapi_app.fields import Upload
from fastapi_app.schemas import Schema
from shared.uploads import describe

router = APIRouter(tags=["file_upload"], route_class=FlaskRoute)


class OneFile(Schema):
    file: Upload


class SeveralFiles(Schema):
    files: Annotated[list[Upload], Field(min_length=1, max_length=5)]


class DescribedFile(Schema):
    description: Annotated[str, Field(min_length=1, max_length=200)]
    file: Upload


class FileFacts(Schema):
    name: str
    size: int
    content_type: str | None
    sha256: str


class DescribedFacts(Schema):
    description: str
    file: FileFacts


@router.post("/upload")
def upload(form: Annotated[OneFile, File()]) -> FileFacts:
    return facts(form.file)


@router.post("/upload/many")
def upload_many(form: Annotated[SeveralFiles, File()]) -> list[FileFacts]:
    return [facts(file) for file in form.files]


@router.post("/upload/described")
def upload_described(form: Annotated[DescribedFile, File()]) -> DescribedFacts:
    return DescribedFacts(description=form.description, file=facts(form.file))


def facts(file: UploadFile) -> FileFacts:
    return FileFacts(**describe(file.filename or "", file.content_type, file.file))
