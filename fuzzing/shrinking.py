"""The smallest conversation that still shows the same.

Pieces are left out, the large ones first, as long as the finding stays: requests, headers, the
body, parts of the target, then single bytes. It knows the parts of a request, which a shrinker of
random choices does not.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from fuzzing.message import Conversation, Request, Taken, Value

S = TypeVar("S", bytes, tuple[Any, ...])
Fails = Callable[[Conversation], bool]
TRIES = 1500
SECONDS = 30.0
_PIECES = (re.compile(rb"(?<=\n)"), re.compile(rb"(?<=[&/?;,])"))


class Shrinker:
    """`fails` says whether a conversation still shows what was found."""

    def __init__(self, fails: Fails, *, tries: int = TRIES, seconds: float = SECONDS) -> None:
        self._fails, self._left = fails, tries
        self._deadline = time.monotonic() + seconds
        self._seen: set[Conversation] = set()

    def smallest(self, conversation: Conversation) -> Conversation:
        """The conversation without anything that can be left out."""
        before = None
        while conversation != before and self._may_go_on():
            before = conversation
            conversation = self._fewer_requests(conversation)
            for at in reversed(range(len(conversation))):
                conversation = self._smaller_request(conversation, at)
        return conversation

    def _may_go_on(self) -> bool:
        return self._left > 0 and time.monotonic() < self._deadline

    def _still(self, conversation: Conversation) -> bool:
        """Whether it still fails; nothing is tried twice."""
        if conversation in self._seen or not self._may_go_on():
            return False
        self._seen.add(conversation)
        self._left -= 1
        return self._fails(conversation)

    def _fewer_requests(self, conversation: Conversation) -> Conversation:
        indices = tuple(range(len(conversation)))
        last = indices[-1:]
        kept = self._shorter(
            indices[:-1], lambda some: self._still(_only(conversation, some + last))
        )
        return _only(conversation, kept + last)

    def _smaller_request(self, conversation: Conversation, at: int) -> Conversation:
        def put(request: Request) -> Conversation:
            return (*conversation[:at], request, *conversation[at + 1 :])

        def fails(request: Request) -> bool:
            return self._still(put(request))

        request = self._plainer(conversation[at], fails)
        request = self._fewer_headers(request, fails)
        request = self._smaller_target(request, fails)
        if request.body:
            request = self._smaller_body(request, fails)
        return put(request)

    def _plainer(self, request: Request, fails: Callable[[Request], bool]) -> Request:
        changes: list[dict[str, Any]] = [{"body": b"", "framing": "none"}, {"method": "GET"}]
        changes += [{"framing": "length"}] if request.framing == "chunked" else []
        changes += [{"framing": "none"}] if not request.body else []
        for change in changes:
            plainer = replace(request, **change)
            if plainer != request and fails(plainer):
                request = plainer
        return request

    def _fewer_headers(self, request: Request, fails: Callable[[Request], bool]) -> Request:
        kept = self._shorter(request.headers, lambda some: fails(replace(request, headers=some)))
        request = replace(request, headers=kept)
        for at in range(len(kept)):
            request = self._smaller_header(request, at, fails)
        return request

    def _smaller_header(
        self, request: Request, at: int, fails: Callable[[Request], bool]
    ) -> Request:
        name, value = request.headers[at]
        if not isinstance(value, bytes):
            return request

        def with_value(some: bytes) -> Request:
            headers = (*request.headers[:at], (name, some), *request.headers[at + 1 :])
            return replace(request, headers=headers)

        return with_value(self._smaller_bytes(value, lambda some: fails(with_value(some))))

    def _smaller_target(self, request: Request, fails: Callable[[Request], bool]) -> Request:
        if not isinstance(request.target, bytes):
            return request
        small = self._smaller_bytes(
            request.target[1:], lambda some: fails(replace(request, target=b"/" + some))
        )
        return replace(request, target=b"/" + small)

    def _smaller_body(self, request: Request, fails: Callable[[Request], bool]) -> Request:
        def with_body(body: bytes) -> Request:
            return replace(request, body=body)

        body = self._smaller_json(request.body, lambda some: fails(with_body(some)))
        return with_body(self._smaller_bytes(body, lambda some: fails(with_body(some))))

    def _smaller_json(self, body: bytes, fails: Callable[[bytes], bool]) -> bytes:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return body
        going = True
        while going:
            going = False
            for smaller in smaller_values(value):
                text = _compact(smaller)
                if fails(text):
                    body, value, going = text, smaller, True
                    break
        return body

    def _smaller_bytes(self, data: bytes, fails: Callable[[bytes], bool]) -> bytes:
        for pattern in _PIECES:
            pieces = tuple(pattern.split(data)) if len(data) < 10_000 else (data,)
            data = b"".join(self._shorter(pieces, lambda some: fails(b"".join(some))))
        return self._shorter(data, fails)

    def _shorter(self, items: S, fails: Callable[[S], bool]) -> S:
        """The items without those that can be left out, alone or with their neighbours."""
        if items and fails(items[:0]):
            return items[:0]
        size = len(items) // 2
        while size:
            at = 0
            while at < len(items):
                shorter = items[:at] + items[at + size :]
                if shorter and fails(shorter):
                    items = shorter
                else:
                    at += size
            size //= 2
        return items


def smaller_values(value: Any) -> Iterator[Any]:
    """Values of JSON that are a little smaller."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {name: kept for name, kept in value.items() if name != key}
            yield from ({**value, key: smaller} for smaller in smaller_values(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield [*value[:at], *value[at + 1 :]]
            yield from (
                [*value[:at], smaller, *value[at + 1 :]] for smaller in smaller_values(inner)
            )
    elif isinstance(value, str) and value:
        yield ""
        if len(value) > 1:
            yield from (value[: len(value) // 2], value[len(value) // 2 :])
            yield from (value[:-1], value[1:])
    elif value not in (0, None) and not isinstance(value, bool):
        yield 0


def _compact(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _only(conversation: Conversation, indices: Sequence[int]) -> Conversation:
    """Some of the requests; what was taken from another's answer is then nothing."""
    place = {old: new for new, old in enumerate(indices)}

    def value(old: Value) -> Value:
        if not isinstance(old, Taken):
            return old
        return replace(old, step=place[old.step]) if old.step in place else b""

    return tuple(
        replace(
            conversation[at],
            target=value(conversation[at].target) or b"/",
            headers=tuple((name, value(old)) for name, old in conversation[at].headers),
        )
        for at in indices
    )
