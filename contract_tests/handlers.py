"""Where the handlers of a request stand, read from the route files without importing them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
APPS = ("flask_app", "fastapi_app")
METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}
# A whole parameter: Flask's <int:user_id> or FastAPI's {user_id:int}.
PARAMETER = re.compile(r"<(?:[^<>]*:)?\w+>|\{\w+(?::\w+)?\}")


class Handler(NamedTuple):
    """A handler's place, its methods, and the paths that it answers, as an expression."""

    place: str
    methods: set[str]
    path: re.Pattern[str]
    literal: int


def places(topic: str, method: str, path: str) -> list[str]:
    """`file:line name` in each app, first in the topic's own file; empty where none is found."""
    found = []
    for app in APPS:
        routes = ROOT / app / "routes"
        own = routes / f"{topic}.py"
        others = sorted(routes.glob("*.py")) if routes.is_dir() else []
        for file in [own, *others]:
            if place := _best(file, method.lower(), path):
                found.append(place)
                break
    return found


def _best(file: Path, method: str, path: str) -> str | None:
    """The handler with the most literal path; of another method if none has this one."""
    wanted = "get" if method == "head" else method
    fitting = [
        (wanted in handler.methods, handler.literal, handler.place)
        for handler in _handlers(file)
        if handler.path.fullmatch(path)
    ]
    return max(fitting)[2] if fitting else None


@cache
def _handlers(file: Path) -> list[Handler]:
    if not file.is_file():
        return []
    tree = ast.parse(file.read_text(encoding="utf-8"))
    prefixes = dict(_prefixes(tree))
    return [
        _handler(file, function, decorator, prefixes)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in {*METHODS, "route", "api_route"}
        and decorator.args
        and isinstance(decorator.args[0], ast.Constant)
    ]


def _handler(
    file: Path,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    decorator: ast.Call,
    prefixes: dict[str, str],
) -> Handler:
    assert isinstance(decorator.func, ast.Attribute)
    assert isinstance(decorator.args[0], ast.Constant)
    owner = decorator.func.value
    prefix = prefixes.get(owner.id, "") if isinstance(owner, ast.Name) else ""
    path = prefix + str(decorator.args[0].value)
    literals = PARAMETER.split(path)
    values = [".+" if "path" in match else "[^/]+" for match in PARAMETER.findall(path)]
    pattern = "".join(
        re.escape(literal) + value for literal, value in zip(literals, [*values, ""], strict=True)
    )
    place = f"{file.relative_to(ROOT)}:{function.lineno} {function.name}"
    return Handler(place, _methods(decorator), re.compile(pattern), len("".join(literals)))


def _methods(decorator: ast.Call) -> set[str]:
    assert isinstance(decorator.func, ast.Attribute)
    if decorator.func.attr in METHODS:
        return {decorator.func.attr}
    named = {word.arg: word.value for word in decorator.keywords}
    values = ast.walk(named["methods"]) if "methods" in named else ()
    return {str(value.value).lower() for value in values if isinstance(value, ast.Constant)} or {
        "get"
    }


def _prefixes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names of a module's blueprints and routers that have a prefix, with it."""
    for node in tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        for word in node.value.keywords:
            if word.arg in ("prefix", "url_prefix") and isinstance(word.value, ast.Constant):
                yield ast.unparse(node.targets[0]), str(word.value.value)
