import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from httpx2 import AsyncClient, Response, TimeoutException, TransportError

from compat.routing import FlaskRoute
from fastapi_app.fields import Decimal
from fastapi_app.schemas import Schema
from fastapi_app.upstream import ClientDep, lifespan
from shared import upstream
from shared.upstream import ALTOGETHER, CONNECTION, LARGEST, SERVICES, TIMEOUT, Reply, Service

router = APIRouter(tags=["upstream"], route_class=FlaskRoute, lifespan=lifespan)


class ServiceProblem(Schema):
    service: str
    code: str
    message: str


class Offer(Schema):
    product: str
    price: Decimal | None
    stock: int | None
    delivery_days: int | None
    problems: list[ServiceProblem]


async def ask(client: AsyncClient, service: Service, product: str) -> Reply:
    try:
        async with (
            asyncio.timeout(ALTOGETHER),
            client.stream("GET", service.name, params={"product": product}) as response,
        ):
            return upstream.reply(service, response.status_code, await read(response))
    except (TimeoutError, TimeoutException):
        return Reply(service, code=TIMEOUT)
    except TransportError:
        return Reply(service, code=CONNECTION)


async def read(response: Response) -> bytes:
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST:
            break
    return body


async def ask_all(client: AsyncClient, product: str) -> list[Reply]:
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(client, service, product)) for service in SERVICES]
    return [task.result() for task in asked]


@router.get("/upstream/offers")
async def show_offer(
    product: Annotated[str, Query(max_length=upstream.LONGEST_PRODUCT, pattern=upstream.PRODUCT)],
    client: ClientDep,
) -> Offer:
    return Offer.model_validate(upstream.offer(product, await ask_all(client, product)))
