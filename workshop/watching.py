"""Serve the reader's app, judge it at each save, and show the board."""

import os
import sys
import time
from pathlib import Path

from watchfiles import PythonFilter
from watchfiles import watch as changes
from watchfiles.main import FileChange

from servers.doctor import WORKSHOP_PORT
from servers.ports import holder, is_busy
from workshop import board, course, progress
from workshop.course import MY_APP, ROOT, Step
from workshop.judge import Judge, JudgeError, State, Verdict

POLL = 200  # milliseconds
CLEAR = "\033[2J\033[H"


def watch() -> int:
    """Until Ctrl-C: 0. Where it cannot begin: 2."""
    try:
        port = choose_port()
    except PortError as error:
        print(error, file=sys.stderr)
        return 2
    began = time.monotonic()
    try:
        with Judge(port) as judge:
            begun = False
            # It also yields when nothing was saved; from the first time on no save is missed.
            for found in changes(
                ROOT / MY_APP,
                watch_filter=Sources(),
                raise_interrupt=True,
                rust_timeout=POLL,
                yield_on_timeout=True,
            ):
                if not begun:
                    begin(judge, began)
                    begun = True
                elif found:
                    look(judge, of(found))
    except KeyboardInterrupt:
        print("\nstopped; make workshop goes on where you are")
    return 0


class Sources(PythonFilter):
    """Python files, but not those that were set aside."""

    def __call__(self, change: object, path: str) -> bool:
        return "backups" not in Path(path).parts and super().__call__(change, path)  # type: ignore[arg-type]


class PortError(ValueError):
    """What is wanted is no port, or somebody else has it."""


def wanted_port() -> int:
    """The port of the reader's app. Raises PortError if it is none."""
    variable, default = WORKSHOP_PORT
    value = os.environ.get(variable) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise PortError(f"{variable} must be a port, 1 to 65535, not {value!r}")
    return int(value)


def choose_port() -> int:
    """The same. Raises PortError also if it is busy."""
    port = wanted_port()
    if is_busy(port):
        raise PortError(
            f"port {port} is busy: {holder(port)}.\n"
            f"Stop that, or choose another port: make workshop {WORKSHOP_PORT[0]}={port + 1000}"
        )
    return port


def begin(judge: Judge, began: float) -> None:
    """The page of the current step, and the first board."""
    known = progress.load()
    step = known.current()
    if step is not None:
        board.show(["", *board.page(step), ""])
    look(judge, step or last(), clear=False)
    board.show([f"First board after {time.monotonic() - began:.1f} s. Ctrl-C stops."])


def of(found: set[FileChange]) -> Step:
    """The step whose file was saved: the current one if it is among them, or if there is none."""
    names = {str(Path(path).relative_to(ROOT)) for _, path in found}
    saved = [step for step in course.load().values() if str(step.file) in names]
    current = progress.load().current()
    if current is not None and (current in saved or not saved):
        return current
    return saved[0] if saved else last()


def last() -> Step:
    return list(course.load().values())[-1]


def look(judge: Judge, step: Step, *, clear: bool = True) -> None:
    """Judge a step and show the board."""
    if clear and sys.stdout.isatty():
        print(CLEAR, end="")
    board.show([f"checking {step.slug} ..."])
    try:
        verdict = judge.check(step, progress.load())
    except JudgeError as error:
        board.show([str(error)])
        return
    finally:
        judge.prepare()
    was_done = step.slug in progress.load().done
    known = note(verdict)
    board.show(["", *board.grid(known), "", *board.verdict(verdict), ""])
    if verdict.state is State.DONE and not was_done and (following := known.current()):
        board.show(["", *board.page(following), ""])
    board.show(board.next_step(known))
    board.show([f"Your app: {judge.url} (X-Served-By tells who answered)"])


def note(verdict: Verdict) -> progress.Progress:
    """Keep what a check found out."""
    known = progress.load()
    if verdict.state is State.DONE:
        known.pass_(verdict.step)
    elif verdict.step.slug in known.done:
        known.forget(verdict.step)
    known.save()
    return known
