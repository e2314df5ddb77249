"""Print the two route files of a topic next to each other: `python -m reading.pair cookies`.

Between the columns `|` marks lines that differ, `<` and `>` lines that one file has alone. In a
narrow terminal the files stand in one column, Flask's lines before FastAPI's where they differ.
`--shares` tells how much of each pair is common.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from rich.console import Console
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text

from reading import topics
from reading.alignment import Row, align, shares
from reading.topics import ROOT, Topic

NARROW = 120  # columns; with fewer, two files side by side would be cut into pieces
UNKNOWN_WIDTH = 160  # when the output goes to a file
SIDES = ("cyan", "green")  # Flask, FastAPI: the colours of `make serve`

# Only the plain eight colours: they are legible on dark and on light ground.
THEME = {
    ("Keyword",): Style(color="magenta"),
    ("Name", "Decorator"): Style(color="blue"),
    ("Name", "Function"): Style(color="blue", bold=True),
    ("Name", "Class"): Style(color="blue", bold=True),
    ("Literal", "String"): Style(color="red"),
    ("Literal", "Number"): Style(color="red"),
    ("Comment",): Style(italic=True),
}


@dataclass(frozen=True)
class Side:
    """One of the two files: its path, its lines, and the same lines in colour."""

    path: str
    colour: str
    lines: list[str]
    coloured: list[Text]

    def has(self, number: int | None) -> bool:
        """Whether there is such a line and it is not blank."""
        return number is not None and bool(self.lines[number].strip())

    def pieces(self, number: int | None, width: int, style: str = "") -> list[Text]:
        """A line of code, wrapped to `width` columns; nothing for no line."""
        if number is None:
            return []
        code = self.coloured[number].copy()
        code.stylize(style)
        return [
            Text(" " * indent).append(code[start:end])
            for start, end, indent in wrap(self.lines[number], width)
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is asked for: 0. Without a topic, or with an unknown one, list them all: 2."""
    parser = argparse.ArgumentParser(prog="python -m reading.pair", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC")
    parser.add_argument("--shares", action="store_true", help="how much of each pair is common")
    options = parser.parse_args(arguments)
    known = topics.load()
    unknown = [name for name in options.topics if name not in known]
    if unknown or not (options.topics or options.shares):
        print(_list(unknown, known), file=sys.stderr)  # noqa: T201
        return 2
    console = _console()
    chosen = [known[name] for name in options.topics] or list(known.values())
    for topic in chosen:
        for line in [_share_line(topic)] if options.shares else pair(topic, console.width):
            console.print(line, soft_wrap=True)
    return 0


def pair(topic: Topic, width: int) -> Iterator[Text]:
    """The lines that show a topic's two route files in a terminal of `width` columns."""
    flask, fastapi = (
        _side(str(path), colour) for path, colour in zip(topic.routes, SIDES, strict=True)
    )
    rows = align(flask.lines, fastapi.lines)
    yield Text.assemble((topic.title, "bold"), f": {topic.idea}")
    yield Text()
    yield from (beside if width >= NARROW else below)(flask, fastapi, rows, width)
    yield Text()
    same, meet = shares(flask.lines, fastapi.lines)
    yield Text(f"{same:.0%} of the lines are the same, {meet:.0%} have a counterpart", "dim")


def beside(left: Side, right: Side, rows: Sequence[Row], width: int) -> Iterator[Text]:
    """Two columns with a mark between them."""
    digits = _digits(left, right)
    wide_left, wide_right = _widths(left.lines, right.lines, width - 2 * (digits + 1) - 3)
    title = Text().append(left.path, left.colour)
    title.pad_right(digits + 1 + wide_left + 3 - len(left.path))
    yield title.append(right.path, right.colour)
    for row in rows:
        style = "dim" if row.equal else ""
        ours = left.pieces(row.left, wide_left, style)
        theirs = right.pieces(row.right, wide_right, style)
        for index, (one, other) in enumerate(zip_longest(ours, theirs, fillvalue=Text())):
            first = index == 0
            line = Text()
            line.append(_number(row.left if first else None, digits), style or left.colour)
            line.append(one).pad_right(wide_left - len(one))
            line.append(f" {_mark(left, right, row) if first else ' '} ", "bold")
            line.append(_number(row.right if first else None, digits), style or right.colour)
            line.append(other).rstrip()
            yield line


def below(left: Side, right: Side, rows: Sequence[Row], width: int) -> Iterator[Text]:
    """One column, as a diff: equal lines once, of differing ones the left ones first."""
    digits = _digits(left, right)
    room = width - 2 * (digits + 1) - 2
    yield Text().append(f"< {left.path}", left.colour)
    yield Text().append(f"> {right.path}", right.colour)
    for equal, group in groupby(rows, key=lambda row: row.equal):
        run = list(group)
        lines = [(right, " ", row.left, row.right) for row in run]
        if not equal:
            lines = [(left, "<", row.left, None) for row in run]
            lines += [(right, ">", None, row.right) for row in run]
        for side, mark, one, other in lines:
            style = "dim" if equal else ""
            head = f"{mark} {_number(one, digits)}{_number(other, digits)}"
            for piece in side.pieces(one if side is left else other, room, style):
                line = Text().append(head, style or side.colour).append(piece)
                line.rstrip()
                yield line
                head = " " * len(head)


def _side(path: str, colour: str) -> Side:
    text = (ROOT / path).read_text(encoding="utf-8")
    coloured = Syntax("", "python", theme=ANSISyntaxTheme(THEME)).highlight(text)
    return Side(path, colour, text.splitlines(), list(coloured.split("\n", allow_blank=True)))


def _mark(left: Side, right: Side, row: Row) -> str:
    if row.equal:
        return " "
    return {(True, True): "|", (True, False): "<", (False, True): ">", (False, False): " "}[
        left.has(row.left), right.has(row.right)
    ]


def _number(index: int | None, digits: int) -> str:
    return f"{'' if index is None else index + 1:>{digits}} "


def _digits(left: Side, right: Side) -> int:
    return len(str(max(len(left.lines), len(right.lines))))


def wrap(line: str, width: int) -> list[tuple[int, int, int]]:
    """Where to cut a line of code: start and end of each piece, and the blanks before it."""
    indent = min(len(line) - len(line.lstrip()) + 4, width // 2)
    pieces = []
    start, before = 0, 0
    while len(line) - start > width - before:
        limit = start + width - before
        end = line.rfind(" ", start + len(line[start:]) - len(line[start:].lstrip()), limit + 1)
        end = end if end > start else limit
        pieces.append((start, end, before))
        start = end + (line[end : end + 1] == " ")
        before = indent
    return [*pieces, (start, len(line), before)]


def _widths(left: Sequence[str], right: Sequence[str], room: int) -> tuple[int, int]:
    """Half of the room each, unless one side needs less than that and the other more."""
    ours, theirs = (max(map(len, lines), default=0) for lines in (left, right))
    half = room // 2
    wide = half
    if ours > half > theirs:
        wide = min(ours, room - theirs)
    elif theirs > half > ours:
        wide = max(ours, room - theirs)
    return wide, room - wide


def _share_line(topic: Topic) -> Text:
    left, right = ((ROOT / path).read_text(encoding="utf-8").splitlines() for path in topic.routes)
    same, meet = shares(left, right)
    counts = f"{len(left):2} and {len(right):2} lines"
    return Text(f"{topic.slug:14} {counts}, {same:4.0%} the same, {meet:4.0%} have a counterpart")


def _list(unknown: Sequence[str], known: dict[str, Topic]) -> str:
    first = f"There is no topic {unknown[0]!r}." if unknown else "Which topic?"
    width = max(map(len, known))
    listed = [f"  {topic.slug:{width}}  {topic.idea}" for topic in known.values()]
    return "\n".join([f"{first} The topics are:", *listed, "", "make pair TOPIC=cookies"])


def _console() -> Console:
    """A console without any escape sequence where nobody could read it, or nobody wants it."""
    plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    return Console(color_system=None if plain else "auto", highlight=False, width=_width())


def _width() -> int:
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"])
    for stream in (1, 2, 0):
        try:
            if columns := os.get_terminal_size(stream).columns:
                return columns
        except OSError:
            continue
    return UNKNOWN_WIDTH


if __name__ == "__main__":
    sys.exit(main())
