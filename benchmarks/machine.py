"""What was measured on: a result without it says nothing."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
from typing import Any

from benchmarks import processes

PACKAGES = (
    "flask",
    "werkzeug",
    "marshmallow",
    "flask-smorest",
    "gunicorn",
    "fastapi",
    "starlette",
    "pydantic",
    "uvicorn",
    "uvloop",
    "httptools",
    "granian",
    "sqlalchemy",
)


def describe() -> dict[str, Any]:
    """The machine, its load, and the versions of what was measured."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(processes.cores()),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load": load(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "node": runtime("node"),
        "go": runtime("go"),
        "wrk": shutil.which("wrk") is not None,
    }


def load() -> float:
    """How many processes wanted to run, over the last minute; more than the cores is a crowd."""
    return round(os.getloadavg()[0], 1)


def runtime(name: str) -> str | None:
    """The version of a runtime that is on PATH."""
    path = shutil.which(name)
    if path is None:
        return None
    word = "version" if name == "go" else "--version"
    told = subprocess.run([path, word], capture_output=True, text=True, check=False, timeout=20)
    return told.stdout.strip() or None
