"""Whether two targets gave the same answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from contract_tests.exchange import Answer, Exchange, Run, header_items

# The server's own, the connection's, and the one header that may name the app.
IGNORED_HEADERS = frozenset(
    {"date", "server", "connection", "keep-alive", "transfer-encoding", "x-served-by"}
)

# What the app makes anew for each answer; only that both made one of this form is compared.
MADE = {
    "x-request-id": re.compile(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    ),
    "server-timing": re.compile(r"app;dur=\d+\.\d"),
}

Part = int | str | list[str]
Values = dict[str, tuple[str, bool]]


def parts(answer: Answer | None) -> dict[str, Part]:
    """An answer as what is compared: its status, each header's values in order, its body.

    The order of different headers means nothing in HTTP and is dropped; that of equal ones stays.
    The body is decoded as Latin-1, one character a byte.
    """
    if answer is None:
        return {"status": 0}
    found: dict[str, Part] = {"status": answer.status_code}
    for name, value in header_items(answer):
        if name in IGNORED_HEADERS:
            continue
        if name == "allow":
            value = ", ".join(sorted(token.strip() for token in value.split(",")))
        if name in MADE and MADE[name].fullmatch(value):
            value = f"<{name}>"
        values = found.setdefault(f"{name}:", [])
        assert isinstance(values, list)
        values.append(value)
    found["body"] = answer.content.decode("latin-1")
    return found


def chunked(answer: Answer | None) -> bool:
    return answer is not None and any(
        name == "transfer-encoding" and "chunked" in value.lower()
        for name, value in header_items(answer)
    )


class Volatile:
    """The values that a test named on each of two targets, and what they make alike.

    The host and port that the two exchanges were with are always volatile.
    """

    def __init__(self, runs: tuple[Run, Run], pair: tuple[Exchange, Exchange]) -> None:
        self._runs, self._pair = runs, pair

    @cached_property  # most answers are equal without it
    def _sides(self) -> tuple[Values, Values]:
        left, right = map(_values, self._runs, self._pair)
        return left, right

    def alike(self, left: str, right: str) -> bool:
        """Whether the texts are equal once the same names stand at the same places.

        A number may also be there by chance, for other reasons than its name, if on both sides.
        """
        if left == right:
            return True
        ours, theirs = self._sides
        pieces = re.split(f"({_pattern(ours)})", left)
        if len(pieces) == 1:
            return False
        # Two names may have one value here and two there: a cookie that is written twice a second.
        choice: dict[str, list[str]] = {}
        for name, (text, number) in ours.items():
            other = re.escape(theirs.get(name, (text, False))[0])
            choice.setdefault(text, []).extend([other, text] if number else [other])
        expected = "".join(
            f"(?:{'|'.join(choice[piece])})" if at % 2 else re.escape(piece)
            for at, piece in enumerate(pieces)
        )
        return re.fullmatch(expected, right) is not None

    @property
    def numbers_as_long(self) -> bool:
        """Whether each number has as many digits on one side as on the other."""
        ours, theirs = self._sides
        numbers = {name: text for name, (text, number) in ours.items() if number}
        return all(len(theirs.get(name, (text,))[0]) == len(text) for name, text in numbers.items())

    def named(self, text: str, *, right: bool) -> str:
        """The text with `<name>` for each volatile value, for people."""
        side = self._sides[right]
        names = {value: name for name, (value, _) in side.items()}
        return re.sub(_pattern(side), lambda match: f"<{names[match[0]]}>", text)


def differing(left: Exchange, right: Exchange, volatile: Volatile) -> list[str]:
    """The names of the parts in which two answers differ.

    Content-Length counts, but not where the other answer is chunked instead (how a body is framed
    is the server's choice) nor where a body differs by volatile values alone. Of HEAD nobody sees
    whether it does: the length counts unless an id is 99 here and 100 there.
    """
    ours, theirs = parts(left.answer), parts(right.answer)
    if ours == theirs:
        return []
    names = [
        name
        for name in {**ours, **theirs}
        if not _alike(ours.get(name), theirs.get(name), volatile)
    ]
    unseen = _is_head(left) and not volatile.numbers_as_long
    if "content-length:" in names and (unseen or _framing_only(left, right, ours, theirs, names)):
        names.remove("content-length:")
    return names


def _is_head(exchange: Exchange) -> bool:
    request = exchange.request
    if isinstance(request, bytes):
        return request.startswith(b"HEAD ")
    return request is not None and request.method == "HEAD"


def _framing_only(
    left: Exchange,
    right: Exchange,
    ours: Mapping[str, Part],
    theirs: Mapping[str, Part],
    names: list[str],
) -> bool:
    if "content-length:" not in ours or "content-length:" not in theirs:
        return chunked(right.answer if "content-length:" in ours else left.answer)
    return "body" not in names and ours.get("body") != theirs.get("body")


def _alike(left: Part | None, right: Part | None, volatile: Volatile) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return volatile.alike(left, right)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return all(map(volatile.alike, left, right))
    return left == right


def _values(run: Run, exchange: Exchange) -> Values:
    """Each name's value as it stands in a decoded body, and whether it is a number."""
    values = {"host": run.asked(exchange).url.partition("://")[2], **run.volatile}
    return {
        name: (str(value).encode().decode("latin-1"), isinstance(value, int))
        for name, value in values.items()
    }


def _pattern(values: Mapping[str, tuple[str, bool]]) -> str:
    texts = sorted((re.escape(text) for text, _ in values.values()), key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(texts)})(?!\w)"
