"""Three hints for each step, one after the other: the idea, the name, almost the code."""

import re

from workshop import course, starters
from workshop.course import Step

COUNT = 3
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
# A line `<<name>>` stands for this definition of the solution, a function without its body.
INCLUDED = re.compile(r"^<<(\w+)>>$(\n(?= ))?", re.MULTILINE)


def load(step: Step) -> list[str]:
    """The hints of a step, in order, each with its heading and the link to read on."""
    text = course.read(step.hints)
    head, *parts = HEADING.split(text)
    read_on = head.strip().partition("\n\n")[2]
    return [
        f"{title}\n\n{_included(step, body.strip())}\n\n{read_on}"
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def _included(step: Step, text: str) -> str:
    def include(match: re.Match[str]) -> str:
        found = starters.signature(step, match[1])
        # What a hint says of a body stands in its place.
        return found.removesuffix("    ...") if match[2] else found

    return INCLUDED.sub(include, text)
