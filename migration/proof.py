"""All steps, some of them in each run of pytest and some runs at a time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migration.steps import Step
from migration.trial import Cells, Key, Trial

TOGETHER = 10  # steps in a run: each has a server of its own, and Flask's is one more
TOLD = 0.05  # how much has to be done before it is told again
POLL = 0.2  # seconds
WHOLE = {"openapi"}  # topics whose answers are made of all the others


@dataclass
class Proof:
    """What ran, and which cells are the same experiment as another one that ran."""

    steps: Sequence[Step]
    trials: list[Trial] = field(default_factory=list)
    same: dict[Key, Key] = field(default_factory=dict)

    @property
    def failed(self) -> list[Trial]:
        return [trial for trial in self.trials if not trial.passed]

    def cells(self) -> Cells:
        """How many tests passed and failed, of the cells that ran."""
        return {key: cell for trial in self.trials for key, cell in trial.cells().items()}


def prove(
    steps: Sequence[Step], tests: Sequence[str], jobs: int, folder: Path, *, whole: bool
) -> Proof:
    """Run the contract on `steps`; return when the last run has ended.

    Unless `whole`, a topic is left out at a step at which all that its tests turn to is answered by
    the same apps as at an earlier one. Prints how far it is. Stopped by an exception, it leaves
    nothing running.
    """
    proof = Proof(steps)
    if whole:
        proof.trials = batches(steps, folder, jobs)
        run(proof.trials, tests, jobs)
        return proof
    first = Trial([steps[0]], folder / "first")
    run([first], tests, jobs)
    proof.trials, wanted = [first], choice(steps, first.footprints(), proof.same)
    if wanted:
        left = [step for step in steps if any(each is step for each, _ in wanted)]
        others = batches(left, folder, jobs, wanted)
        run(others, tests, jobs)
        proof.trials += others
    return proof


def choice(
    steps: Sequence[Step], footprints: dict[str, set[str]], same: dict[Key, Key]
) -> list[Key]:
    """The cells that still have to run once the first step has; `same` gets the others."""
    ran: dict[tuple[str, frozenset[str], bool], Key] = {}
    wanted: list[Key] = []
    for step in steps:
        for topic, touched in footprints.items():
            counts = step.moved if topic in WHOLE else touched & step.moved
            experiment = (topic, frozenset(counts), step.moved.complete)
            if (before := ran.setdefault(experiment, (step, topic))) != (step, topic):
                same[step, topic] = before
            elif step is not steps[0]:
                wanted.append((step, topic))
    return wanted


def batches(
    steps: Sequence[Step], folder: Path, jobs: int, wanted: Sequence[Key] | None = None
) -> list[Trial]:
    size = min(TOGETHER, -(-len(steps) // jobs))
    starts = range(0, len(steps), size)
    return [Trial(steps[at : at + size], folder / str(at), wanted) for at in starts]


def run(trials: Sequence[Trial], tests: Sequence[str], jobs: int) -> None:
    """Run all of them, `jobs` at a time."""
    waiting, began, told = iter(trials), time.monotonic(), 0.0
    try:
        while any(not trial.ended for trial in trials):
            if sum(trial.running for trial in trials) < jobs and (trial := next(waiting, None)):
                trial.start(tests)
            share = sum(trial.share for trial in trials) / len(trials)
            if share >= told + TOLD:
                told = share
                print(f"{share:4.0%} after {time.monotonic() - began:.0f} s", flush=True)
            time.sleep(POLL)
    finally:
        for trial in trials:
            trial.stop()
        for trial in trials:
            trial.wait()
