"""What a failure tells: the request, the answers, and where the handlers stand."""

from __future__ import annotations

import difflib
import json
import re
from urllib.parse import urlsplit

from contract_tests import curl, handlers
from contract_tests.comparison import Volatile, parts
from contract_tests.exchange import Answer, Exchange, Run

LONGEST_LINE = 300
MOST_LINES = 60


def request_line(exchange: Exchange) -> str:
    """Method and path as sent, of the last request when raw bytes hold several."""
    request = exchange.request
    if isinstance(request, bytes):
        lines = re.findall(rb"^(\S+ \S+) HTTP/1\.[01]\r?$", request, re.MULTILINE)
        return (lines[-1] if lines else request[:80]).decode("latin-1")
    return f"{request.method} {request.path_url}" if request is not None else "no request"


def of_one(exchange: Exchange, run: Run, topic: str) -> str:
    """The account of one answer."""
    answered = [f"  {line}" for line in _lines(exchange.answer)]
    return "\n".join([*_head(exchange, run, topic), f"{_name(exchange, run)} answered:", *answered])


def of_two(pair: tuple[Exchange, Exchange], runs: tuple[Run, Run], topic: str) -> str:
    """The account of two answers, as one text in which the differing lines are marked."""
    volatile = Volatile(runs, pair)
    left, right = (
        [volatile.named(line, right=side) for line in _lines(exchange.answer)]
        for side, exchange in zip((False, True), pair, strict=True)
    )
    marked = list(difflib.unified_diff(left, right, lineterm="", n=MOST_LINES))[3:]
    names = [f"- {_name(pair[0], runs[0])}", f"+ {_name(pair[1], runs[1])}", ""]
    parting = (
        _parting(*pair, volatile) if left[left.index("") :] == right[right.index("") :] else []
    )
    lines = marked or [f" {line}" for line in left]
    return "\n".join([*_head(pair[1], runs[1], topic), *names, *lines, *parting])


def _head(exchange: Exchange, run: Run, topic: str) -> list[str]:
    line = request_line(exchange)
    method, _, path = line.partition(" ")
    places = handlers.places(topic, method, urlsplit(path).path)
    return [line, curl.command(exchange.request, run.asked(exchange).address), *places, ""]


def _name(exchange: Exchange, run: Run) -> str:
    """The target, and which of its servers was asked where it has several."""
    asked = f" ({run.asked(exchange).name})" if run.target.members else ""
    return run.target.name + asked


def _lines(answer: Answer | None) -> list[str]:
    if answer is None:
        return ["no answer", ""]
    found = parts(answer)
    del found["body"]
    lines = [f"status: {found.pop('status')}"]
    for name, values in sorted(found.items()):
        assert isinstance(values, list)
        lines += [f"{name} {value}" for value in values]
    body = [line[:LONGEST_LINE] for line in _body(answer.content)]
    return [*lines, "", *body[:MOST_LINES]]


def _body(content: bytes) -> list[str]:
    """A body in lines: JSON indented, other text as it is, anything else as Python writes it."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        try:
            return content.decode().splitlines()
        except UnicodeDecodeError:
            return [repr(content[:LONGEST_LINE])]
    return json.dumps(document, indent=2, ensure_ascii=False).splitlines()


def _parting(left: Exchange, right: Exchange, volatile: Volatile) -> list[str]:
    """Where two bodies part that are the same in lines, or are cut before they part."""
    ours, theirs = (
        each.answer.content if each.answer is not None else b"" for each in (left, right)
    )
    if volatile.alike(ours.decode("latin-1"), theirs.decode("latin-1")):
        return []
    shorter = min(len(ours), len(theirs))
    at = next((at for at in range(shorter) if ours[at] != theirs[at]), shorter)
    around = slice(max(0, at - 20), at + 40)
    return ["", f"the bodies part at byte {at}:", f"-{ours[around]!r}", f"+{theirs[around]!r}"]
