"""The judge: processor time of one call against another, on a machine that is busy otherwise.

Blocks of about 20 ms take turns in an order that changes from round to round. A ratio is taken
inside each round, where what disturbs one block disturbs the other, and judged by its median.
"""

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 25
BLOCK = 0.02  # seconds of processor time

Work = Callable[[int], None]
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Spread:
    """The middle of some measurements, and between what the middle lies with 95 % of certainty."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """By the ranks of the values, so that nothing is assumed of how they scatter."""
        ordered = sorted(values)
        rank = max(0, math.floor(len(ordered) / 2 - math.sqrt(len(ordered))))
        middle = statistics.median(ordered)
        return cls(middle, ordered[rank], ordered[-1 - rank], len(ordered))

    def is_sure_of(self, limit: float) -> bool:
        """Whether the middle is on one side of `limit`, wherever in its range it lies."""
        return not self.low <= limit < self.high


def measure(
    subjects: Mapping[str, Work],
    *,
    rounds: int = ROUNDS,
    block: float = BLOCK,
    seed: int = 0,
    clock: Callable[[], float] = time.process_time,
) -> Times:
    """Seconds of processor time that one call takes: for each subject a value for each round.

    A subject is called with how often to do its work; each is warmed up first.
    """
    shuffler = random.Random(seed)  # noqa: S311  (no secret)
    times = {name: _fitting(work, block, clock) for name, work in subjects.items()}
    found: Times = {name: [] for name in subjects}
    order = list(subjects)
    gc.collect()
    gc.freeze()  # whatever was made to be measured is not looked through again and again
    for _ in range(rounds):
        shuffler.shuffle(order)
        gc.collect()
        for name in order:
            began = clock()
            subjects[name](times[name])
            found[name].append((clock() - began) / times[name])
    gc.unfreeze()
    return found


def ratios(found: Mapping[str, Sequence[float]], subject: str, reference: str) -> Spread:
    """How much more `subject` takes than `reference`, by the ratios inside the rounds."""
    pairs = zip(found[subject], found[reference], strict=True)
    return Spread.of([one / max(other, 1e-9) for one, other in pairs])


def _fitting(work: Work, block: float, clock: Callable[[], float]) -> int:
    """How often the work fits into a block.

    The first calls are far slower than all others, so they count for nothing; and of several
    looks the fastest counts, for a disturbed one would make the blocks too short to be measured.
    """
    work(3)
    times, fastest = 1, float("inf")
    for _ in range(3):
        spent = 0.0
        while True:
            began = clock()
            work(times)
            spent = clock() - began
            if spent >= block / 2 or times >= 100_000:
                break
            times *= 2 if spent > block / 8 else 8
        fastest = min(fastest, spent / times)
        times = max(1, times // 2)
    return max(1, min(100_000, round(block / max(fastest, 1e-7))))
