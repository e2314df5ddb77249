"""`python -m fuzzing --raw`: bytes that no client library sends, and what servers make of them.

The rule: what one server answers with 2xx or 3xx the other does not refuse; a request that is whole
is answered or the connection is closed; afterwards the servers answer as before, and where the
connection stays open, on it too.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from contract_tests.raw import Ending
from contract_tests.targets import Target
from fuzzing import raw_cases
from fuzzing.connection import Connection
from fuzzing.raw_cases import NEXT, Case

QUIET = 1.0  # seconds without a byte after which a server is taken to wait for more
TITLE = "# What each server does with raw requests"
SERVER_ERRORS = set(range(500, 600)) - {501}  # an unknown Transfer-Encoding is rightly a 501
LATE = 5.0  # seconds that a whole request may take, and a stop of sending may
AT_ONCE = 8  # cases; most of their time is waiting


@dataclass(frozen=True)
class Outcome:
    """What one server did: the statuses it sent, how the connection stood, what came after.

    `ended` is "open" where a further request on the connection was sent, whose status is
    `next_here`, 0 for none; `next_new` is the status of one on a new connection.
    """

    statuses: tuple[int, ...]
    ended: Ending
    next_here: int
    next_new: int

    @property
    def final(self) -> tuple[int, ...]:
        """The answers without the interim ones."""
        return tuple(status for status in self.statuses if status >= 200)

    def told(self) -> str:
        """The outcome for the page's table."""
        words = " ".join(_counted(self.statuses)) or "no answer"
        if self.ended == "open":
            return words if self.next_here else f"{words}, then nothing"
        return f"{words}, {'waits' if self.ended == 'timeout' else 'closed'}"


@dataclass(frozen=True)
class Row:
    """A case with what both servers did."""

    case: Case
    outcomes: tuple[Outcome, Outcome]

    @property
    def broken(self) -> list[str]:
        """The rules that do not hold, in words."""
        left, right = self.outcomes
        found = []
        for one, other in ((left, right), (right, left)):
            if _took(one) and not _took(other) and self.case.due:
                found.append("one takes what the other refuses")
        for outcome in self.outcomes:
            if self.case.due and not outcome.final and outcome.ended in ("open", "timeout"):
                found.append("a whole request is not answered")
            if self.case.finish and outcome.ended == "timeout":
                found.append("waits for a client that has stopped")
            if (outcome.ended == "open" and not outcome.next_here) or outcome.next_new != 200:
                found.append("the next request is lost")
            if set(outcome.statuses) & SERVER_ERRORS and b"/unexpected" not in self.case.pieces[0]:
                found.append("5xx")
        return sorted(set(found))


def look(case: Case, targets: Sequence[Target]) -> Row:
    """Send a case to both servers."""
    left, right = (_try(case, target.address) for target in targets)
    return Row(case, (left, right))


def page(rows: Iterable[Row]) -> str:
    """The page docs/raw-requests.md, whole."""
    lines = [TITLE, "", *INTRODUCTION.strip().splitlines()]
    group = ""
    for row in rows:
        if row.case.group != group:
            group = row.case.group
            lines += [
                "",
                f"## {group}",
                "",
                "| sent | `flask` | `fastapi` | |",
                "|---|---|---|---|",
            ]
        left, right = (outcome.told() for outcome in row.outcomes)
        lines.append(
            f"| {row.case.name} | {left} | {right} | {_remark(row)} |".replace("|  |", "| |")
        )
    return "\n".join([*lines, ""])


INTRODUCTION = """
`python -m fuzzing --raw` sends each of these over a socket of its own to both default servings and
holds them to one rule: what one server takes (2xx, 3xx) the other does not refuse; a whole request
is answered, or the connection closed; the next request is answered, on a new connection and, where
the old one stays open, on that too. `--write` writes this page anew; a test checks it.

A number is a status, interim ones included. *closed*: the server ended the connection; without it
the connection stays open, and the next request on it was answered. *then nothing*: it was not.
*waits*: for the rest of the request. The last column says where the two do not do the same;
**bold** is where the rule does not hold.
"""


def _remark(row: Row) -> str:
    if row.broken:
        return f"differs: {row.case.known}" if row.case.known else f"**{'; '.join(row.broken)}**"
    left, right = row.outcomes
    return "" if left.told() == right.told() else "differs"


def _took(outcome: Outcome) -> bool:
    return any(status < 400 for status in outcome.final)


def _counted(statuses: Sequence[int]) -> list[str]:
    """`200 x10` for ten equal ones in a row."""
    found: list[tuple[int, int]] = []
    for status in statuses:
        if found and found[-1][0] == status:
            found[-1] = (status, found[-1][1] + 1)
        else:
            found.append((status, 1))
    return [f"{status} x{count}" if count > 1 else str(status) for status, count in found]


