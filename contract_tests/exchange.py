"""One request with its answer, and the run of a test that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import requests

from contract_tests.raw import RawAnswer

if TYPE_CHECKING:
    from contract_tests.targets import Target

Answer = requests.Response | RawAnswer


@dataclass(slots=True)
class Exchange:
    """A request as sent (exact bytes for the raw transport) and what came back, None if nothing.

    `uncompared` is the reason why the answers are not compared, "" when they are. `server` is who
    was asked, where the target is several servers.
    """

    request: requests.PreparedRequest | bytes | None
    answer: Answer | None
    uncompared: str = ""
    refusal: bool = False
    server: Target | None = None


@dataclass(slots=True)
class Run:
    """A test's run on one target: its exchanges in order, and the values that it named volatile."""

    target: Target
    exchanges: list[Exchange] = field(default_factory=list)
    volatile: dict[str, str | int] = field(default_factory=dict)
    log_starts: Sequence[int] = ()
    failed: bool = False

    def asked(self, exchange: Exchange) -> Target:
        """The server that an exchange of this run was with."""
        return exchange.server or self.target


# Where a test item keeps its run.
RUN = pytest.StashKey[Run]()


def header_items(answer: Answer) -> list[tuple[str, str]]:
    """The headers as sent, names in lower case, repeated ones apart and in their order."""
    headers = answer.headers if isinstance(answer, RawAnswer) else answer.raw.headers
    return [(name.lower(), value) for name, value in headers.iteritems()]
