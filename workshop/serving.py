"""The reader's app as a server: `uvicorn --factory workshop.serving:create_app`.

It leaves a report of who answers what, or of why it does not start, for the judge.
"""

import inspect
import json
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared import logs, readiness
from shared.settings import Settings
from workshop import course
from workshop.course import MY_APP, ROOT

REPORT = "WORKSHOP_REPORT"
PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass
class Ported:
    """The operations of a topic: those that the reader's own handlers answer, and the others."""

    mine: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What the server found out about the reader's app when it began."""

    topics: dict[str, Ported] = field(default_factory=dict)
    has_flask: bool = True
    error: str = ""
    place: str = ""

    @classmethod
    def read(cls, path: Path) -> "Report":
        """The report that a server has left. Raises OSError where there is none yet."""
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found["topics"] = {slug: Ported(**ported) for slug, ported in found["topics"].items()}
        return cls(**found)

    def write(self, path: Path) -> None:
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), encoding="utf-8")
        new.replace(path)


def create_app() -> FastAPI:
    """Build the reader's app from the settings in the environment."""
    settings = Settings.from_environ(os.environ)
    logs.configure(settings)
    readiness.start(settings)
    report = Report()
    try:
        app = load(settings, report)
    except Exception as error:
        report.error, report.place = f"{type(error).__name__}: {error}", place_of(error)
        raise
    finally:
        report.write(Path(os.environ[REPORT]))
    return app


def load(settings: Settings, report: Report) -> FastAPI:
    """The reader's app, and in `report` what it answers."""
    # First, so that a converter which only a solution registers is not there yet. Nothing is left
    # compiled: two saves of one size within a second would look the same.
    sys.dont_write_bytecode = True
    routers = {
        slug: import_module(f"workshop.my_app.routes.{slug}").router
        for slug, step in course.load().items()
        if step.is_topic
    }
    for slug, router in routers.items():
        if not isinstance(router, APIRouter) or router.tags[:1] != [slug]:
            raise TypeError(f'in routes/{slug}.py, `router` must be an APIRouter(tags=["{slug}"])')
    create = import_module("workshop.my_app.app").create_app
    sys.dont_write_bytecode = False
    app: FastAPI = create(settings)
    report.has_flask = "flask" in sys.modules
    answered = {written_in(each.endpoint): set[str]() for each in contexts(app)}
    for each in contexts(app):
        answered[written_in(each.endpoint)] |= {*operations(each).values()}
    for slug in routers:
        report.topics[slug] = ported(slug, answered)
    if report.has_flask:
        refuse_ported({slug for slug, found in report.topics.items() if not found.missing})
    return app


def contexts(app: FastAPI | APIRouter) -> Iterator[RouteContext]:
    """The routes of an app or router as they are called there."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


def ported(slug: str, answered: Mapping[str, Set[str]]) -> Ported:
    """Which of the twin's operations are answered by handlers that the reader wrote, and by no
    others; `answered` has the operations by the file in which a handler stands."""
    file = str(ROOT / MY_APP / "routes" / f"{slug}.py")
    mine = answered.get(file, set())
    others = {each for where, found in answered.items() if where != file for each in found}
    twin: APIRouter = import_module(f"fastapi_app.routes.{slug}").router
    found = Ported()
    for context in contexts(twin):
        for shown, operation in operations(context).items():
            is_mine = operation in mine and operation not in others
            (found.mine if is_mine else found.missing).append(shown)
    return found


def operations(context: RouteContext) -> dict[str, str]:
    """`GET /users/{user_id}` for each method, and the same without the parameter's name."""
    shown = [f"{method} {context.path_format}" for method in sorted(context.methods or ())]
    return {text: PARAMETER.sub("{}", text) for text in shown}


def written_in(endpoint: Any) -> str:
    """The file in which a handler's own code stands."""
    code = getattr(inspect.unwrap(endpoint), "__code__", None)
    return str(Path(code.co_filename).resolve()) if code else ""


def refuse_ported(slugs: set[str]) -> None:
    """Let Flask fail over what is ported: it has no business there any more, whoever asks it."""
    from flask import Flask, request, request_started

    def refuse(sender: Flask, **_: Any) -> None:
        if request.blueprint in slugs:
            raise RuntimeError(f"{request.method} {request.path} is ported, and Flask was asked")

    request_started.connect(refuse, weak=False)


def place_of(error: BaseException) -> str:
    """`file:line` of the reader's last line on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shown(error.filename)}:{error.lineno}"
    mine = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if str(ROOT / MY_APP) in frame.filename
    ]
    return f"{_shown(mine[-1].filename)}:{mine[-1].lineno}" if mine else ""


def _shown(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else file
