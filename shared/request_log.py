"""The request that is being answered: its id, who asks, and its one line in the log."""

import logging
import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

# What may be taken over from a client: it stands in a header and in every line of the log.
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
logger = logging.getLogger("access")


@dataclass
class RequestLog:
    """What is known of a request. `user` is an id, no name; `size` counts the bytes of the body."""

    request_id: str
    method: str
    path: str
    taken_over: bool = False
    user: int | None = None
    status: int = 500
    size: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def milliseconds(self) -> float:
        """Since the request came."""
        return round((time.perf_counter() - self.began) * 1000, 1)

    def start(self, status: int) -> dict[str, str]:
        """The headers with which the answer begins."""
        self.status = status
        return {
            "X-Request-ID": self.request_id,
            "Server-Timing": f"app;dur={self.milliseconds:.1f}",
        }

    def sent(self, size: int) -> None:
        """Count bytes of the body; HEAD sends none."""
        if self.method != "HEAD":
            self.size += size

    def end(self) -> None:
        """Write the line, once the answer has been sent or given up."""
        facts = {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "duration_ms": self.milliseconds,
            "bytes": self.size,
        }
        logger.info("request", extra=facts)


# The object is shared by the threads that a request runs in, its context variable is copied.
_current: ContextVar[RequestLog | None] = ContextVar("request", default=None)


def begin(method: str, path: str, sent_id: str | None) -> RequestLog:
    """Begin a request, with the id that the client sent if it is well-formed, else a new one."""
    if sent_id is not None and ID.fullmatch(sent_id):
        request = RequestLog(sent_id, method, path, taken_over=True)
    else:
        request = RequestLog(str(uuid4()), method, path)
    _current.set(request)
    return request


def name_user(user_id: int | None) -> None:
    """Let the lines of the log say who asks."""
    if request := find():
        request.user = user_id


def forget() -> None:
    """End what `begin` began: a thread goes on to other requests, a task does not."""
    _current.set(None)


def find() -> RequestLog | None:
    """The request that is being answered here, None outside of one."""
    return _current.get()


def current() -> RequestLog:
    """The request that is being answered here. Raises LookupError outside of one."""
    request = find()
    if request is None:
        raise LookupError("no request is being answered here")
    return request
