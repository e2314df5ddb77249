"""Which tests run which functions: a test that does not run a changed function cannot notice.

The servers of the first run note each function of the apps that is called, under the number of
the test that is running; the number lies in a file that the worker writes and they read.
"""

from __future__ import annotations

import ast
import mmap
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType

STARTING = 0  # the number before the first test

Function = tuple[str, int]  # its file, relative to the repository, and its first line


class Clock:
    """The number of the running test, in a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, STARTING
        path.write_bytes(bytes(4))

    def tick(self) -> int:
        self.number += 1
        with self.path.open("r+b") as file:
            file.write(self.number.to_bytes(4, "little"))
        return self.number


def trace(root: str, clock: str, notes: str) -> None:
    """From now on this process, its threads and children note what they call below `root`."""
    with open(clock, "rb") as file:
        number = mmap.mmap(file.fileno(), 4, access=mmap.ACCESS_READ)
    output = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    seen: set[tuple[bytes, CodeType]] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(root):
            return
        if (key := (number[:4], code)) not in seen:
            seen.add(key)
            file = os.path.relpath(code.co_filename, root)
            line = f"{int.from_bytes(key[0], 'little')} {code.co_firstlineno} {file}\n"
            os.write(output, line.encode())

    threading.settrace(note)
    sys.settrace(note)


class Coverage:
    """What was noted: for each function the numbers of the tests that called it."""

    def __init__(self, root: Path, notes: Path) -> None:
        self.root = root
        self.numbers: dict[Function, set[int]] = defaultdict(set)
        for text in notes.read_text(encoding="utf-8").splitlines():
            number, line, file = text.split(" ", 2)
            self.numbers[file, int(line)].add(int(number))

    def tests(self, file: str, line: int, names: Mapping[int, str]) -> set[str] | None:
        """The tests that could notice a change of this line; None if any could.

        What runs when a server starts concerns them all.
        """
        found = function_at((self.root / file).read_text(encoding="utf-8"), line)
        if found is None:
            return None
        numbers = self.numbers.get((file, found), set())
        return None if STARTING in numbers else {names[number] for number in numbers}


def function_at(source: str, line: int) -> int | None:
    """The first line of the innermost function whose body holds `line`, if there is one."""
    found = None
    for node in ast.walk(ast.parse(source)):  # outer ones come first
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            if node.body[0].lineno <= line <= node.end_lineno:
                found = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return found
