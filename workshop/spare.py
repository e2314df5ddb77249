"""uvicorn, warmed up: `python -m workshop.spare`, with uvicorn's own options.

It imports what the reader does not write, then waits until somebody writes into the pipe that
WORKSHOP_GO names, and serves. Without that variable it serves at once, and imports nothing ahead.
"""

import importlib
import os
import sys
from pathlib import Path

from uvicorn.main import main as serve

from workshop import course, starters

GO = "WORKSHOP_GO"
# Neither the routes nor the app: importing them registers what the reader has to.
WARM = (
    *("dependencies", "fields", "files", "forms", "lifespan", "middleware", "openapi"),
    *("pagination", "parsing", "schemas", "security", "sessions", "templates", "upstream"),
)
FLASK = ("a2wsgi", "flask", "flask_cors", "flask_smorest", "marshmallow")


def main() -> None:
    if pipe := os.environ.pop(GO, ""):
        wait(Path(pipe))
    serve(sys.argv[1:])


def wait(pipe: Path) -> None:
    """Import, and return when told to."""
    with_flask = has_mount()
    for name in [*(f"fastapi_app.{name}" for name in WARM), *(FLASK if with_flask else ())]:
        importlib.import_module(name)
    pipe.read_text(encoding="utf-8")
    if with_flask and not has_mount():  # the app without Flask must not find it here
        os.execv(sys.executable, [sys.executable, "-m", "workshop.spare", *sys.argv[1:]])  # noqa: S606


def has_mount() -> bool:
    """Whether the reader's app is still put together as it was given."""
    step = course.load()[course.LAST]
    return course.read(step.file) == starters.starter(step)


if __name__ == "__main__":
    main()
