"""What is known of earlier runs, and what is known of mutants that no client can notice."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mutation.mutants import ROOT, Mutant
from mutation.trial import Outcome

FILE = ROOT / "reports" / "mutants.jsonl"
EQUIVALENT = Path(__file__).parent / "equivalent.toml"
# The keys of mutants that some earlier suite has killed, so that no machine has to begin anew.
KILLED = Path(__file__).parent / "killed.txt"
SUITE = ROOT / "contract_tests"
DOCUMENTS = "openapi"
# App-wide module -> the topics whose tests see most of it; to another one its own name is near.
NEAR = {
    "app": ("errors", "headers"),
    "configuration": ("settings",),
    "database": ("lifespan", "dependencies"),
    "errors": ("errors", "validation", "field_types"),
    "fields": ("field_types", "validation", "query_params"),
    "files": ("static_files",),
    "forms": ("pages",),
    "middleware": ("middleware", "headers", "cookies", "logging"),
    "pagination": ("customers", "orders"),
    "parsing": ("form", "json_body", "file_upload", "errors"),
    "schemas": ("validation", "field_types"),
    "security": ("tokens", "api_keys"),
    "templates": ("pages",),
}


@dataclass(frozen=True)
class Result:
    """An outcome and what it holds for: the mutant's key and the hash of the tests."""

    key: str
    suite: str
    file: str
    outcome: Outcome
    by: str
    seconds: float


class Results:
    """The results file: a line is added as soon as a mutant has been tried.

    Without one of its own, a mutant has the result that `killed` says.
    """

    def __init__(self, path: Path = FILE, killed: Path = KILLED) -> None:
        self.path, self.killed = path, killed
        self.by_key: dict[str, Result] = {}
        self.killed_before = set(killed.read_text().split()) if killed.exists() else set[str]()
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                result = Result(**json.loads(line))
                self.by_key[result.key] = result

    def add(self, result: Result) -> None:
        self.by_key[result.key] = result
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")

    def of(self, mutant: Mutant) -> Result | None:
        """What became of a mutant when it was tried last."""
        return self.by_key.get(mutant.key)

    def was_noticed(self, mutant: Mutant) -> bool:
        """Whether it was killed when it was tried last, here or elsewhere, by whatever suite."""
        found = self.of(mutant)
        return found.outcome != "survived" if found else mutant.key in self.killed_before

    def keep(self, every: Iterable[Mutant]) -> None:
        """Write the keys of those that were noticed, for other machines."""
        keys = sorted(mutant.key for mutant in every if self.was_noticed(mutant))
        self.killed.write_text("".join(f"{key}\n" for key in keys))

    def holds(self, mutant: Mutant) -> bool:
        """Whether that still holds: the tests that it rests on are what they were."""
        found = self.of(mutant)
        return found is not None and found.suite == killers_hash(found.by)


def near(file: str) -> tuple[str, ...]:
    """The topics whose tests are tried first: those that see most of a file, and the documents."""
    name = Path(file).stem
    return *NEAR.get(name, (name,)), DOCUMENTS


@cache
def suite_hash(topic: str = "") -> str:
    """A hash of the suite's machinery and of one topic's tests, or of all tests."""
    digest = hashlib.sha256()
    for path in sorted([*SUITE.glob("*.py"), *SUITE.glob("*.toml")]):
        name = path.stem.removeprefix("test_")
        if not topic or topic == name or name == path.stem:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def killers_hash(by: str) -> str:
    """A hash of what a kill rests on: the file of the test that failed, or the whole suite."""
    return suite_hash(Path(by.partition("::")[0]).stem.removeprefix("test_") if by else "")


@dataclass(frozen=True)
class Equivalent:
    """A change that no client can notice, and why; the lines are stripped."""

    file: str
    before: str
    after: str
    nth: int
    reason: str


Place = tuple[str, str, str, int]
Known = Mapping[Place, Equivalent]


def equivalents(path: Path = EQUIVALENT) -> Known:
    """The listed ones; `nth` is 0 where an entry does not say."""
    found: dict[Place, Equivalent] = {}
    for group in tomllib.loads(path.read_text(encoding="utf-8"))["group"]:
        for change in group["changes"]:
            entry = Equivalent(**{"nth": 0, **change, "reason": group["reason"]})
            found[entry.file, entry.before, entry.after, entry.nth] = entry
    return found


def listed(mutant: Mutant, known: Known) -> Equivalent | None:
    """The entry of a mutant, if it has one."""
    return known.get(_place(mutant))


def gone(mutants: Iterable[Mutant], known: Known) -> list[Equivalent]:
    """The listed ones that are no mutants of the code any more."""
    left = dict(known)
    for mutant in mutants:
        left.pop(_place(mutant), None)
    return list(left.values())


def _place(mutant: Mutant) -> Place:
    return mutant.file, _stripped(mutant.before), _stripped(mutant.after), mutant.nth


def _stripped(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())
