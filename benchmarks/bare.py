"""The bare callable: no framework, one answer that was written before."""

import asyncio
from collections.abc import Iterable
from typing import Any

from benchmarks.calling import Answer


def wsgi(answer: Answer) -> Any:
    """A WSGI app that reads the body and gives this answer."""
    status = f"{answer.status} OK"
    headers, body = list(answer.headers), [answer.body]

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        while environ["wsgi.input"].read(65536):
            pass
        start_response(status, headers)
        return body

    return app


def asgi(answer: Answer, wait: float = 0) -> Any:
    """An ASGI app that reads the body, waits for so many seconds, and gives this answer."""
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in answer.headers]
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    end = {"type": "http.response.body", "body": answer.body}

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        while (await receive()).get("more_body"):
            pass
        if wait:
            await asyncio.sleep(wait)
        await send(start)
        await send(end)

    return app
