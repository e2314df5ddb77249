"""What a test speaks through: one target, every exchange recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.cookies import RequestsCookieJar

from contract_tests.exchange import Exchange, Run
from contract_tests.raw import RawAnswer, converse

WAIT = 10.0


class Api:
    """A client for one target. Redirects are not followed and no cookies are kept.

    Where the target is several servers, each call goes to the next one of them.

    Every call takes, beside the arguments of `requests`:
    `uncompared`, the reason why this answer is exempt from the comparison between targets;
    `refusal=True` when the server itself refuses: only that it does, with a whole answer of
    4xx or 5xx, is then asked of each target.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._session = run.target.session
        self._turns = run.target.turns()
        self.url = run.target.url

    def request(
        self, method: str, path: str, *, uncompared: str = "", refusal: bool = False, **kwargs: Any
    ) -> requests.Response:
        kwargs.setdefault("timeout", WAIT)
        server = next(self._turns)
        url = server.url + path
        try:
            answer = self._session.request(method, url, allow_redirects=False, **kwargs)
        except requests.RequestException as error:
            sent = error.request if isinstance(error.request, requests.PreparedRequest) else None
            self._run.exchanges.append(Exchange(sent, None, uncompared, refusal, server))
            raise
        self._record(Exchange(answer.request, answer, uncompared, refusal, server))
        return answer

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("GET", path, **kwargs)

    def head(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("HEAD", path, **kwargs)

    def options(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("OPTIONS", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("PATCH", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("DELETE", path, **kwargs)

    def raw(
        self,
        data: bytes,
        *,
        finish: bool = False,
        wait: float = WAIT,
        uncompared: str = "",
        refusal: bool = False,
    ) -> RawAnswer:
        """Send exactly `data` over a connection of its own and return the first answer.

        `finish` closes the sending side after the last byte; `wait` bounds it all, in seconds.
        """
        return self.raw_answers(
            data, 1, finish=finish, wait=wait, uncompared=uncompared, refusal=refusal
        )[0]

    def raw_answers(
        self,
        data: bytes,
        count: int,
        *,
        finish: bool = False,
        wait: float = WAIT,
        uncompared: str = "",
        refusal: bool = False,
    ) -> list[RawAnswer]:
        """The same for up to `count` requests in one connection; fewer when the server closes."""
        server = next(self._turns)
        answers = converse(server.address, data, answers=count, finish=finish, wait=wait)
        for answer in answers:
            self._record(Exchange(data, answer, uncompared, refusal, server))
        assert refusal or answers[-1].status_code, (
            f"no whole answer within {wait} s, connection: {answers[-1].ended}"
        )
        return answers

    def volatile(self, name: str, value: str | int) -> None:
        """Name a value that differs between targets; where it stands is then what is compared.

        It holds for all exchanges of the test, also the earlier ones.
        """
        if self._run.volatile.setdefault(name, value) != value:
            raise ValueError(f"{name!r} already names {self._run.volatile[name]!r}")

    @contextmanager
    def keeping_cookies(self) -> Iterator[RequestsCookieJar]:
        """Keep cookies as a browser does, from an empty jar, until the block ends."""
        without = self._session.cookies
        self._session.cookies = jar = RequestsCookieJar()
        try:
            yield jar
        finally:
            self._session.cookies = without

    def _record(self, exchange: Exchange) -> None:
        self._run.exchanges.append(exchange)
        if exchange.refusal:
            status = exchange.answer.status_code if exchange.answer is not None else 0
            assert status >= 400, f"not refused: {status or 'no whole answer'}"
