"""Markdown as the repository writes it, turned into the sections of a page.

Links between files become links between pages, and a place such as `app.py:create_app` in
backquotes one to its code. Code is included, not pasted, by a comment:

    <!-- pair: cookies:remember_profile -->          both handlers, side by side
    <!-- code: shared/orders.py:place -->            one place
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.anchors import anchors_plugin

from reading.code import code_html, cut

PLACE = re.compile(r"((?:[\w.-]+/)*[\w.-]+\.(?:py|toml|md))(?::([A-Za-z_][\w.]*))?")
INCLUDED = re.compile(r"<!-- (pair|code): (\S+) -->\s*")
# A strict policy refuses styles in a page; the site's own take their place.
STYLE = re.compile(r"""(?<=\s)style=(?:"[^"]*"|'[^']*')""")
# From a path and a name in it, perhaps empty, to an address of the site; empty where it has none.
Find = Callable[[str, str], str]
Pair = Callable[[str], Markup]


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it; the first one of a page has its title."""

    title: str
    anchor: str
    html: Markup
    text: str


def anchor_of(title: str) -> str:
    """The name that hosts of repositories give to a heading."""
    return re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")


def sections(file: Path, root: Path, find: Find, pair: Pair) -> list[Section]:
    """The page in a Markdown file, cut at its headings of first and second order."""
    folder = file.parent.relative_to(root).as_posix()
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    markdown.use(anchors_plugin, max_level=3, slug_func=anchor_of)
    tokens = markdown.parse(file.read_text(encoding="utf-8"))
    found = []
    for title, anchor, part in _parts(tokens):
        _link(part, folder, find)
        html = Markup(markdown.renderer.render(_wrapped(part, pair), markdown.options, {}))  # noqa: S704
        found.append(Section(title, anchor, html, _text(part)))
    return found


def inline(text: str, find: Find, folder: str = "docs") -> Markup:
    """One line of Markdown, without a paragraph around it."""
    markdown = MarkdownIt("commonmark")
    tokens = markdown.parseInline(text)
    _link(tokens, folder, find)
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[str, str, list[Token]]]:
    """Title, anchor and content of each section."""
    title, anchor, part = "", "", list[Token]()
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            if title:
                yield title, anchor, part
            title, anchor, part = _plain(tokens[position + 1]), str(token.attrGet("id")), []
            position += 3
            continue
        part.append(token)
        position += 1
    yield title, anchor, part


def _link(tokens: Sequence[Token], folder: str, find: Find) -> None:
    for token in tokens:
        if token.children:
            token.children = list(_linked(token.children, folder, find))


def _linked(tokens: Sequence[Token], folder: str, find: Find) -> Iterator[Token]:
    inside = 0  # a link: nothing in it can be another one
    dropped = False
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "link_open":
            address = _address(str(token.attrGet("href")), folder, find)
            dropped = not address
            token.attrSet("href", address)
        if dropped and token.type in ("link_open", "link_close"):
            continue
        place = PLACE.fullmatch(token.content) if token.type == "code_inline" else None
        if place and (not inside or dropped):
            address = _found(place[1], place[2] or "", folder, find)
            if address:
                if place[1].startswith("contract_tests/") and place[2]:
                    token.content = place[2]  # the link says in which file
                yield Token("link_open", "a", 1, attrs={"href": address})
                yield token
                yield Token("link_close", "a", -1)
                continue
        yield token


def _address(href: str, folder: str, find: Find) -> str:
    if re.match(r"[a-z]+:", href) or href.startswith("#"):
        return href
    path, _, anchor = href.partition("#")
    found = _found(path, "", folder, find)
    return f"{found}#{anchor}" if found and anchor and "#" not in found else found


def _found(path: str, name: str, folder: str, find: Find) -> str:
    """A path is written from the page's own folder, or from the root."""
    beside = normpath(PurePosixPath(folder, path).as_posix())
    return find(beside, name) or find(path, name)


def _wrapped(tokens: Sequence[Token], pair: Pair) -> list[Token]:
    """Code in colour, what is to be included, and tables that a narrow window can scroll."""
    result = []
    for token in tokens:
        if style := token.attrs.pop("style", ""):  # the side of a cell
            token.attrSet("class", str(style).removeprefix("text-align:"))
        for html in (token, *(token.children or ())):
            if html.type in ("html_block", "html_inline"):
                html.content = STYLE.sub("", html.content)
        included = INCLUDED.fullmatch(token.content) if token.type == "html_block" else None
        if token.type == "fence":
            language = token.info.partition(" ")[0] or "text"
            result.append(_html(code_html(token.content, language)))
        elif included:
            place = included[2]
            result.append(_html(pair(place) if included[1] == "pair" else _included(place)))
        elif token.type == "table_open":
            result += [_html(Markup('<div class="wide" tabindex="0">')), token]
        elif token.type == "table_close":
            result += [token, _html(Markup("</div>"))]
        else:
            result.append(token)
    return result


def _included(place: str) -> Markup:
    code = cut(place)
    block = code_html("\n".join(code.lines), "python" if code.path.endswith(".py") else "text")
    return Markup("<p class=place><code>{}</code></p>{}").format(code.place, block)


def _html(content: Markup) -> Token:
    return Token("html_block", "", 0, content=content)


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


def _text(tokens: Sequence[Token]) -> str:
    words = [token.content for token in tokens if token.type == "fence"]
    words += [_plain(token) for token in tokens if token.children]
    return " ".join(words)
