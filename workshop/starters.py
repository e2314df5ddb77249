"""What the reader's app begins with, made from the twins so that no line can go stale."""

import ast
from collections.abc import Iterator
from pathlib import Path

from workshop import course
from workshop.course import MY_APP, Step

_TO_DO = "To do: {}. Until then this is what answers, in Flask:"
TWIN, OWN = "fastapi_app.routes", "workshop.my_app.routes"

PACKAGE = '"""My app. The steps stand in workshop/steps/; `make workshop` judges them."""\n'
APP = '''"""My app: FastAPI answers what is ported, Flask the rest."""

from fastapi import FastAPI

from migration.app import create_app as create_hybrid
from shared.settings import Settings
from workshop.my_app.routes import routers


def create_app(settings: Settings) -> FastAPI:
    ported = {str(router.tags[0]) for router in routers if router.routes}
    return create_hybrid(settings, ported, routers)
'''


def starter(step: Step) -> str:
    """The file that the reader begins a step with: it runs, and has ported nothing."""
    return _of_topic(step) if step.is_topic else APP


def solution(step: Step) -> str:
    """The twin file; of the app itself, with the reader's routers."""
    twin = course.read(step.solution)
    return twin if step.is_topic else twin.replace(TWIN, OWN)


def routers() -> str:
    """The list of all routers, as the reader's app imports it."""
    return course.read(Path("fastapi_app/routes/__init__.py")).replace(TWIN, OWN)


def _of_topic(step: Step) -> str:
    definitions = list(_definitions(step))
    gap = "\n\n" if definitions[0].startswith("router") else "\n\n\n"
    head = "\n".join(_imports(step)) + gap + "\n\n\n".join(definitions)
    comment = [_TO_DO.format(step.page), "", *_flask(step)]
    return "\n".join([head, "", *(f"# {line}".rstrip() for line in comment), ""])


def _imports(step: Step) -> Iterator[str]:
    source = course.read(step.solution)
    statements = [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]
    lines = source.splitlines()
    yield from lines[: statements[-1].end_lineno]


def _definitions(step: Step) -> Iterator[str]:
    """The router, and before and after it what is given."""
    source = course.read(step.solution)
    kept = {*step.given, "router"}
    body = ast.parse(source).body
    bases = {node.name: node.bases[0] for node in body if isinstance(node, ast.ClassDef)}
    for node in body:
        if not names(node) & kept:
            continue
        text = _source(source, node)
        for name, base in bases.items():  # a route class that the reader is to write
            if name not in kept and f"route_class={name}" in text:
                text = text.replace(name, ast.unparse(base))
        yield text


def _flask(step: Step) -> Iterator[str]:
    """Flask's file after its imports."""
    source = course.read(Path("flask_app/routes") / f"{step.slug}.py")
    body = [n for n in ast.parse(source).body if not isinstance(n, ast.Import | ast.ImportFrom)]
    first = _first_line(body[0])
    yield from source.splitlines()[first - 1 :]


def names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def _source(source: str, node: ast.stmt) -> str:
    return "\n".join(source.splitlines()[_first_line(node) - 1 : node.end_lineno])


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def signature(step: Step, name: str) -> str:
    """A function of the solution without its body; anything else of it whole."""
    source = course.read(step.solution)
    node = next(node for node in ast.parse(source).body if name in names(node))
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return _source(source, node)
    lines = source.splitlines()[_first_line(node) - 1 : node.body[0].lineno - 1]
    return "\n".join([*lines, "    ..."])


def package() -> dict[Path, str]:
    """The files of the reader's app that belong to no step."""
    return {MY_APP / "__init__.py": PACKAGE, MY_APP / "routes/__init__.py": routers()}
