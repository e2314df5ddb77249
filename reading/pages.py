"""What the pages of the site say that no text file does: counted, cut or recorded."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from markupsafe import Markup

from reading import examples, topics
from reading.alignment import shares
from reading.code import (
    SIDES,
    Cut,
    NoSuchCode,
    cut,
    definitions,
    definitions_html,
    listing_html,
    pair_html,
)
from reading.examples import Answer, Example
from reading.topics import APPS, ROOT, Topic

DIFFERENCES = "docs/measured-differences.md"
ROW = re.compile(r"^\| ([\w-]+) \| (.*?) \| (closed|intended[^|]*) \| (.*?) \|$", re.MULTILINE)
TEST = re.compile(r"`(contract_tests/test_\w+\.py):(\w+)`")
# Where files stand that are shown whole, besides the twins.
LISTED = {"compat": "*.py", "contract_tests": "test_*.py"}
WORKSHOP = "workshop"
REPORTS = ("mutants", "raw-requests")


@dataclass(frozen=True)
class Twins:
    """A file that both apps have, under the same name."""

    name: str  # "routes/cookies.py"

    @cached_property
    def cuts(self) -> tuple[Cut, Cut]:
        flask, fastapi = (cut(f"{app}/{self.name}") for app in APPS)
        return flask, fastapi

    @property
    def page(self) -> str:
        folder, _, file = self.name.removesuffix(".py").rpartition("/")
        return f"topics/{file}.html" if folder == "routes" else f"pairs/{file}.html"

    @property
    def title(self) -> str:
        return self.name.removesuffix(".py")

    @cached_property
    def rows(self) -> Markup:
        return pair_html(*self.cuts)

    @property
    def lines(self) -> tuple[int, int]:
        """How many lines are not blank, on each side."""
        flask, fastapi = (sum(bool(line.strip()) for line in side.lines) for side in self.cuts)
        return flask, fastapi

    @cached_property
    def shares(self) -> tuple[float, float]:
        """The share of lines that are the same, and of those that have a counterpart."""
        one, other = self.cuts
        return shares(one.lines, other.lines)

    @cached_property
    def imports(self) -> tuple[list[str], list[str]]:
        """The modules that each side imports and the other does not: libraries, and own files."""
        one, other = (_imports(side.path) for side in self.cuts)
        return sorted(one - other), sorted(other - one)

    @property
    def kept(self) -> list[str]:
        """The files of compat/ that FastAPI's side leans on."""
        files = (module.replace(".", "/") + ".py" for module in self.imports[1])
        return [file for file in files if file.startswith("compat/")]


@dataclass(frozen=True)
class Case:
    """A test of the contract, in words."""

    words: str
    path: str
    name: str


@dataclass(frozen=True)
class Difference:
    """A measured difference of a naive port, and the tests of a topic that close it."""

    name: str
    text: str
    tests: Sequence[str]


@dataclass(frozen=True)
class Trial:
    """An example with what was recorded, without the headers that are told once."""

    example: Example
    answer: Answer

    @property
    def used(self) -> set[str]:
        """The names in braces that the example's request has."""
        request = self.example.request
        parts = "".join(part.value for part in request.parts)
        text = f"{request.path} {request.headers} {request.body} {parts}"
        return set(re.findall(r"\{(\w+)\}", text))

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [header for header in self.answer.headers if tuple(header) not in common_headers()]


def twins() -> list[Twins]:
    """All twin modules that are no topic's and no test, in alphabetical order."""
    return [
        Twins(path.name)
        for path in sorted((ROOT / APPS[0]).glob("*.py"))
        if path.name != "__init__.py" and (ROOT / APPS[1] / path.name).exists()
    ]


def listed() -> list[str]:
    """The files with a page of their own that have no twin."""
    found = []
    for folder, pattern in LISTED.items():
        files = sorted((ROOT / folder).glob(pattern))
        found += [f"{folder}/{file.name}" for file in files if file.name != "__init__.py"]
    return found


def listing(path: str) -> Markup:
    """A file with an anchor at each line; one of tests, the largest, at each definition."""
    if not path.startswith("contract_tests/"):
        return listing_html(cut(path))
    spans = definitions(ROOT / path).items()
    return definitions_html(cut(path), [span for name, span in spans if "." not in name])


