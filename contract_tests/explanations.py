"""Which page explains a failure: the topic's own, and what naive ports change there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/measured-differences.md"
ROW = re.compile(
    r"^\| ([a-z]+-[\w-]+) \| (.+?) \| (closed|to do|[a-z ]+: .+?) \| (.*) \|$", re.MULTILINE
)
# The part of an answer that differs -> the section of the page that is about such differences.
SECTIONS = {
    "set-cookie:": "cookies",
    "allow:": "methods",
    "location:": "redirects-and-urls",
    "vary:": "cors",
    "access-control-": "cors",
    "accept-ranges:": "static-files",
    "cache-control:": "static-files",
    "content-disposition:": "static-files",
    "content-encoding:": "static-files",
    "content-range:": "static-files",
    "etag:": "static-files",
    "last-modified:": "static-files",
    "content-type:": "return-values",
}
# The statuses of the two answers -> the same, where a pair of them says enough.
STATUSES = {
    frozenset({404, 422}): "routing",
    frozenset({404, 307}): "routing",
    frozenset({308, 307}): "routing",
    frozenset({200, 405}): "methods",
    frozenset({302, 307}): "redirects-and-urls",
    frozenset({415, 422}): "json-in",
    frozenset({413, 400}): "forms",
    frozenset({416, 400}): "static-files",
}


class Row(NamedTuple):
    """One difference; `tests` are written `contract_tests/test_x.py:test_y`, each in backticks."""

    id: str
    text: str
    state: str
    tests: str


@cache
def rows() -> list[Row]:
    """The differences that the page lists; none where there is no such page."""
    page = ROOT / PAGE
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return [Row(*found) for found in ROW.findall(text)]


def of_test(topic: str, test: str) -> list[str]:
    """The lines to print when `test` of `topic` fails; none where nothing is written."""
    page = f"docs/topics/{topic}.md"
    lines = [f"{page}: what differs, and the contract"] if (ROOT / page).is_file() else []
    place = f"`contract_tests/test_{topic}.py:{test}`"
    known = [f"  {row.id}: {row.text}" for row in rows() if place in row.tests]
    return [*lines, f"{PAGE}: what naive ports change here", *known] if known else lines


def of_parts(names: Iterable[str], statuses: Iterable[int]) -> list[str]:
    """The sections on differences of this kind; `names` as `comparison.differing` gives them."""
    if not rows():
        return []
    pair = frozenset(statuses)
    found = [STATUSES.get(pair, "")]
    # Of an error and a success the type differs anyhow, and says nothing.
    told = [name for name in names if len(pair) == 1 or name != "content-type:"]
    found += [
        section for name in told for start, section in SECTIONS.items() if name.startswith(start)
    ]
    return [f"{PAGE}#{section}" for section in dict.fromkeys(found) if section]
