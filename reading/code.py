"""Code cut out of the files that run, by name, and turned into HTML: alone, or as a pair.

A cut is asked for as `flask_app/routes/cookies.py`, the whole file, or as
`flask_app/routes/cookies.py:show_profile`: a function, a class, a method (`Class.method`), a name
at the top of the module, or a region between `# region: name` and `# endregion`.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from html import escape
from itertools import groupby, pairwise
from pathlib import Path

from markupsafe import Markup
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from reading.alignment import Row, align
from reading.topics import ROOT

SIDES = ("flask", "fastapi")
WORD = re.compile(r"\w+|[^\w\s]")
# What gets a colour; anything else keeps that of the text.
KINDS: tuple[tuple[_TokenType, str], ...] = (
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Decorator, "d"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Tag, "k"),
    (Name.Attribute, "f"),
    (String, "s"),
    (Number, "m"),
    (Comment, "c"),
)
# The commonest kinds have an element of their own: the pages would be half as large again.
ELEMENTS = {"k": "b", "s": "u"}
SHORT = 44  # columns; a longer line may be wrapped on a phone, and needs to know its indentation
NEAR = 3  # characters between two marks that become one
MOST_MARKED = 0.7  # of a line
Piece = tuple[str, str]  # kind, text
Span = tuple[int, int]


class NoSuchCode(LookupError):
    """A page asks for code that is not in the files."""


@dataclass(frozen=True)
class Cut:
    """Some lines of a file; `first` is the number of the first one, counted from 1."""

    path: str
    first: int
    lines: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.first}"


def cut(place: str, root: Path = ROOT) -> Cut:
    """The code at a place such as `app.py:create_app`. Raises NoSuchCode."""
    path, _, name = place.partition(":")
    file = root / path
    if not file.is_file():
        raise NoSuchCode(f"there is no file {path}")
    lines = file.read_text(encoding="utf-8").splitlines()
    first, last = _extent(lines, name, place) if name else (1, len(lines))
    return Cut(path, first, tuple(lines[first - 1 : last]))


@cache
def definitions(path: Path) -> dict[str, Span]:
    """First and last line of each function, class, method and name at the top of a module."""
    found: dict[str, Span] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        found |= _defined(node)
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                found |= {f"{node.name}.{name}": span for name, span in _defined(part).items()}
    return found


def code_html(text: str, language: str) -> Markup:
    """A block of code in colour, for prose; in a language that nobody knows it has none."""
    lines = (_line_html(line, []) for line in _pieces(text.rstrip("\n"), language))
    return Markup('<pre tabindex="0"><code>{}</code></pre>').format(Markup("\n").join(lines))


def listing_html(code: Cut, language: str = "python") -> Markup:
    """A file with line numbers, each line with its number as its anchor."""
    lines = enumerate(_pieces("\n".join(code.lines), language), code.first)
    rows = [f"<li id={number}>{_line_html(line, [])}" for number, line in lines]
    return Markup("<ol class=listing>{}</ol>").format(Markup("\n").join(map(Markup, rows)))


def definitions_html(code: Cut, spans: Collection[Span]) -> Markup:
    """A file without colours and numbers, half as large; each definition has the number of its
    first line as its anchor."""
    starts, ends = ({span[end] for span in spans} for end in (0, 1))
    html = []
    for number, line in enumerate(code.lines, code.first):
        start = f"<span id={number}>" if number in starts else ""
        html.append(f"{start}{escape(line, quote=False)}{'</span>' if number in ends else ''}")
    return Markup("<pre class=plain tabindex=0>{}</pre>").format(Markup("\n".join(html)))  # noqa: S704


def pair_html(left: Cut, right: Cut, address: str = "") -> Markup:
    """The rows of a table: two cuts side by side, counterparts at the same height.

    With `address` the line numbers lead to the page there, else each line has an anchor here.
    """
    rows = align(left.lines, right.lines)
    ours, theirs = (_pieces("\n".join(side.lines), "python") for side in (left, right))
    html = []
    for row in rows:
        marks: tuple[list[Span], list[Span]] = ([], [])
        if row.meet and not row.equal and row.left is not None and row.right is not None:
            marks = differing(left.lines[row.left], right.lines[row.right])
        one = _cell(SIDES[0], left, ours, row.left, row, marks[0], address)
        other = _cell(SIDES[1], right, theirs, row.right, row, marks[1], address)
        kind = "" if row.meet else " class=n"
        html.append(f"<tr{kind}>{one}{other}")
    return Markup("".join(html))  # noqa: S704 - made of escaped pieces


def differing(one: str, other: str) -> tuple[list[Span], list[Span]]:
    """Where two lines differ, word by word: start and end of each stretch, for either.

    Stretches that almost touch are one; nothing is marked where most of a line would be.
    """
    ours, theirs = ([word.span() for word in WORD.finditer(line)] for line in (one, other))
    matcher = SequenceMatcher(
        None, [one[a:b] for a, b in ours], [other[a:b] for a, b in theirs], autojunk=False
    )
    left, right = [], []
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation != "equal":
            left += [(ours[a][0], ours[b - 1][1])] if b > a else []
            right += [(theirs[c][0], theirs[d - 1][1])] if d > c else []
    return _gathered(left, len(one.strip())), _gathered(right, len(other.strip()))


def _gathered(spans: Sequence[Span], length: int) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        if found and start - found[-1][1] <= NEAR:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    marked = sum(end - start for start, end in found)
    return found if marked <= MOST_MARKED * length else []


def _extent(lines: Sequence[str], name: str, place: str) -> Span:
    for number, line in enumerate(lines, 1):
        if line.strip() == f"# region: {name}":
            ends = [n for n, end in enumerate(lines, 1) if n > number and "# endregion" in end]
            if ends:
                return number + 1, ends[0] - 1
    path = ROOT / place.partition(":")[0]
    found = definitions(path) if path.suffix == ".py" else {}
    if name not in found:
        raise NoSuchCode(f"there is no {name!r} in {place.partition(':')[0]}")
    return found[name]


def _defined(node: ast.stmt) -> dict[str, Span]:
    names: list[str] = []
    first = node.lineno
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        names = [node.name]
        first = min([first, *(decorator.lineno for decorator in node.decorator_list)])
    elif isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        names = [node.target.id]
    return dict.fromkeys(names, (first, node.end_lineno or first))


@cache
def _pieces(text: str, language: str) -> tuple[tuple[Piece, ...], ...]:
    """The lines of a text, each in pieces of one colour."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)  # type: ignore[no-untyped-call]
    except ClassNotFound:
        return tuple((("", line),) for line in text.split("\n"))
    lines: list[list[Piece]] = [[]]
    for token, value in lexer.get_tokens(text):
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append((_kind(token), part))
    return tuple(tuple(_joined(line)) for line in lines)


