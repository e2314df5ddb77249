"""What the reader sees: legible on dark and on light ground, and without any colour."""

import difflib
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from workshop import course
from workshop.course import Step
from workshop.judge import State, Verdict
from workshop.progress import Progress

WIDTH = 80
COLUMNS = 3
LEGEND = "+ done   s skipped   ! changed since   > current   . to do"
# Of the eight plain colours, those that stand out from black and from white alike.
STYLES = {
    State.DONE: "bold green",
    State.NOT_PORTED: "bold cyan",
    State.BROKEN: "bold red",
    State.NO_START: "bold magenta",
}
MARK_STYLES = {"+": "green", "s": "cyan", "!": "magenta", ">": "bold", ".": ""}
MOST_LINES = 60


def console() -> Console:
    """A console without escape sequences where nobody could read them, or nobody wants them."""
    plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    return Console(
        color_system=None if plain else "standard", highlight=False, width=max(columns, 40)
    )


def show(lines: Iterable[Text | str]) -> None:
    to = console()
    for line in lines:
        to.print(line if isinstance(line, Text) else Text(line), soft_wrap=True)


def grid(progress: Progress) -> Iterator[Text]:
    """Every step with its mark, in columns that are read downwards."""
    steps = list(course.load().values())
    current = progress.current()
    done = sum(step.slug in progress.done for step in steps)
    skipped = f", {len(progress.skipped)} skipped" if progress.skipped else ""
    yield Text(f"{done} of {len(steps)} steps done{skipped}", "bold")
    yield Text()
    rows = -(-len(steps) // COLUMNS)
    for row in range(rows):
        line = Text()
        for step in steps[row::rows]:
            mark = _mark(step, current, progress)
            line.append(f"  {mark} {step.number:2} {step.slug:<18}", MARK_STYLES[mark])
        line.rstrip()
        yield line
    yield Text()
    yield Text(f"  {LEGEND}")


def _mark(step: Step, current: Step | None, progress: Progress) -> str:
    if progress.changed(step):
        return "!"
    if step.slug in progress.done:
        return "+"
    if step.slug in progress.skipped:
        return "s"
    return ">" if step == current else "."


def verdict(found: Verdict) -> Iterator[Text]:
    """A verdict: the state first, then the reader's line, then what explains it."""
    took = f"  ({found.passed} tests, {found.seconds:.1f} s)" if found.passed else ""
    yield Text.assemble((f"{found.step.slug}: ", "bold"), (found.state, STYLES[found.state]), took)
    if found.reason:
        yield Text(f"  {found.reason}")
    if found.place:
        yield Text.assemble("  at ", (found.place, "bold"))
    if found.detail:
        yield Text()
        lines = list(essential(found.detail.splitlines()))
        yield from (_coloured(line) for line in lines[:MOST_LINES])
        if len(lines) > MOST_LINES:
            yield Text(f"  ... {len(lines) - MOST_LINES} more lines")


def essential(lines: Iterable[str]) -> Iterator[str]:
    """An account without the headers that are the same in both answers."""
    in_headers = False
    for line in lines:
        if re.match(r"[ +-]status: ", line):
            in_headers = True
        elif in_headers and not line.strip():
            in_headers = False
        elif in_headers and line.startswith(" "):
            continue
        yield line


def _coloured(line: str) -> Text:
    style = {"-": "red", "+": "green"}.get(line[:1], "")
    return Text(f"  {line}", style)


def next_step(progress: Progress) -> Iterator[Text]:
    """What to do now."""
    step = progress.current()
    if step is None:
        yield Text("All steps are over. Your app is complete: make contract is its judge now.")
        return
    yield Text.assemble(
        (f"Step {step.number}, {step.title}", "bold"), f": read {step.page}, edit {step.file}"
    )
    yield Text(f"Stuck? In another terminal: make hint STEP={step.slug}")


def page(step: Step) -> Iterator[Text]:
    yield from (Text(line) for line in course.read(step.page).splitlines())


def difference(step: Step, own: str, solution: str) -> Iterator[Text]:
    """The reader's file and the solution as a diff."""
    lines = list(
        difflib.unified_diff(
            own.splitlines(),
            solution.splitlines(),
            str(step.file),
            str(step.solution),
            "",
            "",
            3,
            "",
        )
    )
    if not lines:
        yield Text(f"{step.file} is the solution, line for line.")
    for line in lines:
        style = {"-": "red", "+": "green", "@": "cyan"}.get(line[:1], "")
        yield Text(line, "bold" if line.startswith(("---", "+++")) else style)


def steps(progress: Progress) -> Iterator[str]:
    """The names that STEP may have, for who gave none or an unknown one."""
    yield "The steps are:"
    yield from wrap(
        ", ".join(course.load()), WIDTH - 4, initial_indent="  ", subsequent_indent="  "
    )
    if step := progress.current():
        yield f"You are at: {step.slug}"