def _try(case: Case, address: tuple[str, int]) -> Outcome:
    with socket.create_connection(address, LATE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk = _Talk(connection, case)
        ended = talk.run()
        here = talk.another() if ended == "open" else 0
        statuses = talk.statuses[:-1] if here else talk.statuses
    # Who refuses a request may close; who takes one must say so.
    if not here and statuses and ended in ("open", "closed") and not talk.ends():
        ended = "closed" if statuses[-1] >= 400 else "open"
    return Outcome(tuple(statuses), ended, here, _health(address))


def _health(address: tuple[str, int]) -> int:
    connection = Connection(address, LATE)
    connection.send(NEXT)
    answer = connection.receive("GET")
    connection.close()
    return answer.status_code


class _Talk:
    """One case on one connection."""

    def __init__(self, connection: socket.socket, case: Case) -> None:
        connection.setblocking(False)
        self.connection, self.case = connection, case
        self.data = b""
        whole = b"".join(case.pieces)
        self.heads = [
            line.startswith(b"HEAD ") for line in whole.split(b"\r\n") if b" HTTP/" in line
        ]

    @property
    def statuses(self) -> list[int]:
        """The statuses of the whole answers so far, interim ones included."""
        return [status for status, _ in parse(self.data, self.heads)]

    def run(self) -> Ending:
        """Send the pieces; read until enough has come, the end, or quiet."""
        waits = len(self.case.pieces) == 2  # for an interim answer, before the second is sent
        for at, piece in enumerate(self.case.pieces):
            ended = self._pump(piece, QUIET if waits and at == 0 else 0, self._has_begun)
            if ended in ("closed", "reset"):
                return ended
        if self.case.finish:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
        patient = self.case.due or self.case.finish
        ended = self._pump(b"", LATE if patient else QUIET, self._is_done)
        if ended == "open" and (self.ends() or not self.case.due):
            ended = self._pump(b"", LATE if self.ends() else QUIET, lambda: False)
        return ended

    def _has_begun(self) -> bool:
        return bool(self.statuses)

    def another(self) -> int:
        """The status of the next request on the same connection, 0 if none came."""
        count = len(self.statuses)
        self.heads.append(False)
        self._pump(NEXT, LATE, lambda: len(self.statuses) > count)
        return self.statuses[-1] if len(self.statuses) > count else 0

    def _is_done(self) -> bool:
        finals = sum(status >= 200 for status in self.statuses)
        return finals >= max(self.case.due, 1) or self.ends()

    def ends(self) -> bool:
        """Whether the server has said that it will close."""
        answers = parse(self.data, self.heads)
        finals = [connection for status, connection in answers if status >= 200]
        old = self.case.pieces[0].partition(b"\r\n")[0].endswith(b"HTTP/1.0")
        return any("close" in c or (old and "keep-alive" not in c) for c in finals)

    def _pump(self, data: bytes, wait: float, enough: Callable[[], bool]) -> Ending:
        """Send all of `data` and read, until `enough`, the end, or `wait` seconds of quiet.

        A server may answer, and close, before it has everything.
        """
        unsent = memoryview(data)
        while unsent or not enough():
            sending = [self.connection] if unsent else []
            readable, writable, _ = select.select(
                [self.connection], sending, [], LATE if unsent else wait
            )
            if not readable and not writable:
                return "timeout"
            try:
                if readable:
                    received = self.connection.recv(65536)
                    if not received:
                        return "closed"
                    self.data += received
                if writable:
                    unsent = unsent[self.connection.send(unsent) :]
            except BrokenPipeError:
                unsent = unsent[:0]
            except ConnectionResetError:
                return "reset"
        return "open"


def parse(data: bytes, heads: Sequence[bool]) -> list[tuple[int, str]]:
    """Status and `Connection` of the whole answers in `data`; `heads`: which requests were HEAD."""
    found: list[tuple[int, str]] = []
    finals = 0
    while data.startswith(b"HTTP/1.") and b"\r\n\r\n" in data:
        head, _, data = data.partition(b"\r\n\r\n")
        status = int(head[9:12])
        headers = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        if status >= 200:
            is_head = heads[finals : finals + 1] == [True]
            size = 0 if is_head or status in (204, 304) else _size(headers, data)
            if size > len(data):
                break
            data, finals = data[size:], finals + 1
        found.append((status, headers.get(b"connection", b"").decode("latin-1")))
    return found


def _size(headers: Mapping[bytes, bytes], data: bytes) -> int:
    """The length of a body at the beginning of `data`; too much where it is not whole."""
    if b"content-length" in headers:
        return int(headers[b"content-length"])
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        end = data.find(b"0\r\n\r\n")
        return end + 5 if end >= 0 else len(data) + 1
    return len(data)


def rows(targets: Sequence[Target], cases: Iterable[Case] | None = None) -> list[Row]:
    """Every case with what the two servers did; what broke a rule is looked at again, alone."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda case: look(case, targets), cases or raw_cases.cases()))
    return [look(row.case, targets) if row.broken else row for row in found]
