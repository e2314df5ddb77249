"""What a port may not lean on: the app that it replaces, and the solution.

No wall: whoever wants to cheat the judge will. It says no to what looks like a way out.
"""

import ast
import sys
from collections.abc import Iterator
from typing import NamedTuple

from workshop import starters
from workshop.course import Step

# Packages of which a port may import anything but these.
OPEN = {"fastapi", "starlette", "pydantic", "pydantic_core", "compat", "shared", "sqlalchemy"}
CLOSED = ("fastapi_app.routes", "fastapi_app.app")
# The standard library has ways round every rule here, and ways to ask another server.
ROUNDABOUT = {
    "asyncio",
    "builtins",
    "ctypes",
    "gc",
    "http",
    "importlib",
    "inspect",
    "multiprocessing",
    "os",
    "pkgutil",
    "runpy",
    "socket",
    "subprocess",
    "sys",
    "urllib",
}
NAMES = {"__import__", "eval", "exec", "compile", "open_connection", "create_connection"}
# What leads from a request to the rest of the app, and so to Flask.
ROUTES = {"routes", "router", "user_middleware", "middleware_stack", "build_middleware_stack"}
HEADER = "x-served-by"


class Borrowed(NamedTuple):
    """A line that leans on something, and what is wrong with it."""

    line: int
    reason: str


def find(step: Step, source: str) -> list[Borrowed]:
    """The lines of a step's file that lean on what they replace. What the solution imports may
    be imported."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # it does not start either
        return []
    twin = ast.parse(starters.solution(step))
    allowed = {name for node in ast.walk(twin) for name in _imported(node)}
    if not step.is_topic:  # to call the twin is what a twin is for
        allowed |= {"fastapi_app.app", "fastapi_app.app.create_app"}
    return sorted({*_imports(tree, allowed), *(_uses(tree) if step.is_topic else ())})


def _imports(tree: ast.Module, allowed: set[str]) -> Iterator[Borrowed]:
    for node in ast.walk(tree):
        for name in _imported(node):
            if name not in allowed and not _allowed(name):
                yield Borrowed(getattr(node, "lineno", 0), f"a port does not import {name}")


def _uses(tree: ast.Module) -> Iterator[Borrowed]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        name = getattr(node, "attr", getattr(node, "id", ""))
        if name in NAMES:
            yield Borrowed(line, f"a port does not call {name}")
        if isinstance(node, ast.Attribute) and name in ROUTES:
            yield Borrowed(line, "a port does not go round the app's routes")
        if isinstance(node, ast.Constant) and str(node.value).lower() == HEADER:
            yield Borrowed(line, "the app itself says who answered, not a handler")


def _imported(node: ast.AST) -> list[str]:
    """The full names that an import makes known, with those of the modules."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        return [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return []


def _allowed(name: str) -> bool:
    package = name.partition(".")[0]
    if package == "fastapi_app":
        return not any(name == each or name.startswith(f"{each}.") for each in CLOSED)
    return package in OPEN or package in sys.stdlib_module_names - ROUNDABOUT
