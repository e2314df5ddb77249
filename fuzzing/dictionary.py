"""Words to make requests of: what the contract's own tests send, and what is known to hurt.

The tests are read, not run, so that a new case there is a new word here. A seed therefore makes
the same requests only as long as they stay the same.
"""

# ruff: noqa: E501, RUF001  (tables of values)
from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from contract_tests import __file__ as contract

LONGEST = 300
_HEADER = re.compile(r"[A-Z][A-Za-z0-9]*(-[A-Za-z0-9]+)*")
_TARGET = re.compile(r"/[!-~]*")

HOSTILE = (
    "", " ", "a", "A", "0", "1", "-1", "+1", "1.0", "1e3", "01", "true", "TRUE", "false", "null",
    "None", "NaN", "Infinity", "\x00", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\t", "\n", "\r\n",
    "é", "É", "ß", "ẞ", "İ", "ı", "ſ", "K", "Å", "ΑΣ", "ΑΣ Σ", "ς", "ǅ", "ﬁ", "汉字", "😀", "👩‍👩‍👧",
    "e\u0301", "\u200b", "\u200f", "\u2028", "\ufeff", "\ufffd", "\ufffe", "\U0010ffff", "ⅷ", "²",
    "٣", "１", "۱۲", "%", "%%", "%00", "%2e%2e%2f", "%zz", "+", "&", ";", "=", "?", "#", "/", "//",
    "\\", "..", "../..", ".", "~", "'", '"', "''", '""', "<", ">", "<script>", "{}", "[]", "{{7*7}}",
    "${x}", "$(x)", "`", "|", ",", ":", "@", "*", "a b", " a", "a ", "a" * 64, "b" * 255, "x" * 1001,
)  # fmt: skip


@dataclass(frozen=True)
class Dictionary:
    """What the tests say: any text, what looks like a target, headers with their values."""

    texts: tuple[str, ...]
    targets: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    bodies: tuple[bytes, ...]


def load(folder: Path | None = None) -> Dictionary:
    """The dictionary from the tests in `folder`, by default the contract's own."""
    texts: dict[str, None] = dict.fromkeys(HOSTILE)
    headers: dict[tuple[str, str], None] = {}
    bodies: dict[bytes, None] = {}
    for file in sorted((folder or Path(contract).parent).glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts[node.value[:LONGEST]] = None
            elif isinstance(node, ast.Constant) and isinstance(node.value, bytes):
                bodies[node.value[:4000]] = None
            elif isinstance(node, ast.Dict):
                headers |= dict.fromkeys(_headers(node))
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
                headers |= dict.fromkeys(_pair(*node.elts))
    words = tuple(text for text in texts if _is_unicode(text) and " HTTP/1" not in text)
    targets = tuple(text for text in words if _TARGET.fullmatch(text))
    return Dictionary(
        words, targets, tuple(headers), tuple(b for b in bodies if b"HTTP/1" not in b)
    )


def _headers(node: ast.Dict) -> list[tuple[str, str]]:
    return [
        pair
        for key, value in zip(node.keys, node.values, strict=True)
        for pair in _pair(key, value)
    ]


def _pair(key: ast.expr | None, value: ast.expr) -> list[tuple[str, str]]:
    if not (isinstance(key, ast.Constant) and isinstance(value, ast.Constant)):
        return []
    if not (isinstance(key.value, str) and isinstance(value.value, str)):
        return []
    ours = {"Host", "Content-Length", "Transfer-Encoding", "Connection"}
    is_header = _HEADER.fullmatch(key.value) and key.value not in ours
    return [(key.value, value.value)] if is_header and _is_field(value.value) else []


def _is_field(text: str) -> bool:
    return all((" " <= c <= "\xff" and c != "\x7f") or c == "\t" for c in text)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)
