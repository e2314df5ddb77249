from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from compat.routing import FlaskRoute
from shared.docs_pages import REDOC, SWAGGER_UI, asset

router = APIRouter(tags=["openapi"], route_class=FlaskRoute, include_in_schema=False)


@router.get("/openapi.json")
async def document(request: Request) -> Any:
    return request.app.openapi()


@router.get("/docs")
async def swagger_ui() -> HTMLResponse:
    return HTMLResponse(SWAGGER_UI)


@router.get("/redoc")
async def redoc() -> HTMLResponse:
    return HTMLResponse(REDOC)


@router.get("/docs/assets/{name}")
def docs_asset(name: str) -> Response:
    content, media_type = asset(name)
    return Response(content, media_type=media_type)
