"""`python -m fuzzing [N] [--seed S]`: N requests to each of two servers; 1 if they differ.

`python -m fuzzing --raw [--write]`: the table of docs/raw-requests.md; 1 if a rule is broken.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from contract_tests import targets
from contract_tests.targets import Target
from fuzzing import raw
from fuzzing.run import Fuzzer, Result

COUNT = 10_000
PAGE = Path(__file__).resolve().parent.parent / "docs" / "raw-requests.md"


def main(arguments: list[str] | None = None) -> int:
    """Fuzz both apps, or two servers given by URL; 1 if their answers differ."""
    options = _parser().parse_args(arguments)
    if options.raw:
        return raw_main(options.target, write=options.write)
    seed = options.seed or str(time.time_ns() % 10**9)
    with running(options.target) as chosen:
        say(f"{options.count:,} requests to each of two servers; --seed {seed} makes them again")
        result = Fuzzer(chosen, seed, say, only=options.only).run(
            options.count, most=options.most, seconds=options.seconds
        )
    say(summary(result, seed))
    return 1 if result.groups else 0


def raw_main(given: list[str], *, write: bool) -> int:
    """Print the page of raw requests, or write it; 1 if a rule is broken for no known reason."""
    with running(given) as chosen:
        rows = raw.rows(chosen)
    text = raw.page(rows)
    if write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        say(text)
    broken = [row for row in rows if row.broken and not row.case.known]
    say(f"{len(rows)} raw requests, {len(broken)} break a rule")
    for row in broken:
        say(f"  {row.case.group}, {row.case.name}: {'; '.join(row.broken)}")
    return 1 if broken else 0


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def summary(result: Result, seed: str) -> str:
    """What was done and found, in a few lines."""
    statuses = ", ".join(f"{status}: {n:,}" for status, n in sorted(result.statuses.items()))
    found = sum(result.groups.values())
    return "\n".join(
        [
            f"{result.requests:,} requests to each server in {result.seconds:.0f} s, "
            f"{result.rate:,.0f}/s for both, seed {seed}",
            f"answers by status: {statuses}",
            f"refused by a server itself, and by both: {result.refused:,}",
            f"memory before: {result.memory[0]}; after: {result.memory[-1]}",
            f"differences: {found:,}" + (f" of {len(result.groups)} kinds" if found else ""),
        ]
    )


@contextmanager
def running(given: list[str]) -> Iterator[list[Target]]:
    """The two servers of these `NAME=URL`, or both apps, started and stopped again."""
    chosen = [targets.given(text) for text in given] or targets.served(["flask", "fastapi"])
    if len(chosen) != 2:
        raise SystemExit("exactly two targets are compared")
    logs = Path(tempfile.mkdtemp(prefix="fuzzing-logs-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stop the servers then too
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, logs)
        targets.start(chosen, logs, stack)
        try:
            targets.wait(chosen)
        except targets.TargetError as error:
            raise SystemExit(str(error)) from None
        yield chosen


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=COUNT, metavar="N")
    parser.add_argument("--seed", help="the seed of an earlier run, to make its requests again")
    parser.add_argument("--target", action="append", default=[], metavar="NAME=URL")
    parser.add_argument("--only", default="", metavar="PATH", help="paths that contain this")
    parser.add_argument("--raw", action="store_true", help="raw requests instead")
    parser.add_argument("--write", action="store_true", help="with --raw: write the page")
    parser.add_argument("--most", type=int, default=10, help="kinds of difference to stop after")
    parser.add_argument("--seconds", type=float, default=3600.0, help="time to stop after")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
