"""What came out: steps down, topics across."""

from collections import Counter
from collections.abc import Iterator

from migration.proof import Proof
from migration.trial import Key
from reading.topics import load

# Answered by Flask, by FastAPI; and the same of a cell that is no experiment of its own.
RAN, REPEATED = ".#", ",+"
FAILED, NOT_RUN = "X", " "
LEGEND = f"{RAN[0]} passed, answered by Flask   {RAN[1]} passed, by FastAPI   {FAILED} failed"
MORE = f"{REPEATED[0]} {REPEATED[1]} not run: a step above asks the same apps the same"


def lines(proof: Proof) -> Iterator[str]:
    """The matrix as text, with the topics as columns in reading order."""
    topics = list(load())
    width = max(len(step.title) for step in proof.steps)
    for row in zip(*(topic.rjust(max(map(len, topics))) for topic in topics), strict=True):
        yield f"{'':{width}}  {' '.join(row)}".rstrip()
    cells = proof.cells()
    for key, before in proof.same.items():
        if before in cells:
            cells[key] = cells[before]
    for step in proof.steps:
        signs = (_sign(cells.get((step, topic)), (step, topic), proof) for topic in topics)
        yield f"{step.title:{width}}  {' '.join(signs)}".rstrip()
    yield ""
    yield LEGEND
    if proof.same:
        yield MORE


def summary(proof: Proof) -> str:
    """How many cells ran, how many tests in them, and how many failed."""
    cells = proof.cells()
    total = sum(cells.values(), Counter[str]())
    red = sum(1 for cell in cells.values() if cell["failed"])
    repeated = f" and {len(proof.same)} that need no run" if proof.same else ""
    return (
        f"{len(proof.steps)} steps, {len(cells)} cells of steps and topics{repeated}, "
        f"{red} with failures; {total.total()} tests, {total['failed']} failed"
    )


def _sign(cell: Counter[str] | None, key: Key, proof: Proof) -> str:
    if not cell:
        return NOT_RUN
    if cell["failed"]:
        return FAILED
    step, topic = key
    return (REPEATED if key in proof.same else RAN)[topic in step.moved]
