from concurrent.futures import wait
from time import monotonic
from typing import Any

from httpx2 import Client, Response, TimeoutException, TransportError

from flask_app.fields import Decimal, Integer, Length, List, Nested, Pattern, Text
from flask_app.openapi import Blueprint
from flask_app.schemas import Schema
from flask_app.upstream import get_client, get_threads
from shared import upstream
from shared.upstream import ALTOGETHER, CONNECTION, LARGEST, SERVICES, TIMEOUT, Reply, Service

bp = Blueprint("upstream", __name__)


class Wanted(Schema):
    product = Text(
        required=True, validate=[Length(max=upstream.LONGEST_PRODUCT), Pattern(upstream.PRODUCT)]
    )


class ServiceProblem(Schema):
    service = Text(required=True)
    code = Text(required=True)
    message = Text(required=True)


class Offer(Schema):
    product = Text(required=True)
    price = Decimal(required=True, allow_none=True)
    stock = Integer(required=True, allow_none=True)
    delivery_days = Integer(required=True, allow_none=True)
    problems = List(Nested(ServiceProblem), required=True)


def ask(client: Client, service: Service, product: str, until: float) -> Reply:
    try:
        with client.stream("GET", service.name, params={"product": product}) as response:
            return upstream.reply(service, response.status_code, read(response, until))
    except (TimeoutError, TimeoutException):
        return Reply(service, code=TIMEOUT)
    except TransportError:
        return Reply(service, code=CONNECTION)


def read(response: Response, until: float) -> bytes:
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        # Nothing ends a thread from outside: it has to look at the clock itself.
        if monotonic() > until:
            raise TimeoutError
        if len(body) > LARGEST:
            break
    return body


def ask_all(product: str) -> list[Reply]:
    client, threads = get_client(), get_threads()
    until = monotonic() + ALTOGETHER
    asked = {s: threads.submit(ask, client, s, product, until) for s in SERVICES}
    on_time, late = wait(asked.values(), ALTOGETHER)
    for future in late:
        future.cancel()
    return [f.result() if f in on_time else Reply(s, code=TIMEOUT) for s, f in asked.items()]


@bp.get("/upstream/offers")
@bp.arguments(Wanted, location="query", as_kwargs=True)
@bp.response(200, Offer)
def show_offer(product: str) -> dict[str, Any]:
    return upstream.offer(product, ask_all(product))
