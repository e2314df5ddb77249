"""A conversation with both servers at once, over a connection to each that is kept."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.raw import RawAnswer
from fuzzing.connection import WAIT, Connection
from fuzzing.message import Conversation, Request, Taken, Value
from fuzzing.verdict import Finding, Judge

LONGEST = 40  # conversations remembered of a pair of connections


class Lane:
    """Sends first to both and reads then, so that the servers work at the same time.

    `history` is what was said before on the same connections; both are opened anew when either
    has ended.
    """

    def __init__(self, judge: Judge, wait: float = WAIT) -> None:
        self.judge = judge
        self.connections = [Connection(target.address, wait) for target in judge.targets]
        self.history: list[Conversation] = []
        self.begin(())

    def begin(self, conversation: Conversation) -> None:
        """Start a conversation; `step` is the number of requests that have been answered."""
        self.conversation, self.step = conversation, 0
        self.runs = self.judge.runs()
        self.answers: tuple[list[RawAnswer], list[RawAnswer]] = ([], [])
        self.sent: list[bytes] = []

    @property
    def done(self) -> bool:
        return self.step >= len(self.conversation)

    def send(self) -> None:
        """Send the next request to both."""
        if self.step == 0:
            if len(self.history) >= LONGEST or not all(c.is_open for c in self.connections):
                self.close()
            self.history.append(self.conversation)
        request = self.conversation[self.step]
        self.sent = [
            request.encoded(answers, regular)
            for answers, regular in zip(self.answers, self.judge.regulars, strict=True)
        ]
        for connection, data in zip(self.connections, self.sent, strict=True):
            connection.send(data)

    def receive(self) -> Finding | None:
        """Read both answers and judge them; a finding ends the conversation."""
        method = self.conversation[self.step].method
        answers = [connection.receive(method) for connection in self.connections]
        for kept, answer in zip(self.answers, answers, strict=True):
            kept.append(answer)
        self.step += 1
        said = self.conversation[: self.step]
        finding = self.judge.look(said, self.runs, self.sent, answers)
        if finding:
            self.step = len(self.conversation)
        return finding

    def close(self) -> None:
        for connection in self.connections:
            connection.close()
        self.history = []


def play(judge: Judge, conversation: Conversation, wait: float, *, apart: bool) -> Finding | None:
    """The first finding of a conversation on new connections, each request `apart` or not."""
    lane = Lane(judge, wait)
    lane.begin(conversation)
    finding = None
    while not lane.done and not finding:
        lane.send()
        finding = lane.receive()
        if apart:
            lane.close()
    lane.close()
    return finding


def joined(history: list[Conversation]) -> Conversation:
    """Conversations as one; what is taken from an answer is taken from the same one."""
    whole: list[Request] = []
    for conversation in history:
        shift = len(whole)
        whole += [_shifted(request, shift) for request in conversation]
    return tuple(whole)


def _shifted(request: Request, by: int) -> Request:
    def value(old: Value) -> Value:
        return replace(old, step=old.step + by) if isinstance(old, Taken) else old

    headers = tuple((name, value(old)) for name, old in request.headers)
    return replace(request, target=value(request.target), headers=headers)
