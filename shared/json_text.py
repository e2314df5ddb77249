"""JSON as it arrives: stricter than `json.loads`, which accepts NaN and stray surrogates."""

import json
import re
from typing import Any, NoReturn

DEEPEST = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]", re.ASCII)


def parse(data: bytes | str) -> Any:
    """The value of a JSON text in UTF-8 (UTF-16 and UTF-32 are recognised).

    Raises ValueError for anything that is not JSON, and for JSON that no careful service reads:
    NaN and Infinity, half of a surrogate pair, nesting deeper than 64, integers of over 4,300
    digits.
    """
    text = data if isinstance(data, str) else data.decode(json.detect_encoding(data))
    if text.count("[") + text.count("{") > DEEPEST and depth(text) > DEEPEST:
        raise ValueError("nested too deep")
    value = _DECODER.decode(text)
    if _SURROGATE.search(text) or not text.isascii():
        # Encoding fails on a lone surrogate, wherever in the value it stands.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def depth(text: str) -> int:
    """How deep arrays and objects of `text` are nested; its strings do not count."""
    deepest = level = 0
    for character in _STRING.sub("", text):
        if character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
