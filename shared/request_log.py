"""The request that is being answered: its id, who asks, and its one line in the log."""

import logging
import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import getrandbits

# What may be taken over from a client: it stands in a header and in every line of the log.
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
logger = logging.getLogger("access")


@dataclass(slots=True)
class RequestLog:
    """What is known of a request. `user` is an id, no name; `size` counts the bytes of the body;
    `served_by` is the app that answers: during a migration there are two.
    """

    request_id: str
    method: str
    path: str
    taken_over: bool = False
    user: int | None = None
    status: int = 500
    size: int = 0
    served_by: str = ""
    began: float = field(default_factory=time.perf_counter)

    @property
    def milliseconds(self) -> float:
        """Since the request came."""
        return round((time.perf_counter() - self.began) * 1000, 1)

    @property
    def timing(self) -> str:
        """The time since the request came, as `Server-Timing` has it."""
        return f"app;dur={(time.perf_counter() - self.began) * 1000:.1f}"

    def sent(self, size: int) -> None:
        """Count bytes of the body; HEAD sends none."""
        if self.method != "HEAD":
            self.size += size

    def end(self) -> None:
        """Write the line, once the answer has been sent or given up."""
        if not logger.isEnabledFor(logging.INFO):
            return
        facts = {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "duration_ms": self.milliseconds,
            "bytes": self.size,
            "served_by": self.served_by,
        }
        logger.info("request", extra=facts)


# The object is shared by the threads that a request runs in, its context variable is copied.
_current: ContextVar[RequestLog | None] = ContextVar("request", default=None)


def begin(method: str, path: str, sent_id: str | None, served_by: str = "") -> RequestLog:
    """Begin a request, with the id that the client sent if it is well-formed, else a new one."""
    if sent_id is not None and ID.fullmatch(sent_id):
        request = RequestLog(sent_id, method, path, taken_over=True)
    else:
        request = RequestLog(new_id(), method, path)
    request.served_by = served_by
    _current.set(request)
    return request


def new_id() -> str:
    """A random UUID (RFC 9562, 5.4). `uuid4` takes four times as long, for bits that nobody can
    guess; but a client may choose any id."""
    bits = getrandbits(128)
    digits = f"{bits:032x}"
    variant = "89ab"[bits & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


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
