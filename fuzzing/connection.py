"""A kept-alive connection: bytes out, one answer back, as fast as Python can."""

from __future__ import annotations

import contextlib
import socket

from urllib3 import HTTPHeaderDict

from contract_tests.raw import Ending, RawAnswer

WAIT = 10.0  # seconds; who has not answered by then hangs


class Gone(Exception):
    """The connection ended, or the time was over, before the answer was whole."""

    def __init__(self, ended: Ending) -> None:
        self.ended: Ending = ended


class Connection:
    """Opened when it is needed, again too; `wait` is how many seconds an answer may take."""

    def __init__(self, address: tuple[str, int], wait: float = WAIT) -> None:
        self.address, self.wait = address, wait
        self._socket: socket.socket | None = None
        self._data = b""

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def send(self, data: bytes) -> None:
        """Send a request. That the server does not take it shows when the answer is read.

        It may answer, and close, before it has read everything.
        """
        with contextlib.suppress(OSError):
            if self._socket is None:
                self._data = b""
                self._socket = socket.create_connection(self.address, self.wait)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(data)

    def receive(self, method: str) -> RawAnswer:
        """The answer to the request sent last; its status is 0 if none came."""
        try:
            answer = self._answer(method)
        except Gone as gone:
            self.close()
            return RawAnswer(0, HTTPHeaderDict(), self._data, gone.ended)
        if "close" in answer.headers.get("connection", "").lower():
            self.close()
            answer.ended = "closed"
        elif self._data:
            self.close()
            return RawAnswer(0, HTTPHeaderDict(), b"unasked: " + self._data, "open")
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, method: str) -> RawAnswer:
        status = 100
        while status < 200:
            head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            try:
                status = int(head[0][9:12])
            except ValueError:
                raise Gone("open") from None
        headers = HTTPHeaderDict()
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers.add(name, value.strip(" \t"))
        if method == "HEAD" or status in (204, 304):
            return RawAnswer(status, headers, b"")
        return RawAnswer(status, headers, self._body(headers))

    def _body(self, headers: HTTPHeaderDict) -> bytes:
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self._rest()
        body = b""
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            body += self._exactly(size)
            self._until(b"\r\n")
        self._until(b"\r\n")
        return body

    def _rest(self) -> bytes:
        try:
            while True:
                self._more()
        except Gone as gone:
            if gone.ended != "closed":
                raise
        rest, self._data = self._data, b""
        self.close()
        return rest

    def _until(self, end: bytes) -> bytes:
        while (at := self._data.find(end)) < 0:
            self._more()
        found, self._data = self._data[:at], self._data[at + len(end) :]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._data) < size:
            self._more()
        found, self._data = self._data[:size], self._data[size:]
        return found

    def _more(self) -> None:
        if self._socket is None:
            raise Gone("closed")
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            raise Gone("timeout") from None
        except OSError:
            raise Gone("reset") from None
        if not data:
            raise Gone("closed")
        self._data += data
