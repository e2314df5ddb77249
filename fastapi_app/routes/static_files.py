from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from compat.routing import FlaskRoute
from fastapi_app.fields import PathText
from fastapi_app.files import send_file
from shared.ranges import PRINTABLE, STATIC

router = APIRouter(tags=["static_files"], route_class=FlaskRoute)

DownloadName = Annotated[str, Query(min_length=1, max_length=100, pattern=PRINTABLE)]


@router.get("/static/{file_path:path}", response_class=Response)
def show_static(request: Request, file_path: PathText) -> Response:
    return send_file(request, STATIC, file_path)


@router.get("/downloads/{file_path:path}", response_class=Response)
def download(request: Request, file_path: PathText, name: DownloadName) -> Response:
    return send_file(request, STATIC, file_path, download_name=name)
