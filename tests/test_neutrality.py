"""Who may know whom: the shared room no framework, the contract no app, no file this machine."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from reading.topics import ROOT

# Folder -> what it may import besides the standard library and itself.
MAY_IMPORT = {
    "shared": {"argon2", "itsdangerous", "jinja2", "jwt", "multipart", "sqlalchemy", "structlog"},
    # anyio is how Starlette itself reads files and starts threads.
    "compat": {"anyio", "fastapi", "itsdangerous", "jinja2", "markupsafe", "starlette", "shared"},
    "flask_app": {
        "flask",
        "flask_cors",
        "flask_smorest",
        "httpx2",
        "itsdangerous",
        "marshmallow",
        "shared",
        "sqlalchemy",
        "webargs",
        "werkzeug",
    },
    "fastapi_app": {
        "compat",
        "fastapi",
        "httpx2",
        "pydantic",
        "pydantic_core",
        "shared",
        "sqlalchemy",
        "starlette",
    },
    # A room of their own: no app imports pytest, and tests may know what an app may not.
    "flask_app/tests": {"flask", "flask_app", "httpx2", "pytest", "shared"},
    "fastapi_app/tests": {
        "compat",
        "fastapi",
        "fastapi_app",
        "httpx2",
        "pytest",
        "shared",
        "starlette",
    },
    "contract_tests": {"openapi_spec_validator", "pytest", "requests", "servers", "urllib3"},
    "migration": {
        "a2wsgi",
        "compat",
        "contract_tests",
        "fastapi",
        "fastapi_app",
        "flask",
        "flask_app",
        "pytest",
        "reading",
        "servers",
        "shared",
        "starlette",
        "werkzeug",
    },
    "servers": {
        "compat",
        "fastapi",
        "fastapi_app",
        "flask",
        "flask_app",
        "gunicorn",
        "migration",
        "psycopg",
        "shared",
        "uvicorn",
        "uvicorn_worker",
    },
}
BLOCKED = ("flask", "werkzeug", "marshmallow", "fastapi", "starlette", "pydantic", "shared")
# What a test would have to say in order to treat one app differently.
TELLS = re.compile(r"flask|fastapi|gunicorn|uvicorn|served.by|target|serving|_run\b", re.IGNORECASE)
# Written in two halves, so that this file does not contain what it forbids.
FORBIDDEN = [
    first + second
    for first, second in (
        ("/wo", "rk/"),
        ("/ho", "me/"),
        ("/ro", "ot/"),
        ("/Us", "ers/[a-z]"),
        ("/tmp", "/env"),
        ("pypi.", "org"),
        ("python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("js", "delivr"),
        ("unp", "kg"),
        ("cdn", "js"),
        ("fonts.google", "apis"),
        ("fonts.gst", "atic"),
    )
]


def imported(file: Path) -> Iterator[str]:
    """The top-level names of what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports here are absolute"
            yield (node.module or "").partition(".")[0]


def conditions(tree: ast.AST) -> Iterator[str]:
    """The source of everything that decides what is run next."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield ast.unparse(node.test)
        elif isinstance(node, ast.Match):
            yield ast.unparse(node.subject)
        elif isinstance(node, ast.BoolOp):
            yield ast.unparse(node)
        elif isinstance(node, ast.comprehension):
            yield from map(ast.unparse, node.ifs)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("skipif", "skip")):
            yield ast.unparse(node)


@cache
def committed() -> tuple[Path, ...]:
    """The files that are in the repository, or would be after `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs git and a clone")
    files = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(file for file in files if file.is_file())


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_it_may_know(folder: str) -> None:
    allowed = {*sys.stdlib_module_names, *MAY_IMPORT[folder], folder}
    tests = ROOT / folder / "tests"
    foreign = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in (ROOT / folder).rglob("*.py")
        if not file.is_relative_to(tests)
        for name in imported(file)
        if name not in allowed
    }
    assert sorted(foreign) == []


def test_the_shared_room_is_synchronous() -> None:
    for file in (ROOT / "shared").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert not any(
            isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(tree)
        )
        assert "asyncio" not in imported(file)


def test_the_contract_can_be_collected_where_no_framework_is_installed() -> None:
    blocked = f"import sys; sys.modules.update(dict.fromkeys({BLOCKED!r}))"
    collect = "import pytest; sys.exit(pytest.main(['contract_tests', '--collect-only', '-qq']))"
    done = subprocess.run(
        [sys.executable, "-c", f"{blocked}; {collect}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "file", sorted((ROOT / "contract_tests").glob("test_*.py")), ids=lambda file: file.stem
)
def test_no_contract_test_asks_who_answers(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert [text for text in conditions(tree) if TELLS.search(text)] == []


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_file_names_a_machine_a_registry_or_a_cdn(word: str) -> None:
    pattern = re.compile(word.encode())
    assert [str(file) for file in committed() if pattern.search(file.read_bytes())] == []


IMPORT_APPS = """
import importlib, sys

APPS = ("flask_app", "fastapi_app", "shared", "compat", "servers")
NAMES = ("flask_app.app", "fastapi_app.app", "servers.wsgi", "servers.asgi")
for name in NAMES:  # the libraries are loaded now
    importlib.import_module(name)
for name in [name for name in sys.modules if name.partition(".")[0] in APPS]:
    del sys.modules[name]

def watch(event, arguments):
    code = str(arguments[0]).endswith((".py", ".pyc")) or ".pyc." in str(arguments[0])
    if event.startswith(("socket.", "subprocess.", "os.putenv")) or event == "open" and not code:
        print(event, arguments, file=sys.stderr)
        sys.exit(f"at import: {event} {arguments}")

sys.addaudithook(watch)
for name in NAMES:
    importlib.import_module(name)
"""


def test_importing_the_apps_opens_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_APPS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
