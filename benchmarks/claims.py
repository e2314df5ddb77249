"""Figures for what is usually claimed of the two frameworks."""

import importlib.metadata
import io
import json
import re
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import calling, validation
from benchmarks.calling import AsgiCaller, Caller, WsgiCaller
from benchmarks.judging import Spread, measure, ratios
from benchmarks.serving import serve, serve_words
from benchmarks.wire import CONNECTIONS, answers, cell, in_turns
from benchmarks.world import World
from servers.running import ROOT, free_port

DEPENDENCIES = {
    "flask": ("flask", "flask-cors", "flask-smorest", "marshmallow", "gunicorn"),
    "fastapi": ("fastapi", "pydantic", "python-multipart", "uvicorn", "httptools", "uvloop"),
}
NODE = """
const body = '{"hello":"world"}';
require("http").createServer((request, response) => {
  response.writeHead(200, {"content-type": "application/json", "content-length": body.length});
  response.end(body);
}).listen(Number(process.argv[1]), "127.0.0.1");
"""
_COMMENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def runtimes(folder: Path, *, rounds: int, seconds: float) -> dict[str, dict[str, Any]]:
    """A JSON greeting on each runtime: the bare frameworks, and Node where it is there.

    Rates are compared with FastAPI's inside each round.
    """
    request = calling.Request(path="/def")
    fast = calling.Request(path="/async")
    with ExitStack() as stack:
        servers = {
            "Flask, gunicorn": (
                stack.enter_context(serve("gunicorn", "cross", {}, folder)),
                request,
            ),
            "FastAPI, uvicorn": (stack.enter_context(serve("uvicorn", "cross", {}, folder)), fast),
            "no framework, uvicorn": (
                stack.enter_context(serve("uvicorn", "bare", {}, folder)),
                request,
            ),
        }
        if node := shutil.which("node"):
            port = free_port()
            words = [node, "-e", NODE, str(port)]
            server = stack.enter_context(serve_words("node", words, port, {}, folder))
            servers["Node, http"] = (server, request)
        for server, asked in servers.values():
            answers(server, asked)
        works = {name: _loop(*pair, seconds) for name, pair in servers.items()}
        in_turns(works, 1)
        cells = in_turns(works, rounds)
    reference = cells["FastAPI, uvicorn"]
    return {
        name: {
            "rate": median(c.load.rate for c in done),
            "cpu": median(c.per_answer for c in done),
            "cpu_ratio": Spread.of(
                [
                    c.per_answer / max(r.per_answer, 1e-9)
                    for c, r in zip(done, reference, strict=True)
                ]
            ),
            "errors": sum(c.load.failed for c in done),
        }
        for name, done in cells.items()
    }


def _loop(server: Any, request: calling.Request, seconds: float) -> Callable[[], Any]:
    return lambda: cell(server, request, CONNECTIONS, seconds)


def validated(*, rounds: int, block: float) -> dict[str, Spread]:
    """The processor time of a validated JSON body against the same body only parsed."""
    callers: dict[str, Caller] = {
        "flask parsed": WsgiCaller(validation.flask_app()),
        "fastapi parsed": AsgiCaller(validation.fastapi_app()),
    }
    callers |= {"flask validated": callers["flask parsed"]}
    callers |= {"fastapi validated": callers["fastapi parsed"]}
    works = {}
    for name, caller in callers.items():
        request = validation.request(name.partition(" ")[2])
        if caller.call(request).status != 200:
            raise RuntimeError(f"{name} is refused")
        works[name] = _repeat(caller, request)
    times = measure(works, rounds=rounds, block=block)
    for name in ("flask parsed", "fastapi parsed"):
        callers[name].close()
    return {app: ratios(times, f"{app} validated", f"{app} parsed") for app in DEPENDENCIES}


def _repeat(caller: Caller, request: calling.Request) -> Callable[[int], None]:
    return lambda times: caller.repeat(request, times)


def fresh(world: World, *, rounds: int) -> dict[str, dict[str, float]]:
    """Each app made in a new process: what imports, the app and its document take."""
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for app in DEPENDENCIES:
            words = [sys.executable, "-m", "benchmarks.fresh", app, world.settings.database_url]
            told = subprocess.run(words, cwd=ROOT, capture_output=True, check=True, text=True)
            found.setdefault(app, []).append(json.loads(told.stdout))
    return {
        app: {key: median(one[key] for one in many) for key in many[0]}
        for app, many in found.items()
    }


def lines() -> dict[str, dict[str, int]]:
    """Lines of code, without blank lines, comments and docstrings."""
    found = {
        app: {
            "routes": _lines(f"{app}_app/routes"),
            "app-wide": _lines(f"{app}_app", deep=False),
        }
        for app in DEPENDENCIES
    }
    found["fastapi"]["compat"] = _lines("compat")
    return found


def _lines(folder: str, *, deep: bool = True) -> int:
    files = (ROOT / folder).rglob("*.py") if deep else (ROOT / folder).glob("*.py")
    return sum(code_lines(file.read_text(encoding="utf-8")) for file in files)


def code_lines(source: str) -> int:
    """How many lines hold code; a text that stands for itself is a docstring."""
    held: set[int] = set()
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}:
            if not all(part.type == tokenize.STRING for part in statement):
                for part in statement:
                    held.update(range(part.start[0], part.end[0] + 1))
            statement = []
        elif token.type not in _COMMENT:
            statement.append(token)
    return len(held)


def dependencies() -> dict[str, int]:
    """How many packages each app's own ones bring with them, without extras."""
    return {app: len(_closure(names)) for app, names in DEPENDENCIES.items()}


def _closure(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        try:
            needed = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or version
        found.add(name)
        todo += [_name(line) for line in needed if "extra ==" not in line]
    return found


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found[0] if found else ""