def _kind(token: _TokenType) -> str:
    return next((kind for family, kind in KINDS if token in family), "")


def _joined(line: Sequence[Piece]) -> Iterator[Piece]:
    for kind, group in groupby(line, key=lambda piece: piece[0]):
        yield kind, "".join(text for _, text in group)


def _line_html(line: Sequence[Piece], marks: Sequence[Span]) -> Markup:
    """A line in colour; what stands between the marks is marked."""
    html, at = [], 0
    for kind, text in line:
        for marked, part in _split(text, at, marks):
            inner = escape(part, quote=False)
            inner = f"<mark>{inner}</mark>" if marked else inner
            html.append(_coloured(kind, inner) if kind else inner)
        at += len(text)
    return Markup("".join(html))  # noqa: S704 - made of escaped pieces


def _coloured(kind: str, inner: str) -> str:
    element = ELEMENTS.get(kind)
    return f"<{element}>{inner}</{element}>" if element else f"<i class={kind}>{inner}</i>"


def _split(text: str, at: int, marks: Sequence[Span]) -> Iterator[tuple[bool, str]]:
    """A piece of a line that begins at `at`, cut where a mark begins or ends."""
    edges = {0, len(text)}
    for span in marks:
        edges |= {edge - at for edge in span if 0 < edge - at < len(text)}
    cuts = sorted(edges)
    for start, end in pairwise(cuts):
        yield any(a <= at + start and at + end <= b for a, b in marks), text[start:end]


def _cell(
    side: str,
    code: Cut,
    lines: Sequence[Sequence[Piece]],
    index: int | None,
    row: Row,
    marks: Sequence[Span],
    address: str,
) -> str:
    if index is None:
        return "<td>"
    text = code.lines[index]
    anchor = f"{side}-{code.first + index}"
    indent = min(len(text) - len(text.lstrip()), 20) // 4
    if not text.strip():
        return f"<td><a>{code.first + index}</a>"
    kinds = [f"i{indent}"] if indent and len(text) > SHORT else []
    kinds += [] if row.equal else ["o"]
    kind = f' class="{" ".join(kinds)}"' if kinds[1:] else f" class={kinds[0]}" if kinds else ""
    own = "" if address else f" id={anchor}"
    number = f"<a href={address}#{anchor}>{code.first + index}</a>"
    return f"<td{own}{kind}>{number}{_line_html(lines[index], marks)}"
