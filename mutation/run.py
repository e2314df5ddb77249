"""The front of `make mutants`: tries what is not known yet, and tells what survives."""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from mutation.mutants import Mutant, files, mutants, sample
from mutation.results import (
    Known,
    Result,
    Results,
    equivalents,
    gone,
    killers_hash,
    listed,
    near,
)
from mutation.trial import Job, Verdict, work

WORKERS = 2
# From so many mutants on it pays that one more worker runs the suite as it is, and that this first
# run notes which test calls what, which more than doubles its time.
WORTH = 100
LIMIT = 180.0  # seconds a mutant gets; the suite takes a third of it on a slow and busy machine
PATIENCE = 15.0  # seconds it gets at first; those that nobody has noticed until then come last
STOP = 10.0  # seconds a worker gets to stop its servers
TELL = 15.0  # seconds between two lines of progress
MOST_KILLERS = 40


class Red(Exception):
    """The suite fails, or cannot run, without any change."""


def trial(
    chosen: Sequence[Mutant],
    results: Results,
    workers: int = WORKERS,
    last: list[Mutant] | None = None,
) -> Iterator[tuple[Mutant, Result]]:
    """Try mutants and yield each with its result, which is kept already. Raises Red.

    Those that take longer than PATIENCE are put into `last` and tried when the others are done.
    """
    killers: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results.by_key.values():
        if result.outcome == "killed":
            killers[result.file][result.by] += 1
    todo = list(reversed(chosen))
    last = [] if last is None else last
    again: set[str] = set()
    wanted = min(workers, 1 + len(todo) // WORTH)
    with _workers(wanted, noting=len(todo) >= WORTH) as connections:
        doing: dict[Connection, Mutant | None] = {}
        doing.update(dict.fromkeys(connections))  # each begins with the suite as it is
        while doing:
            for ready in wait(list(doing)):
                assert isinstance(ready, Connection)
                mutant, verdict = doing.pop(ready), _received(ready)
                if mutant is None and verdict.outcome != "survived":
                    raise Red(f"without any change: {verdict.outcome} by {verdict.by}")
                if mutant and verdict.outcome == "timed out" and mutant.key not in again:
                    again.add(mutant.key)
                    last.append(mutant)
                elif mutant is not None:
                    result = _result(mutant, verdict)
                    results.add(result)
                    if result.outcome == "killed":
                        killers[mutant.file][result.by] += 1
                    yield mutant, result
                if todo or last:
                    doing[ready] = following = todo.pop() if todo else last.pop(0)
                    first = [name for name, _ in killers[following.file].most_common(MOST_KILLERS)]
                    limit = LIMIT if following.key in again else PATIENCE
                    ready.send(Job(following, near(following.file), first, limit))


def _received(connection: Connection) -> Verdict:
    try:
        verdict: Verdict = connection.recv()
    except EOFError:
        raise Red("a worker ended: does `make contract` pass?") from None
    return verdict


def _result(mutant: Mutant, verdict: Verdict) -> Result:
    suite = killers_hash(verdict.by)
    return Result(mutant.key, suite, mutant.file, verdict.outcome, verdict.by, verdict.seconds)


@contextmanager
def _workers(count: int, *, noting: bool) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    started = []
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, noting))
            process.start()
            theirs.close()
            started.append((process, ours))
        yield [ours for _, ours in started]
    finally:
        for process, ours in started:
            if process.is_alive():
                _dismiss(ours)
        for process, ours in started:
            process.join(STOP)
            if process.is_alive():
                process.terminate()
                process.join()
            ours.close()


def _dismiss(connection: Connection) -> None:
    with suppress(OSError):
        connection.send(None)


def pending(
    found: Sequence[Mutant], results: Results, known: Known, *, only_new: bool
) -> list[Mutant]:
    """The mutants that have no result that counts.

    With `only_new` a kill by an earlier suite counts, and so does an entry among those listed.
    """
    return [
        mutant
        for mutant in found
        if not results.holds(mutant)
        and not (only_new and (results.was_noticed(mutant) or listed(mutant, known)))
    ]


