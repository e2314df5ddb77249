"""Whether a pair of answers is as it should be, by the comparison of the contract itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from contract_tests import account, differences, documents
from contract_tests.comparison import MADE, Volatile, differing
from contract_tests.exchange import Exchange, Run
from contract_tests.raw import RawAnswer
from contract_tests.regulars import Regular
from contract_tests.targets import Target
from fuzzing.generator import UNEXPECTED
from fuzzing.message import Conversation, Request

# The one value that depends on the clock: Expires, where a client gave Max-Age alone.
EXPIRES = re.compile(r"; Expires=([^;]+ GMT); Max-Age=(\d+)(?:;|$)")
CLOCK = timedelta(seconds=3)
# A time of the years in which this runs: ISO 8601, a date of HTTP, seconds since 1970.
MOMENT = re.compile(
    r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
    r"|\w{3}, \d\d \w{3} 20[2-9]\d \d\d:\d\d:\d\d GMT|\b[12]\d{9}\b"
)
SECRET = re.compile(
    r"(access_token|refresh_token|key|prefix|csrf_token|session|id)\"?(?:=|:| value=)\"?"
    r"([A-Za-z0-9_.-]{20,})"
)
MARK = "x-served-by"
DOCUMENT = "/openapi.json"
# Its products tell the services to fail, and the contract's own products do so.
UPSTREAM = "/upstream/offers"
# A parameter says how the work there ends.
DESKS = "/dependencies/desks/"
# The one answer that is chance.
THROW = re.compile(rb'\{"sides":\d,"rolled":(\d),"thrown_at":"(.+)"\}')


@dataclass(frozen=True)
class Finding:
    """What is wrong: `kind` in words, the conversation so far, and the last pair of exchanges."""

    kind: str
    conversation: Conversation
    pair: tuple[Exchange, Exchange]
    runs: tuple[Run, Run]
    names: tuple[str, ...] = ()

    @property
    def statuses(self) -> tuple[int, int]:
        return status(self.pair[0]), status(self.pair[1])

    @property
    def signature(self) -> tuple[object, ...]:
        """What stays while a finding is made smaller."""
        return self.kind, self.statuses, self.names if self.kind == "differs" else ()

    @property
    def group(self) -> tuple[object, ...]:
        """Findings of one group have, as a rule, one cause."""
        return (*self.signature, self.conversation[-1].method, "/".join(self.path.split("/")[:3]))

    @property
    def path(self) -> str:
        """The path of the last request, as it was sent first."""
        line = account.request_line(self.pair[0])
        return line.partition(" ")[2].partition("?")[0]


class Judge:
    """Knows the two targets, which of them marks the answers of its app, and who asks at each."""

    def __init__(self, targets: Sequence[Target], marked: Sequence[bool]) -> None:
        self.targets, self.marked = targets, marked
        self.regulars: tuple[Regular | None, Regular | None] = (None, None)
        self._intended = differences.load()
        self.refused = 0

    def runs(self) -> tuple[Run, Run]:
        """The records of a new conversation."""
        return Run(self.targets[0]), Run(self.targets[1])

    def look(
        self,
        conversation: Conversation,
        runs: tuple[Run, Run],
        sent: Sequence[bytes],
        answers: Sequence[RawAnswer],
    ) -> Finding | None:
        """Judge the answers to the last request of `conversation`; both are added to the runs."""
        pair = Exchange(sent[0], answers[0]), Exchange(sent[1], answers[1])
        for run, exchange in zip(runs, pair, strict=True):
            run.exchanges.append(exchange)
        kind, names = self._kind(conversation, runs, pair, answers)
        return Finding(kind, conversation, pair, runs, tuple(names)) if kind else None

    def _kind(
        self,
        conversation: Conversation,
        runs: tuple[Run, Run],
        pair: tuple[Exchange, Exchange],
        answers: Sequence[RawAnswer],
    ) -> tuple[str, list[str]]:
        for answer in answers:
            if answer.status_code == 0:
                return ("hang" if answer.ended == "timeout" else "no answer"), []
        request = conversation[-1]
        if any(a.status_code >= 500 for a in answers) and not is_unexpected(request, runs):
            return "5xx", []
        if self._by_server(answers):
            self.refused += 1
            both = all(400 <= answer.status_code < 500 for answer in answers)
            return ("" if both else "refused by one server alone"), []
        name_expires(runs, len(conversation), answers)
        name_request_ids(runs, len(conversation), answers)
        name_moments(runs, len(conversation), answers)
        name_secrets(runs, len(conversation), answers)
        name_throws(runs, len(conversation), answers)
        names = differing(*pair, Volatile(runs, pair))
        names = [name for name in names if name not in self._covered(pair[0])]
        if same_wait(answers):
            names = [name for name in names if name != "retry-after:"]
        if names and asked(runs) == DOCUMENT and same_document(answers):
            names = [name for name in names if name not in {"body", "content-length:"}]
        return ("differs", names) if names else ("", [])

    def _by_server(self, answers: Sequence[RawAnswer]) -> bool:
        """Whether one of them did not come from an app."""
        pairs = zip(self.marked, answers, strict=True)
        return any(marks and MARK not in answer.headers for marks, answer in pairs)

    def _covered(self, exchange: Exchange) -> set[str]:
        line = account.request_line(exchange) if self._intended else ""
        found = [each.covers for each in self._intended.values() if each.request == line]
        return set().union(*found)


def name_expires(runs: tuple[Run, Run], step: int, answers: Sequence[RawAnswer]) -> None:
    """Name the Expires that both servers made of Max-Age; any other stands for itself."""
    found = [EXPIRES.search(answer.headers.get("set-cookie", "")) for answer in answers]
    if all(match and _is_from_clock(match[1], int(match[2])) for match in found):
        for run, match in zip(runs, found, strict=True):
            assert match
            run.volatile[f"expires-{step}"] = match[1]


def name_request_ids(runs: tuple[Run, Run], step: int, answers: Sequence[RawAnswer]) -> None:
    """Name the ids that the apps made, which a body may tell again."""
    found = [answer.headers.get("x-request-id", "") for answer in answers]
    if all(map(MADE["x-request-id"].fullmatch, found)):
        for run, value in zip(runs, found, strict=True):
            run.volatile[f"request-id-{step}"] = value


def name_throws(runs: tuple[Run, Run], step: int, answers: Sequence[RawAnswer]) -> None:
    """Name what two dice show, and when they were thrown."""
    found = [THROW.fullmatch(answer.content) for answer in answers]
    for run, match in zip(runs, found, strict=True):
        if match and all(found):
            run.volatile[f"rolled-{step}"] = int(match[1])
            run.volatile[f"thrown-at-{step}"] = match[2].decode()


def name_moments(runs: tuple[Run, Run], step: int, answers: Sequence[RawAnswer]) -> None:
    """Name the times that each server read from its clock: at the same places, almost the same."""
    told = [MOMENT.findall(text_of(answer)) for answer in answers]
    if len(told[0]) != len(told[1]):
        return
    for number, pair in enumerate(zip(*told, strict=True)):
        if pair[0] != pair[1] and abs(seconds(pair[0]) - seconds(pair[1])) < CLOCK.total_seconds():
            for run, text in zip(runs, pair, strict=True):
                run.volatile[f"moment-{step}-{number}"] = text


def name_secrets(runs: tuple[Run, Run], step: int, answers: Sequence[RawAnswer]) -> None:
    """Name what is made to be unlike everything: tokens, keys, signed cookies."""
    told = [SECRET.findall(text_of(answer)) for answer in answers]
    if [name for name, _ in told[0]] != [name for name, _ in told[1]]:
        return
    for number, pair in enumerate(zip(*told, strict=True)):
        for run, (name, value) in zip(runs, pair, strict=True):
            run.volatile[f"{name}-{step}-{number}"] = value


def text_of(answer: RawAnswer) -> str:
    """Where values of the server are to be found: headers and body, but no cookie of the client."""
    headers = "\n".join(
        f"{name}: {value}"
        for name, value in answer.headers.items()
        if name.lower() != "set-cookie" or value.startswith("session=")
    )
    return f"{headers}\n{answer.content.decode('latin-1')}"


def seconds(moment: str) -> float:
    """A time as seconds since 1970, whichever way it is written; infinity if it is none."""
    if moment.isdigit():
        return float(moment)
    read = parsedate_to_datetime if moment.endswith("GMT") else datetime.fromisoformat
    try:
        return read(moment).timestamp()
    except ValueError:
        return float("inf")


def _is_from_clock(date: str, seconds: int) -> bool:
    expected = datetime.now(UTC) + timedelta(seconds=seconds)
    return abs(parsedate_to_datetime(date) - expected) < CLOCK


def is_unexpected(request: Request, runs: tuple[Run, Run]) -> bool:
    """Whether a 5xx is the right answer: it is asked for."""
    if request.method == "POST":
        return asked(runs).startswith(DESKS)
    return request.method in {"GET", "HEAD"} and asked(runs) in {UNEXPECTED, UPSTREAM}


def same_document(answers: Sequence[RawAnswer]) -> bool:
    """Whether two OpenAPI documents say the same, which is a comparison of its own."""
    if any(answer.status_code != 200 for answer in answers):
        return False
    if not all(answer.content for answer in answers):  # HEAD
        return True
    left, right = (documents.operations(answer.json()) for answer in answers)
    return not any(documents.differences(left, right))


def same_wait(answers: Sequence[RawAnswer]) -> bool:
    """Whether both ask to wait until the same moment, which is counted from now."""
    told = [answer.headers.get("retry-after", "") for answer in answers]
    if not all(map(str.isdigit, told)):
        return False
    return abs(int(told[0]) - int(told[1])) <= CLOCK.total_seconds()


def asked(runs: tuple[Run, Run]) -> str:
    """The decoded path of the last request, without further slashes at its beginning."""
    line = account.request_line(runs[0].exchanges[-1]).partition(" ")[2]
    return "/" + unquote(line.partition("?")[0], errors="replace").lstrip("/")


def status(exchange: Exchange) -> int:
    return exchange.answer.status_code if exchange.answer is not None else 0
