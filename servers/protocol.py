"""uvicorn's httptools protocol without what would let one client speak for another.

Start uvicorn with `--http=servers.protocol:StrictProtocol`.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from compat.limits import FIELD_SIZE, FIELDS, TARGET

LARGEST_HEAD = 1024 * 1024
LINGER = 2  # seconds, as long as gunicorn
_REQUEST_LINE = re.compile(rb"[A-Z-]+ [!-~]+ HTTP/1\.[01]")
_REFUSED = "Invalid HTTP request received."


class LingeringTransport:
    """A connection that is closed as RFC 9112, 9.6 says, while the client still sends a body.

    What it sends is read and forgotten for a while: to close with something unread takes back
    what of the answer has not arrived yet.
    """

    def __init__(self, transport: asyncio.Transport, still_sends: Callable[[], bool]) -> None:
        self._transport, self._still_sends, self._lingers = transport, still_sends, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._lingers or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing() or not self._still_sends():
            self._transport.close()
            return
        self._lingers = True
        self._transport.write_eof()
        self._transport.resume_reading()
        asyncio.get_running_loop().call_later(LINGER, self._transport.close)


class StrictProtocol(HttpToolsProtocol):
    """Refuses and closes where the parser goes on.

    Trailers do not become headers. After a request that offers another protocol (Upgrade) the
    connection ends, for the parser has given up: what follows, even that request's own body,
    would be read as further requests. A head over 1 MiB is not collected, a request line with
    other blanks than two is not read, and a client that has sent all may close its side and
    still gets its answer.
    """

    head = 0
    in_head = True
    at_start = True
    over = False
    refusal = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(LingeringTransport(transport, self.still_sends))  # type: ignore[arg-type]

    def still_sends(self) -> bool:
        """Whether the request that was answered last has not come to its end."""
        return self.cycle is not None and self.cycle.response_complete and self.cycle.more_body

    def data_received(self, data: bytes) -> None:
        if self.over or self.transport.is_closing():
            return
        line, ended, _ = data.removeprefix(b"\r\n").partition(b"\r\n")
        if self.at_start and ended and not _REQUEST_LINE.fullmatch(line):
            self._refuse()
            return
        self.at_start = False
        self.head += len(data)
        super().data_received(data)
        if self.in_head and self.head > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.trailers: list[int] = []
        self.in_head, self.head = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head:
            self.trailers.append(len(name) + len(value))
            if len(self.trailers) > FIELDS or self.trailers[-1] + 4 > FIELD_SIZE:
                raise ValueError("too many trailers, or one too long")
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        """Let a request that came whole be answered first."""
        self.over = True
        if self.cycle is None or self.cycle.response_complete or self.cycle.more_body:
            super().send_400_response(msg)
        else:
            self.refusal = msg

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.refusal and self.cycle.response_complete and not self.transport.is_closing():
            super().send_400_response(self.refusal)

    def on_headers_complete(self) -> None:
        self.in_head = False
        self.scope[TARGET] = self.url  # type: ignore[literal-required]
        if self.parser.should_upgrade():
            self.headers.append((b"connection", b"close"))
            self.over = True
        super().on_headers_complete()
        # What comes from now on are trailers; the app has the list of the headers already.
        self.headers = []
        if self.over:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.at_start = True

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection for an answer that is still to come."""
        waiting = self.cycle is not None and not self.cycle.response_complete
        if not waiting or self.cycle.more_body or self.in_head:
            return False
        self.cycle.keep_alive = False
        return True

    def _refuse(self) -> None:
        self.over = True
        self.send_400_response(_REFUSED)
