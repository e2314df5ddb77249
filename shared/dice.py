"""A throw of a die. Chance and the time are the caller's, so that a test can choose both."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

# One digit, and a time to the second: all throws have one length, which HEAD tells.
FEWEST, MOST = 2, 9


@dataclass(frozen=True)
class Throw:
    sides: int
    rolled: int
    thrown_at: datetime


def throw(sides: int, dice: Random, now: datetime) -> Throw:
    """Roll a die with so many sides."""
    return Throw(sides, dice.randint(1, sides), now.replace(microsecond=0))
