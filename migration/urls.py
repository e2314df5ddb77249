"""Addresses of what stands on the other side."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from flask import Flask
from starlette.requests import Request
from werkzeug.routing import Map

from compat.templates import ANCHOR, FlaskTemplates
from shared.pages import TEMPLATES


class TemplatesAcross(FlaskTemplates):
    """Templates whose `url_for` finds Flask's endpoints where FastAPI has none of that name."""

    def __init__(self, folder: Path, routers: Iterable[APIRouter], elsewhere: Map) -> None:
        super().__init__(folder, routers)
        self.elsewhere = elsewhere

    def url_for(
        self, request: Request, endpoint: str, *, _anchor: str | None = None, **values: Any
    ) -> str:
        if endpoint in self.endpoints:
            return super().url_for(request, endpoint, _anchor=_anchor, **values)
        prefix: str = request.scope.get("root_path", "")
        address = self.elsewhere.bind("", prefix or "/").build(endpoint, values)
        return address if _anchor is None else f"{address}#{quote(_anchor, safe=ANCHOR)}"


def install(app: FastAPI, routers: Iterable[APIRouter], flask: Flask) -> None:
    app.state.templates = TemplatesAcross(TEMPLATES, routers, flask.url_map)
