"""How fast is each app? `python -m benchmarks --quick` takes a minute, without it under ten."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import machine, pages, running, summary
from benchmarks.endpoints import ENDPOINTS
from benchmarks.running import PARTS, QUICK, Effort, Results, empty

RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; with --write also store the result and write the pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="what matters, in a minute")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=(), metavar="PART")
    parser.add_argument("--write", action="store_true", help="store the result, write the pages")
    parser.add_argument("--pages", action="store_true", help="write the pages from what is stored")
    options = parser.parse_args(arguments)
    if options.pages:
        return write_pages()
    if options.write and (options.only or options.quick):
        parser.error("only a run of all parts is stored: leave out --only and --quick (QUICK=1)")
    effort = QUICK if options.quick else Effort()
    results = run(effort, tuple(options.only) or effort.parts, quick=options.quick)
    console = Console(width=None if sys.stdout.isatty() else 110)
    summary.show(console, results)
    if options.write:
        store(results)
        write_pages()
    return 0


def run(effort: Effort, parts: tuple[str, ...], *, quick: bool) -> Results:
    """Measure, with a bar that tells how far it has come."""
    began = time.perf_counter()
    results = empty(quick)
    columns = (BarColumn(20), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress, ExitStack() as stack:
        bar = progress.add_task("setting up", total=None)
        # Counted first on an estimate: the steps are made while they run.
        total = _count(effort, parts)
        for done, (title, work) in enumerate(running.steps(results, effort, parts, stack)):
            progress.update(bar, description=title, total=total, completed=done)
            work()
        progress.update(bar, description="done", total=total, completed=total)
    results.seconds = round(time.perf_counter() - began, 1)
    results.load_after = machine.load()
    return results


def _count(effort: Effort, parts: tuple[str, ...]) -> int:
    numbers = {
        "judge": len(ENDPOINTS) + 1,
        "budgets": len(effort.budgets),
        "wire": len(effort.wire),
        "cross": 1 + bool(effort.waiters),
        "claims": 3,
    }
    return sum(numbers[part] for part in parts)


def store(results: Results) -> Path:
    """Keep a result under its date; what is stored is never changed."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{results.date.replace(':', '').replace('+0000', 'Z')}.json"
    with path.open("x", encoding="utf-8") as file:
        json.dump(results.as_json(), file, indent=1, sort_keys=False, default=asdict)
        file.write("\n")
    return path


def write_pages() -> int:
    """Write docs/how-fast.md and docs/claims.md from the newest result that is stored."""
    console = Console()
    stored = sorted(RESULTS.glob("*.json"))
    if not stored:
        console.print("No result is stored yet: make bench WRITE=1")
        return 2
    result = json.loads(stored[-1].read_text(encoding="utf-8"))
    for path, text in pages.written(result, stored[-1].name).items():
        path.write_text(text, encoding="utf-8")
        console.print(f"wrote {path.relative_to(RESULTS.parent.parent)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
