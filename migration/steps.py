"""The steps of a migration: none, 1, 2 ... all topics moved in reading order, and each alone."""

from dataclasses import dataclass
from functools import cached_property

from migration.topics import Moved, parse
from reading.topics import load


@dataclass(frozen=True)
class Step:
    """One state in the middle; `migrated` is what the hybrid gets as MIGRATED."""

    migrated: str

    @property
    def serving(self) -> str:
        """Its name among the servings."""
        return f"hybrid:{self.migrated}"

    @property
    def title(self) -> str:
        """What is said of it: "10 validation" is the step that moves the tenth topic. Raises
        UnknownTopic."""
        if self.moved and not self.migrated.isdecimal():
            return f"{self.migrated} alone" if len(self.moved) == 1 else self.migrated
        number = len(self.moved)
        return f"{number:2} {[*load()][number - 1]}" if number else " 0 none"

    @cached_property
    def moved(self) -> Moved:
        """The topics that FastAPI answers. Raises UnknownTopic."""
        return parse(self.migrated)


def steps() -> list[Step]:
    """All steps. The first topic alone is the first step in reading order, too."""
    topics = list(load())
    return [*(Step(str(number)) for number in range(len(topics) + 1)), *map(Step, topics[1:])]
