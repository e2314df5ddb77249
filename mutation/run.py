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
LIMIT = 180.0  # seconds a mutant gets; the suite takes a third of it on a slow and busy machine
STOP = 10.0  # seconds a worker gets to stop its servers
TELL = 15.0  # seconds between two lines of progress
MOST_KILLERS = 40


class Red(Exception):
    """The suite fails, or cannot run, without any change."""


def trial(
    chosen: Sequence[Mutant], results: Results, workers: int = WORKERS
) -> Iterator[tuple[Mutant, Result]]:
    """Try mutants and yield each with its result, which is kept already. Raises Red."""
    killers: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results.by_key.values():
        if result.outcome == "killed":
            killers[result.file][result.by] += 1
    todo = list(reversed(chosen))
    with _workers(min(workers, len(todo))) as connections:
        doing: dict[Connection, Mutant | None] = {}
        doing.update(dict.fromkeys(connections))  # each begins with the suite as it is
        while doing:
            for ready in wait(list(doing)):
                assert isinstance(ready, Connection)
                mutant, verdict = doing.pop(ready), _received(ready)
                if mutant is None and verdict.outcome != "survived":
                    raise Red(f"without any change: {verdict.outcome} by {verdict.by}")
                if mutant is not None:
                    result = _result(mutant, verdict)
                    results.add(result)
                    if result.outcome == "killed":
                        killers[mutant.file][result.by] += 1
                    yield mutant, result
                if todo:
                    doing[ready] = following = todo.pop()
                    first = [name for name, _ in killers[following.file].most_common(MOST_KILLERS)]
                    ready.send(Job(following, near(following.file), first, LIMIT))


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
def _workers(count: int) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    started = []
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs,))
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


def pending(found: Sequence[Mutant], results: Results, *, keep_kills: bool) -> list[Mutant]:
    """The mutants that have no result that counts."""
    return [
        mutant
        for mutant in found
        if not results.holds(mutant) and not (keep_kills and results.was_noticed(mutant))
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
        "--keep-kills", action="store_true", help="a kill by an earlier suite counts as well"
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
    todo = pending(found, results, keep_kills=options.keep_kills)
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
    for done, (mutant, result) in enumerate(trial(todo, results, workers) if todo else (), 1):
        outcomes[result.outcome] += 1
        if result.outcome == "survived" and not listed(mutant, known):
            print(f"survived {mutant.diff()}", flush=True)
        now = time.monotonic()
        if now - told > TELL:
            told, left = now, (now - began) / done * (len(todo) - done) / 60
            counts = ", ".join(f"{count} {name}" for name, count in outcomes.items())
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
