"""Which lines of two twin files belong at the same height.

Knows no terminal and no HTML: it takes lines and returns rows of line numbers, counted from 0.
"""

import keyword
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

# What a pair of lines is worth. Blank lines only break ties; equal lines outweigh alike ones.
BLANK = 0.02
EQUAL = 1.5
SAME_NAME = 0.8
LEAST = 0.4

_TOKEN = re.compile(r"\w+|[^\w\s]")
# What a line defines: a function or class, a method of the app, a field.
_NAME = re.compile(
    r"\s*(?:(?:async\s+)?(?:def|class)\s+(\w+)|@\w+\.(\w+)|(\w+)\s*(?:=[^=]|:\s*\S))"
)
# What the frameworks call the same thing.
_SYNONYMS = {"bp": "router"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of each side; None where a side has nothing to show at this height.

    Lines that meet are counterparts; those of other rows only fill the space beside each other.
    """

    left: int | None
    right: int | None
    meet: bool = False
    equal: bool = False


@dataclass(frozen=True)
class _Line:
    text: str
    tokens: Counter[str]
    size: int
    name: str


def align(left: Sequence[str], right: Sequence[str]) -> list[Row]:
    """The rows in which two texts are read side by side; each line is in exactly one row.

    Equal lines meet, then lines that define the same name, then lines that share most of their
    words; no line is moved past another one. What is left between two meetings stands side by
    side as it comes.
    """
    ours, theirs = [_line(text) for text in left], [_line(text) for text in right]
    rows: list[Row] = []
    i = j = 0
    for m, n in [*_meetings(ours, theirs), (len(ours), len(theirs))]:
        rows += [Row(a, b) for a, b in zip_longest(range(i, m), range(j, n))]
        if m < len(ours):
            rows.append(Row(m, n, True, ours[m].text == theirs[n].text))
        i, j = m + 1, n + 1
    return rows


def shares(left: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
    """Of all lines that are not blank, how many are the same in both, and how many meet."""
    lines = sum(bool(text.strip()) for text in (*left, *right))
    meeting = [
        row.equal
        for row in align(left, right)
        if row.meet and row.left is not None and left[row.left].strip()
    ]
    return (2 * sum(meeting) / lines, 2 * len(meeting) / lines) if lines else (1.0, 1.0)


def _line(text: str) -> _Line:
    tokens = Counter(_TOKEN.findall(text))
    found = _NAME.match(text)
    name = found[found.lastindex or 0] if found else ""
    if keyword.iskeyword(name):
        name = ""
    return _Line(text, tokens, tokens.total(), _SYNONYMS.get(name, name))


def _worth(one: _Line, other: _Line) -> float:
    """What it is worth to show two lines at the same height; 0 for lines that have no business
    there."""
    if one.text == other.text:
        return EQUAL if one.size else BLANK
    if not one.size or not other.size:
        return 0
    alike = 2 * (one.tokens & other.tokens).total() / (one.size + other.size)
    if one.name or other.name:
        return SAME_NAME + alike * (1 - SAME_NAME) if one.name == other.name else 0
    return alike if alike >= LEAST else 0


def _meetings(ours: Sequence[_Line], theirs: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """The pairs of lines that meet, so that they are worth most together."""
    worth = [[_worth(one, other) for other in theirs] for one in ours]
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(theirs))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], worth[i][j] + best[i + 1][j + 1])
    i = j = 0
    while i < len(ours) and j < len(theirs):
        if worth[i][j] and best[i][j] == worth[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
