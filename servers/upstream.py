"""A stand-in for the three services that the upstream topic asks: `python -m servers.upstream`.

`GET /price?product=lamp` answers with a price, `/stock` with a number of items, `/delivery` with a
number of days. A product's code may tell a service, or all of them, to do something else:
`lamp_stock-status-503_price-wait-300`. What they can do are the methods of `Conversation`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
PORT = 5002
GOOD = {"price": ("price", "12.50"), "stock": ("stock", 7), "delivery": ("days", 2)}
MEETING_WAIT = 0.8  # seconds until one who waits for the other two gives up
TRICKLE = 0.2  # seconds between two bytes
# What the shop says to each service.
INTRODUCTION = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "shop"}
LONGEST = 10.0  # seconds after which everything ends that would go on for ever
CLOSED = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError)
SENSELESS = (ValueError, IndexError)  # an order that cannot be carried out ends the connection

Meetings = dict[str, dict[str, list[asyncio.Event]]]  # of a product and a service, who waits


class StandIn:
    """The three services on one port, in a thread of this process until `stop`.

    Without `port` a free one is taken. Raises OSError if the port is busy.
    """

    def __init__(self, port: int = 0) -> None:
        started: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(port, started), daemon=True)
        self._thread.start()
        self.url = f"http://{HOST}:{started.result()}"

    def stop(self) -> None:
        """Break off all connections; stopping twice does no harm."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self, port: int, started: Future[int]) -> None:
        try:
            asyncio.run(self._serve(port, started))
        except OSError as error:
            started.set_exception(error)

    async def _serve(self, port: int, started: Future[int]) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        meetings: Meetings = {}

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(*CLOSED, *SENSELESS, TimeoutError, asyncio.CancelledError):
                async with contextlib.aclosing(Conversation(reader, writer, meetings)) as talk:
                    while await talk.answer_one():
                        pass

        server = await asyncio.start_server(converse, HOST, port, backlog=1024)
        started.set_result(server.sockets[0].getsockname()[1])
        await self._stopped.wait()
        server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Conversation:
    """One connection. Each method `do_...` answers; it returns whether the connection goes on."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, meetings: Meetings
    ) -> None:
        self.reader, self.writer, self.meetings = reader, writer, meetings
        self.requests = 0
        self.service = self.product = ""
        self.headers = Message()

    async def aclose(self) -> None:
        self.writer.close()

    async def answer_one(self) -> bool:
        """Read a request and answer it as its product says."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        line, _, fields = head.partition(b"\r\n")
        self.headers = message_from_bytes(fields)
        method, path, _ = line.split(b" ", 2)
        target = urlsplit(path.decode("ascii"))
        self.service = target.path.strip("/")
        if self.service not in GOOD:
            return await self.do_status("404")
        if method != b"GET":
            return await self.do_status("405")
        self.product = parse_qs(target.query).get("product", [""])[0]
        for what, value in orders(self.product, self.service):
            if what == "wait":
                await asyncio.sleep(int(value) / 1000)
            elif do := getattr(self, f"do_{what}", None):
                async with asyncio.timeout(LONGEST):
                    return bool(await do(value))
        return await self.good(GOOD[self.service][1])

    async def good(self, value: object) -> bool:
        document = {"product": self.product, GOOD[self.service][0]: value}
        return await self.send(json.dumps(document).encode())

    async def send(self, body: bytes, status: int = 200, *headers: str) -> bool:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
        return await self.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def write(self, data: bytes, *, go_on: bool = True) -> bool:
        self.writer.write(data)
        await self.writer.drain()
        return go_on

    async def do_value(self, value: str) -> bool:
        """Answer well, with this string."""
        return await self.good(value)

    async def do_number(self, value: str) -> bool:
        """Answer well, with this number, or null or true."""
        return await self.good(json.loads(value))

    async def do_connection(self, _: str) -> bool:
        """Answer well, with the number of requests that this connection has carried."""
        return await self.good(self.requests)

    async def do_cookie(self, value: str) -> bool:
        """Answer well, with the number of cookies that came, and one more to keep."""
        key, _ = GOOD[self.service]
        cookies = self.headers.get_all("Cookie", [])
        body = json.dumps({key: len(cookies)}).encode()
        return await self.send(body, 200, f"Set-Cookie: visitor{value}=1; Path=/")

    async def do_introduction(self, _: str) -> bool:
        """Answer well to a client that says who it is and what it takes, else 400."""
        heard = {name: self.headers.get(name) for name in INTRODUCTION}
        if heard == INTRODUCTION:
            return await self.good(GOOD[self.service][1])
        return await self.do_status("400")

    async def do_meet(self, _: str) -> bool:
        """Answer well once the other two services have been asked for this product too, else 503.

        Two who ask for one product at the same time make two meetings.
        """
        waiting = self.meetings.setdefault(self.product, {service: [] for service in GOOD})
        complete = asyncio.Event()
        waiting[self.service].append(complete)
        if all(waiting.values()):
            for events in waiting.values():
                events.pop(0).set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MEETING_WAIT):
                await complete.wait()
        if complete.is_set():
            return await self.good(GOOD[self.service][1])
        waiting[self.service].remove(complete)
        return await self.do_status("503")

    async def do_status(self, status: str) -> bool:
        return await self.send(b"" if status == "204" else b'{"error":"as told"}', int(status))

    async def do_redirect(self, _: str) -> bool:
        """Send the client to where it would get a good answer."""
        return await self.send(b"", 302, f"Location: /{self.service}?product=redirected")

    async def do_text(self, text: str) -> bool:
        """Answer 200 with something that need not be JSON."""
        return await self.send(text.encode())

    async def do_deep(self, _: str) -> bool:
        return await self.send(b"[" * 30000)

    async def do_latin(self, _: str) -> bool:
        """Answer with text that is no UTF-8."""
        return await self.send(b'{"price":"12.50","stock":7,"days":2,"name":"\xe9"}')

    async def do_garbage(self, _: str) -> bool:
        """Answer with something that is no HTTP."""
        return await self.write(b"I say, old chap\r\n\r\n", go_on=False)

    async def do_close(self, _: str) -> bool:
        """Close without an answer."""
        return False

    async def do_cut(self, _: str) -> bool:
        """Close in the middle of the body."""
        return await self.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"pro', go_on=False)

    async def do_size(self, value: str) -> bool:
        """A good answer of so many bytes."""
        key, good = GOOD[self.service]
        return await self.send(json.dumps({key: good}).encode().ljust(int(value)))

    async def do_endless(self, _: str) -> bool:
        """A body in chunks without end, as fast as the client reads."""
        await self.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await self.write(b"400\r\n" + b" " * 1024 + b"\r\n")

    async def do_silent(self, _: str) -> bool:
        """Never answer."""
        await self.reader.read()
        return False

    async def do_stall(self, _: str) -> bool:
        """Begin to answer, then fall silent."""
        await self.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n ")
        return await self.do_silent("")

    async def do_trickle(self, _: str) -> bool:
        """A body that comes byte by byte, and is never silent for long."""
        await self.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        while True:
            await self.write(b" ")
            await asyncio.sleep(TRICKLE)

    async def do_drip(self, _: str) -> bool:
        """Headers that come byte by byte."""
        await self.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while True:
            await self.write(b".")
            await asyncio.sleep(TRICKLE)


def orders(product: str, service: str) -> Iterator[tuple[str, str]]:
    """What a product's code tells a service to do, in order."""
    for order in product.split("_")[1:]:
        who, _, what = order.partition("-")
        if who in (service, "all"):
            name, _, value = what.partition("-")
            yield name, value


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C on the port that is given, or the one that the settings expect."""
    try:
        with StandIn(int(arguments[0]) if arguments else PORT) as stand_in:
            print(stand_in.url, flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
