"""Which topics have moved."""

from collections.abc import Collection

from reading.topics import load

ALL = "all"


class UnknownTopic(ValueError):
    """A name in the list of moved topics is none of topics.toml."""


class Moved(frozenset[str]):
    """The slugs of the topics that FastAPI answers."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left for Flask."""
        return self >= load().keys()


def known(names: Collection[str]) -> Moved:
    """The topics of these names. Raises UnknownTopic, with the list of those that there are."""
    topics = load()
    if unknown := sorted(set(names) - topics.keys()):
        listed = ", ".join(map(repr, unknown))
        raise UnknownTopic(f"there is no topic {listed}; there are: {', '.join(topics)}")
    return Moved(names)


def parse(text: str) -> Moved:
    """The topics of `MIGRATED`: names with commas between them, `all`, nothing, or a number, for so
    many in reading order. Raises UnknownTopic."""
    names, topics = [name.strip() for name in text.split(",") if name.strip()], [*load()]
    if names == [ALL]:
        return known(topics)
    if len(names) == 1 and names[0].isdecimal() and int(names[0]) <= len(topics):
        return known(topics[: int(names[0])])
    return known(names)
