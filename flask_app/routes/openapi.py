from flask import Response, current_app, jsonify
from flask.blueprints import Blueprint

from shared.docs_pages import REDOC, SWAGGER_UI, asset

bp = Blueprint("openapi", __name__)


@bp.get("/openapi.json")
def document() -> Response:
    return jsonify(current_app.extensions["openapi"])


@bp.get("/docs")
def swagger_ui() -> Response:
    return Response(SWAGGER_UI, mimetype="text/html")


@bp.get("/redoc")
def redoc() -> Response:
    return Response(REDOC, mimetype="text/html")


@bp.get("/docs/assets/<name>")
def docs_asset(name: str) -> Response:
    content, media_type = asset(name)
    return Response(content, mimetype=media_type)