def places() -> dict[str, str]:
    """The page of each file that has one, as far as it is code."""
    found = {}
    for path in listed():
        folder, _, name = path.removesuffix(".py").partition("/")
        found[path] = f"{folder.removesuffix('_tests')}/{name.removeprefix('test_')}.html"
    own = [*twins(), *(Twins(f"routes/{slug}.py") for slug in topics.load())]
    for pair in own:
        found |= {f"{app}/{pair.name}": pair.page for app in APPS}
    return found


def anchor(path: str, name: str) -> str:
    """The anchor of a definition on the page of its file. Raises NoSuchCode."""
    found = definitions(ROOT / path)
    if name not in found:
        raise NoSuchCode(f"there is no {name!r} in {path}")
    for app, side in zip(APPS, SIDES, strict=True):
        if path.startswith(f"{app}/"):
            return f"{side}-{found[name][0]}"
    return str(found[name][0])


def cases(topic: Topic) -> list[Case]:
    """The tests of a topic's contract, in the order in which they stand."""
    path = topic.contract.as_posix()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [
        Case(name.removeprefix("test_").replace("_", " "), path, name)
        for name in names
        if name.startswith("test_")
    ]


def differences() -> dict[str, list[Difference]]:
    """The measured differences that the tests of each topic close, by its slug."""
    found: dict[str, list[Difference]] = {slug: [] for slug in topics.load()}
    for name, text, _, tests in ROW.findall((ROOT / DIFFERENCES).read_text(encoding="utf-8")):
        by_topic: dict[str, list[str]] = {}
        for path, test in TEST.findall(tests):
            slug = Path(path).stem.removeprefix("test_")
            by_topic.setdefault(slug, []).append(test)
        for slug, own in by_topic.items():
            if slug in found:
                found[slug].append(Difference(name, text, own))
    return found


def trials() -> dict[str, list[Trial]]:
    """The examples of each topic, by its slug. Raises NoSuchCode for one without a recording."""
    found: dict[str, list[Trial]] = {slug: [] for slug in topics.load()}
    answers = examples.recorded()
    for example in examples.load():
        if example.topic not in found:
            raise NoSuchCode(f"there is no topic {example.topic!r}, which an example names")
        if example.key not in answers:
            raise NoSuchCode(f"the example {example.key} is not recorded; see `make record`")
        found[example.topic].append(Trial(example, answers[example.key]))
    return found


@cache
def common_headers() -> list[tuple[str, str]]:
    """The headers that almost every recorded answer has: they are told once."""
    answers = list(examples.recorded().values())
    counted: dict[tuple[str, str], int] = {}
    for answer in answers:
        for name, value in answer.headers:
            counted[name, value] = counted.get((name, value), 0) + 1
    return [header for header, times in counted.items() if times > 0.7 * len(answers)]


def specification(trial: Trial) -> dict[str, object]:
    """An example as the page's script reads it."""
    example = trial.example
    return {
        "before": [_step(request) for request in example.before],
        "request": _step(example.request),
        "volatile": list(example.volatile),
        "cookies": [value for name, value in trial.answer.headers if name == "set-cookie"],
    }


def matrix() -> list[list[str]]:
    """The rows of the last run's matrix, as the README shows it; the first one has the titles."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^```text\n(topic .*?)^```", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise NoSuchCode("README.md has no matrix")
    return [re.split(r"\s{2,}", line) for line in found[1].splitlines()]


def readable(path: Path) -> Iterator[Path]:
    """The Markdown files that become pages, besides those of the topics."""
    for folder in ("docs", WORKSHOP, "migration", "benchmarks", "differences"):
        for file in sorted((path / folder).glob("*.md")):
            # What is no page by itself, or a report for those who work on the repository.
            if file.read_text(encoding="utf-8").startswith("# ") and file.stem not in REPORTS:
                yield file
    for file in sorted((path / WORKSHOP / "steps").glob("*.md")):
        if file.stem not in topics.load(path):  # the others stand on the pages of their topics
            yield file
    yield path / "CONTRIBUTING.md"


def _step(request: examples.Request) -> Mapping[str, object]:
    parts = [vars(part) for part in request.parts]
    step = {
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": request.body,
        "parts": parts,
        "take": list(request.take),
        "credentials": request.credentials,
    }
    return {name: value for name, value in step.items() if value}


def _imports(path: str) -> set[str]:
    """The libraries that a file imports, and the modules of this repository."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            own = (ROOT / node.module.partition(".")[0]).is_dir()
            found.add(node.module if own else node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found - sys.stdlib_module_names
