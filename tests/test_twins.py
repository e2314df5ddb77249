"""The two apps are twins: the same files, the same handlers, in the same order."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reading import topics
from reading.topics import APPS, ROOT, Topic

TOPICS = topics.load()
METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "route", "api_route"}
LONGEST_ROUTE_FILE = 90  # lines: what a screen shows
each_topic = pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))


def modules(app: str) -> set[str]:
    return {str(path.relative_to(ROOT / app)) for path in (ROOT / app).rglob("*.py")}


def app_tests() -> list[str]:
    """The files of tests of the Flask app; FastAPI's have the same names."""
    return [file.name for file in sorted((ROOT / "flask_app" / "tests").glob("*.py"))]


def parsed(topic: Topic) -> tuple[ast.Module, ast.Module]:
    flask, fastapi = (ast.parse((ROOT / path).read_text()) for path in topic.routes)
    return flask, fastapi


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def handlers(tree: ast.Module) -> list[str]:
    """The names of the functions that answer a method and path, in their order."""
    return [
        function.name
        for function in functions(tree)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in METHODS
    ]


def helpers(tree: ast.Module) -> list[str]:
    return [function.name for function in functions(tree) if not function.decorator_list]


def schemas(tree: ast.Module) -> dict[str, list[str]]:
    """The names of the schemas of a file, each with the names of its fields."""
    found: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if bases & {"Schema", *found}:
                found[node.name] = list(fields(node))
    return found


def fields(schema: ast.ClassDef) -> Iterator[str]:
    for node in schema.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name):
            yield target.id


def common(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Both lists without what only one of them has."""
    return [name for name in one if name in other], [name for name in other if name in one]


def test_every_module_has_a_twin() -> None:
    flask, fastapi = map(modules, APPS)
    assert sorted(flask ^ fastapi) == []


@pytest.mark.parametrize(
    ("place", "pattern"),
    [
        ("flask_app/routes", "[!_]*.py"),
        ("fastapi_app/routes", "[!_]*.py"),
        ("contract_tests", "test_*.py"),
        ("docs/topics", "*.md"),
    ],
)
def test_every_topic_has_its_file_and_every_file_its_topic(place: str, pattern: str) -> None:
    found = {path.stem.removeprefix("test_") for path in (ROOT / place).glob(pattern)}
    assert found == set(TOPICS)


@pytest.mark.parametrize("app", APPS)
def test_topics_are_registered_in_reading_order(app: str) -> None:
    text = (ROOT / app / "routes" / "__init__.py").read_text()
    assert re.findall(r"(\w+)\.(?:bp|router),", text) == list(TOPICS)


@each_topic
def test_handlers_have_the_same_names_in_the_same_order(topic: Topic) -> None:
    flask, fastapi = map(handlers, parsed(topic))
    assert flask == fastapi
    assert flask, "a topic without handlers"


@each_topic
def test_helpers_have_twins_in_the_same_order(topic: Topic) -> None:
    flask, fastapi = parsed(topic)
    names = [[function.name for function in functions(tree)] for tree in (flask, fastapi)]
    assert {*helpers(flask), *helpers(fastapi)} <= {*names[0]} & {*names[1]}
    one, other = common(*names)
    assert one == other


@pytest.mark.parametrize("file", app_tests())
def test_the_apps_own_tests_have_the_same_names_in_the_same_order(file: str) -> None:
    trees = [ast.parse((ROOT / app / "tests" / file).read_text()) for app in APPS]
    flask, fastapi = [[function.name for function in functions(tree)] for tree in trees]
    assert flask == fastapi


@each_topic
def test_schemas_have_the_same_names_and_fields_in_the_same_order(topic: Topic) -> None:
    """Flask's file may have more: a schema for what FastAPI declares in a signature."""
    flask, fastapi = map(schemas, parsed(topic))
    assert [name for name in flask if name in fastapi] == list(fastapi)
    assert {name: flask[name] for name in fastapi} == fastapi


@each_topic
def test_a_route_file_fits_on_a_screen(topic: Topic) -> None:
    for path in topic.routes:
        assert len((ROOT / path).read_text().splitlines()) <= LONGEST_ROUTE_FILE, path


def test_nothing_else_lies_in_the_apps() -> None:
    others = [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    ]
    assert others == list[Path]()
