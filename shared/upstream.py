"""An offer, put together from what three services of other teams say about a product.

How they are asked is for each app; what is asked, how long one waits, what answers mean is here.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from shared import formats, json_text
from shared.problems import DomainError, NotFound

logger = logging.getLogger("upstream")
PRODUCT = "^[a-z0-9._-]+$"
LONGEST_PRODUCT = 100
# Seconds that a service may be silent, and that all of them have for a whole answer.
SILENCE = 1.0
ALTOGETHER = 2.0
LARGEST = 64 * 1024  # bytes of an answer
MOST_DAYS = 365
# What is said to every service; an answer that is not compressed cannot grow when it is read.
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "shop"}

TIMEOUT, CONNECTION, STATUS = "timeout", "connection", "status"
MALFORMED, UNKNOWN = "malformed", "unknown"
MESSAGES = {
    TIMEOUT: "Did not answer in time.",
    CONNECTION: "Could not be reached, or broke off.",
    STATUS: "Answered with an error.",
    MALFORMED: "Gave an answer that cannot be read.",
    UNKNOWN: "Does not know this product.",
}


class BadGateway(DomainError):
    status = 502


class GatewayTimeout(DomainError):
    status = 504


@dataclass(frozen=True)
class Service:
    """Who is asked; `read` makes a value of the member `member` of its answer or raises ValueError.

    `field` is where the value stands in an offer.
    """

    name: str
    member: str
    field: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Reply:
    """What came of asking: a value, or the code of MESSAGES that says why there is none."""

    service: Service
    value: Any = None
    code: str = ""


def _price(value: Any) -> Any:
    price = formats.parse_decimal(value) if isinstance(value, str) else -1
    if price < 0:
        raise ValueError
    return price


def _whole_number(most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise ValueError
        return value

    return read


SERVICES = (
    Service("price", "price", "price", _price),
    Service("stock", "stock", "stock", _whole_number(formats.LARGEST_ID)),
    Service("delivery", "days", "delivery_days", _whole_number(MOST_DAYS)),
)


def no_cookies() -> CookieJar:
    """A jar that stays empty: what a service sets for one visitor is not sent for the next."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def reply(service: Service, status: int, body: bytes) -> Reply:
    """What an answer means; members of it that nobody asked for are left alone."""
    if status != 200:
        return Reply(service, code=UNKNOWN if status == 404 else STATUS)
    try:
        if len(body) > LARGEST:
            raise ValueError
        return Reply(service, service.read(json_text.parse(body)[service.member]))
    except (ValueError, KeyError, TypeError):
        return Reply(service, code=MALFORMED)


def offer(product: str, replies: Sequence[Reply]) -> dict[str, Any]:
    """What is known of `product`, `None` for the rest, and why in `problems`.

    Raises NotFound if no service knows it, GatewayTimeout if all were late, and BadGateway if no
    service gave an answer for other reasons.
    """
    failed = [reply for reply in replies if reply.code]
    for reply in failed:
        fault = {"service": reply.service.name, "code": reply.code}
        logger.warning("a service failed", extra=fault)
    if len(failed) == len(replies):
        raise _nothing({reply.code for reply in failed})
    values = {reply.service.field: reply.value for reply in replies}
    return {"product": product, **values, "problems": [_problem(reply) for reply in failed]}


def _nothing(codes: set[str]) -> DomainError:
    """What to answer when each service failed, for one of these reasons."""
    if codes == {UNKNOWN}:
        return NotFound()
    return GatewayTimeout() if codes == {TIMEOUT} else BadGateway()


def _problem(reply: Reply) -> dict[str, str]:
    message = MESSAGES[reply.code]
    return {"service": reply.service.name, "code": reply.code, "message": message}