def table(found: Sequence[Mutant], results: Results, known: Known) -> list[str]:
    """Counts by file, and their sum; the share leaves out what no client can notice."""
    names = ("killed", "timed out", "not started", "survived", "equivalent")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in found:
        result = results.of(mutant)
        outcome: str = result.outcome if result else "untried"
        if outcome == "untried" and results.was_noticed(mutant):
            outcome = "killed"
        if outcome == "survived" and listed(mutant, known):
            outcome = "equivalent"
        counts[mutant.file][outcome] += 1
    counts["all"] = sum((counts[file] for file in list(counts)), Counter())
    lines = ["file                               made  killed  late  dead  alive  equal   share"]
    for file, count in counts.items():
        noticeable = count.total() - count["equivalent"] - count["untried"]
        share = 1 - count["survived"] / noticeable if noticeable else 1
        cells = [count.total(), *(count[name] for name in names)]
        widths = (4, 6, 4, 4, 5, 5)
        row = "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{file:33}  {row}  {share:6.1%}")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", help="files or folders to mutate (default: all)")
    parser.add_argument("--sample", type=int, metavar="N", help="try N mutants only")
    parser.add_argument("--seed", type=int, default=1, help="which N (default: 1)")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--results", type=Path, help="another results file")
    parser.add_argument(
        "--new", action="store_true", help="only what no suite has killed and no list explains"
    )
    options = parser.parse_args(arguments)
    if options.results:
        results = Results(options.results, options.results.with_suffix(".killed"))
    else:
        results = Results()
    known = equivalents()
    every = [mutant for file in files() for mutant in mutants(file)]
    found = [mutant for mutant in every if _wanted(mutant.file, options.paths)]
    if options.sample:
        found = sample(found, options.sample, options.seed)
    todo = pending(found, results, known, only_new=options.new)
    print(f"{len(found)} mutants, {len(todo)} to try", flush=True)
    # A shell's background job is told to ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _try_all(todo, results, known, options.workers)
    except Red as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    finally:
        results.keep(every)
    return _tell(found, every, results, known)


def _wanted(file: str, paths: Sequence[str]) -> bool:
    return not paths or any(
        file == path or file.startswith(path.rstrip("/") + "/") for path in paths
    )


def _try_all(
    todo: Sequence[Mutant],
    results: Results,
    known: Known,
    workers: int,
) -> None:
    began = told = time.monotonic()
    outcomes: Counter[str] = Counter()
    last: list[Mutant] = []
    tried = trial(todo, results, workers, last) if todo else ()
    for done, (mutant, result) in enumerate(tried, 1):
        outcomes[result.outcome] += 1
        if result.outcome == "survived" and not listed(mutant, known):
            print(f"survived {mutant.diff()}", flush=True)
        now = time.monotonic()
        if now - told > TELL:
            told, left = now, (now - began) / done * (len(todo) - done) / 60
            counts = ", ".join(f"{count} {name}" for name, count in outcomes.items())
            counts += f", {len(last)} unnoticed so far" if last else ""
            print(f"{done} of {len(todo)}: {counts}; about {left:.0f} minutes left", flush=True)


def _tell(
    found: Sequence[Mutant],
    every: Sequence[Mutant],
    results: Results,
    known: Known,
) -> int:
    print("", *table(found, results, known), sep="\n")
    alive, stale = [], []
    for mutant in found:
        result, entry = results.of(mutant), listed(mutant, known)
        if result and result.outcome == "survived" and entry is None:
            alive.append(mutant)
        if result and result.outcome != "survived" and entry is not None:
            stale.append(
                f"{mutant.diff()}\nis listed as equivalent, but {result.outcome} {result.by}"
            )
    for mutant in alive:
        print(f"\nsurvived {mutant.diff()}")
    for entry in gone(every, known):
        stale.append(f"{entry.file}: listed as equivalent, but no mutant: {entry.before!r}")
    for text in stale:
        print(f"\nstale: {text}")
    return 1 if alive or stale else 0
