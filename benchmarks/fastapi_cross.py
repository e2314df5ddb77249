"""The bare FastAPI app of the cross table: one endpoint in each way that FastAPI has."""

import asyncio
import time

from fastapi import FastAPI

from benchmarks.items import WAIT


def create_app() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/async")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/def")
    def hello_in_a_thread() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/wait")
    async def wait() -> dict[str, str]:
        await asyncio.sleep(WAIT)
        return {"hello": "world"}

    @app.get("/wait-def")
    def wait_in_a_thread() -> dict[str, str]:
        time.sleep(WAIT)
        return {"hello": "world"}

    @app.get("/block")
    async def block() -> dict[str, str]:
        time.sleep(WAIT)  # noqa: ASYNC251  (what happens to those who do)
        return {"hello": "world"}

    return app
