"""Many conversations, one after the other; what they find is made small and told.

Several at once would be slower: gunicorn's threads then wait for each other.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from contract_tests import regulars
from contract_tests.raw import RawAnswer
from contract_tests.targets import Target
from fuzzing import dictionary, document, memory, report
from fuzzing.connection import WAIT, Connection
from fuzzing.generator import Generator
from fuzzing.lane import Lane, joined, play
from fuzzing.message import Conversation, Request
from fuzzing.shrinking import TRIES, Shrinker
from fuzzing.verdict import MARK, Finding, Judge

MOST = 10  # groups of findings after which a run ends
AGAIN = 2_000  # requests after which the fuzzer logs in anew, should it have logged itself out
EVERY = 5.0  # seconds between two lines of progress
SHORT_WAIT = 3.0  # seconds; a server that hangs is asked often while a finding is made small
Say = Callable[[str], None]


@dataclass(frozen=True)
class Small:
    """A finding at its smallest, where it came from, and whether it can be seen again.

    `apart`: it shows with a connection for each request too.
    """

    finding: Finding
    number: int
    again: bool
    apart: bool

    def told(self) -> str:
        """Everything that one wants to know of it."""
        seen = "" if self.again else " (seen once, not again)"
        text = f"conversation {self.number}: {report.account_of(self.finding)}"
        return f"{text}{seen}\n\n{report.case(self.finding, apart=self.apart)}\n"


@dataclass
class Result:
    """What a run did and found; `groups` counts the findings of each cause."""

    requests: int = 0
    seconds: float = 0.0
    refused: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    groups: Counter[tuple[object, ...]] = field(default_factory=Counter)
    small: list[Small] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second, of both servers together."""
        return 2 * self.requests / max(self.seconds, 0.001)


class Fuzzer:
    """Makes requests of `seed` and sends them to two targets that are ready.

    `only` is a piece of the paths to keep to; sequences and odd targets still lead elsewhere.
    `tries` bounds what is done to make a finding small; with 0 it is told as it is.
    """

    def __init__(
        self, targets: list[Target], seed: str, say: Say, *, only: str = "", tries: int = TRIES
    ) -> None:
        marked = [_marks(target) for target in targets]
        operations = []
        for target in targets:
            for operation in document.operations(document.fetch(target.address)):
                if only in operation.path and operation not in operations:
                    operations.append(operation)
        if not operations:
            raise ValueError(f"the OpenAPI document has no path with {only!r}")
        self.judge = Judge(targets, marked)
        self.generator = Generator(operations, dictionary.load(), seed)
        self.targets, self.seed, self.say, self.tries = targets, seed, say, tries
        # Of what is found, what it is when it is small: many findings have one cause.
        self._causes: dict[tuple[object, ...], tuple[object, ...]] = {}

    def run(
        self,
        count: int,
        *,
        most: int = MOST,
        seconds: float = float("inf"),
        wanted: Callable[[Finding], bool] = lambda _: False,
    ) -> Result:
        """Fuzz until `count` requests, `most` groups of findings, or the time is reached, or until
        a finding is `wanted`."""
        result = Result(memory=[memory.told(self.targets)])
        began = told = time.monotonic()
        lane = Lane(self.judge)
        number = -1
        while (
            result.requests < count
            and len(result.groups) < most
            and not any(wanted(small.finding) for small in result.small)
        ):
            now = time.monotonic()
            result.seconds = now - began
            if result.seconds > seconds:
                break
            if now - told > EVERY:
                told = now
                self.say(self._progress(result, count))
            if lane.done:
                number += 1
                lane.begin(self.generator.conversation(number))
            if result.requests % AGAIN == 0:
                self._log_in()
            lane.send()
            self._receive(lane, number, result)
        lane.close()
        result.seconds, result.refused = time.monotonic() - began, self.judge.refused
        result.memory.append(memory.told(self.targets))
        return result

    def _log_in(self) -> None:
        """A new account at each server, unless nothing that is asked for needs one."""
        if any(operation.schemes for operation in self.generator.operations):
            name = f"fuzzer-{uuid4().hex}"
            # A window that lasts: else it ends at one server a moment before it does at the other.
            left, right = (regulars.made(target.url, name, 3600) for target in self.targets)
            self.judge.regulars = left, right

    def _receive(self, lane: Lane, number: int, result: Result) -> None:
        conversation = lane.conversation
        finding = lane.receive()
        result.requests += 1
        for answers in lane.answers:
            result.statuses[answers[-1].status_code] += 1
        if finding is None:
            return
        if finding.group not in self._causes:
            small = self._small(finding, [*lane.history[:-1], conversation], number)
            self._causes[finding.group] = small.finding.group
            if small.finding.group not in result.groups:
                result.small.append(small)
                self.say(small.told())
        result.groups[self._causes[finding.group]] += 1
        lane.close()

    def _small(self, finding: Finding, history: list[Conversation], number: int) -> Small:
        """The finding again, at its smallest: by itself, or with what was said before it."""
        whole = joined([*history[:-1], finding.conversation])
        if not self.tries:
            return Small(finding, number, False, True)
        given = [exchange.answer for exchange in finding.runs[0].exchanges]
        answers = [answer for answer in given if isinstance(answer, RawAnswer)]
        settled = tuple(request.filled(answers) for request in finding.conversation)
        for candidate, apart in (
            (settled, True),
            (finding.conversation, True),
            (finding.conversation, False),
            (whole, False),
        ):
            if self._shows(finding, candidate, apart=apart):
                smallest = self._shrunk(finding, candidate, apart=apart)
                found = self._shows(finding, smallest, apart=apart)
                return Small(found or finding, number, found is not None, apart)
        return Small(finding, number, False, True)

    def _shrunk(self, finding: Finding, conversation: Conversation, *, apart: bool) -> Conversation:
        def fails(some: Conversation) -> bool:
            return self._shows(finding, some, apart=apart) is not None

        return Shrinker(fails, tries=self.tries).smallest(conversation)

    def _shows(
        self, finding: Finding, conversation: Conversation, *, apart: bool
    ) -> Finding | None:
        """The finding that the conversation shows, if it is the same."""
        wait = WAIT if finding.kind != "hang" else SHORT_WAIT
        found = play(self.judge, conversation, wait, apart=apart)
        return found if found and found.signature == finding.signature else None

    def _progress(self, result: Result, count: int) -> str:
        found = sum(result.groups.values())
        return (
            f"{result.requests:,} of {count:,} requests to each, {result.rate:,.0f}/s for both, "
            f"{found} differences, {memory.told(self.targets)}"
        )


def _marks(target: Target) -> bool:
    """Whether a server's app puts its name on its answers."""
    connection = Connection(target.address)
    connection.send(Request("GET", b"/health").encoded())
    answer = connection.receive("GET")
    connection.close()
    return MARK in answer.headers
