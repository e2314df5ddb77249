"""A small staff directory: what the modular topic lists."""

from typing import TypedDict

from shared.problems import Forbidden, NotFound

TEAMS = ("compilers", "navigation")


class Person(TypedDict):
    username: str
    team: str


class UnknownUser(NotFound):
    type = "/problems/unknown-user"


PEOPLE: tuple[Person, ...] = (
    {"username": "ada", "team": "compilers"},
    {"username": "grace", "team": "compilers"},
    {"username": "katherine", "team": "navigation"},
)


def check_team(team: str | None) -> None:
    """A visitor may say which team they belong to. Raises Forbidden for a team that there is
    not."""
    if team is not None and team not in TEAMS:
        raise Forbidden("X-Team names no team of this directory.")


def people() -> list[Person]:
    """Everyone, in alphabetical order."""
    return list(PEOPLE)


def person(username: str) -> Person:
    """One person. Raises UnknownUser."""
    for found in PEOPLE:
        if found["username"] == username:
            return found
    raise UnknownUser("The directory has no such user.")
