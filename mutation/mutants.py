"""The mutants of a file: one small change each, made by mutmut's operators.

mutmut itself leaves out decorators, annotations and the bodies of classes, since it switches
mutants on inside a running process. Here a mutant is a file of its own, and that is where route
files say what they promise, so its operators are asked about every node.
"""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("flask_app/routes", "fastapi_app/routes", "flask_app", "fastapi_app", "compat", "shared")
# The contract's servers trust no proxy; tests/test_behind_proxies.py starts some that do.
ELSEWHERE = ("compat/proxies.py",)
# FastAPI reads annotations; to the rest of the code they are comments.
ANNOTATED = "fastapi_app/"


@dataclass(frozen=True)
class Mutant:
    """`before` are the whole lines of `file` from `line` on that become `after`.

    `nth` tells apart changes that look the same, in the order of the file.
    """

    file: str
    line: int
    before: str
    after: str
    nth: int = 0

    @cached_property
    def key(self) -> str:
        """What a result is kept under; it outlives changes to other lines."""
        text = "\0".join((self.file, self.before, self.after, str(self.nth)))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def apply(self, root: Path) -> None:
        """Change the copy of the repository that lies at `root`."""
        path = root / self.file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        old = self.before.splitlines(keepends=True)
        start = self.line - 1
        if lines[start : start + len(old)] != old:
            raise ValueError(f"{self.file}:{self.line} no longer reads {self.before!r}")
        lines[start : start + len(old)] = [self.after]
        path.write_text("".join(lines), encoding="utf-8")

    def diff(self) -> str:
        """The change as a unified diff without context."""
        old, new = self.before.splitlines(), self.after.splitlines()
        head, *hunk = list(difflib.unified_diff(old, new, lineterm="", n=0))[2:]
        first = self.line - 1 + int(head.split()[1][1:].split(",")[0])
        return "\n".join([f"--- {self.file}:{first}", *(line for line in hunk if line[0] != "@")])


def files(root: Path = ROOT) -> list[str]:
    """What is mutated: route files, app-wide modules, the kit and the common room."""
    found = (path for place in PLACES for path in sorted((root / place).glob("*.py")))
    return [file for path in found if (file := path.relative_to(root).as_posix()) not in ELSEWHERE]


def mutants(file: str, root: Path = ROOT) -> list[Mutant]:
    """All mutants of a file, each once, in the order of its lines."""
    source = (root / file).read_text(encoding="utf-8")
    visitor = _Visitor(source, annotations=file.startswith(ANNOTATED))
    MetadataWrapper(cst.parse_module(source)).visit(visitor)
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for line, before, after in dict.fromkeys(visitor.changes):
        made.append(Mutant(file, line, before, after, seen[before, after]))
        seen[before, after] += 1
    return sorted(made, key=lambda mutant: mutant.line)


def sample(of: Iterable[Mutant], size: int, seed: int) -> list[Mutant]:
    """`size` mutants, the same ones for a seed as long as their own lines stay."""
    return sorted(of, key=lambda mutant: hashlib.sha256(f"{seed} {mutant.key}".encode()).digest())[
        :size
    ]


class _Visitor(cst.CSTVisitor):
    """Collects what the operators make of each node, as (line, lines before, lines after)."""

    METADATA_DEPENDENCIES = (WhitespaceInclusivePositionProvider,)

    def __init__(self, source: str, *, annotations: bool) -> None:
        super().__init__()
        self.lines = source.splitlines(keepends=True)
        self.annotations = annotations
        self.inside_annotation = False
        self.indent = 0
        self.changes: list[tuple[int, str, str]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.Annotation):
            self.inside_annotation = True
            return self.annotations
        self.indent += isinstance(node, cst.IndentedBlock)
        # `A | B` between types is no operation.
        if not (self.inside_annotation and isinstance(node, cst.BinaryOperation)):
            self.changes.extend(self._changes(node))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self.indent -= isinstance(original_node, cst.IndentedBlock)
        if isinstance(original_node, cst.Annotation):
            self.inside_annotation = False

    def _changes(self, node: cst.CSTNode) -> Iterator[tuple[int, str, str]]:
        for kind, operator in mutation_operators:
            if not isinstance(node, kind):
                continue
            for mutated in operator(node):
                place = self.get_metadata(WhitespaceInclusivePositionProvider, node)
                first, last = place.start, place.end
                lines = self.lines[first.line - 1 : last.line]
                before = "".join(lines)
                head, tail = lines[0][: first.column], lines[-1][last.column :]
                after = head + self._code(mutated) + tail
                if after != before:
                    yield first.line, before, after

    def _code(self, node: cst.CSTNode) -> str:
        """A node alone is written without the indentation of its block."""
        return cst.Module([]).code_for_node(node).replace("\n", "\n" + " " * 4 * self.indent)
