"""The steps of the workshop, in order: each topic of topics.toml, and then Flask goes."""

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from reading import topics

ROOT = topics.ROOT
HERE = Path("workshop")
MY_APP = HERE / "my_app"
LAST = "mount"


@dataclass(frozen=True)
class Step:
    """One step; all paths are relative to the repository.

    `given` names what the starter has of the solution beside its imports and its router.
    """

    slug: str
    title: str
    number: int
    given: tuple[str, ...] = ()

    @property
    def is_topic(self) -> bool:
        """Whether it ports a topic; the last step takes Flask out of the app."""
        return self.slug != LAST

    @property
    def page(self) -> Path:
        return HERE / "steps" / f"{self.slug}.md"

    @property
    def hints(self) -> Path:
        return HERE / "hints" / f"{self.slug}.md"

    @property
    def file(self) -> Path:
        """The reader's file."""
        return MY_APP / (f"routes/{self.slug}.py" if self.is_topic else "app.py")

    @property
    def solution(self) -> Path:
        """The twin file."""
        return Path("fastapi_app") / (f"routes/{self.slug}.py" if self.is_topic else "app.py")

    @property
    def contract(self) -> Path:
        """The tests that judge it."""
        return Path("contract_tests") / (f"test_{self.slug}.py" if self.is_topic else "")


class UnknownStep(ValueError):
    """There is no step of this name."""


@cache
def load() -> dict[str, Step]:
    """Every step by its slug, in order."""
    given = tomllib.loads((ROOT / HERE / "given.toml").read_text(encoding="utf-8"))
    titles = {slug: topic.title for slug, topic in topics.load().items()}
    titles[LAST] = "Without Flask"
    return {
        slug: Step(slug, title, number, tuple(given.get(slug, ())))
        for number, (slug, title) in enumerate(titles.items(), 1)
    }


def find(slug: str) -> Step:
    """The step of this name, or of this number. Raises UnknownStep."""
    steps = load()
    names = dict(zip(map(str, range(1, len(steps) + 1)), steps, strict=True))
    try:
        return steps[names.get(slug, slug)]
    except KeyError:
        near = "".join(f" Did you mean {name!r}?" for name in get_close_matches(slug, steps, 1))
        said = f"There is no step {slug!r}.{near}" if slug else "Which step?"
        raise UnknownStep(said) from None


def read(path: Path) -> str:
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")
