"""The client of other services. All requests share its connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from httpx2 import AsyncClient, Limits, Timeout

from shared.settings import Settings
from shared.upstream import HEADERS, SERVICES, SILENCE, no_cookies

# Requests that ask at once; the others wait before their time runs. Tasks are cheap enough to begin
# more than one process can finish in time, and then all of them are late.
MOST = 100
# The pool looks at each idle one before every request: hundreds cost more than they save.
IDLE = 20


def install(app: FastAPI, settings: Settings) -> None:
    app.state.upstream_url = settings.upstream_url


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The life of the client: from the start of the app until it stops."""
    async with AsyncClient(
        base_url=app.state.upstream_url,
        headers=HEADERS,
        cookies=no_cookies(),
        timeout=Timeout(SILENCE),
        limits=Limits(max_connections=MOST * len(SERVICES), max_keepalive_connections=IDLE),
        # No proxy and no password from the environment.
        trust_env=False,
    ) as client:
        app.state.upstream = client
        yield


async def get_client(request: Request) -> AsyncIterator[AsyncClient]:
    yield request.app.state.upstream


ClientDep = Annotated[AsyncClient, Depends(get_client, scope="function", max_concurrency=MOST)]
