"""Prove the steps of the migration: the contract on the hybrid of each, compared with Flask alone.

`python -m migration` takes all steps, `python -m migration 12 cookies users,orders` those in which
12 topics, one and two have moved. Options that pytest knows choose the tests.

A step costs a run of the whole contract. With --distinct a topic is left out where no request of
its tests is answered by another app than at a step before.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from migration import matrix
from migration.proof import prove
from migration.steps import Step, steps
from migration.topics import UnknownTopic


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every step keeps the contract. 1: one does not. 2: a step is none."""
    parser = argparse.ArgumentParser(prog="python -m migration", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="MIGRATED", help="all steps if there is none")
    parser.add_argument("--distinct", action="store_true", help="leave out what is a repetition")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="runs of pytest at a time")
    parser.add_argument("--tests", nargs="+", default=["contract_tests"], metavar="FILE")
    options, others = parser.parse_known_args(arguments)
    chosen = [Step(text) for text in options.steps] or steps()
    try:
        titles = [step.title for step in chosen]
    except UnknownTopic as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(titles)} steps, {options.jobs} runs of pytest at a time", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="migration-"))
    began = time.monotonic()
    tests = [*options.tests, *others]
    proof = prove(chosen, tests, options.jobs, folder, whole=not options.distinct)
    print("", *matrix.lines(proof), "", sep="\n")
    print(f"{matrix.summary(proof)}; {time.monotonic() - began:.0f} s")
    for trial in proof.failed:
        print(f"what failed: {trial.log}")
    if not proof.failed:
        shutil.rmtree(folder)
    return int(bool(proof.failed))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped, too
    sys.exit(main())
