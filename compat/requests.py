"""A Starlette request with Flask's reading of query, cookies, forms and JSON.

`compat.routing.FlaskRoute` puts it in the place of the request that FastAPI reads from.
"""

from collections.abc import AsyncGenerator, Iterator
from typing import Any, NoReturn

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL, FormData, Headers, QueryParams, UploadFile
from starlette.requests import ClientDisconnect
from starlette.types import Message

from compat.cookies import parse_cookies
from compat.environ import sent
from shared import form_data, json_text

_DEFAULT_PORTS = {"http": 80, "https": 443}
FORM_TYPES = {form_data.URLENCODED, form_data.MULTIPART}


class Blank(str):
    """An empty form value. FastAPI takes a value equal to "" for a missing one; this is unequal."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = str.__hash__


class FirstQuery(QueryParams):
    """A query whose first value wins; one that is no UTF-8 is 400 as soon as it is looked at."""

    def __init__(self, query: str) -> None:
        self.malformed = False
        try:
            pairs = form_data.parse_pairs(query)
        except form_data.Malformed:
            pairs, self.malformed = [], True
        super().__init__(pairs)
        self._dict = dict(reversed(pairs))

    def __contains__(self, key: object) -> bool:
        self._refuse_malformed()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        self._refuse_malformed()
        return super().__iter__()

    def _refuse_malformed(self) -> None:
        if self.malformed:
            raise HTTPException(400)


_NO_QUERY = FirstQuery("")


class FirstForm(FormData):
    """A form whose first value wins."""

    def __init__(self, items: list[tuple[str, str | UploadFile]]) -> None:
        super().__init__(items)
        self._dict = dict(reversed(items))


class FlaskRequest(Request):
    # What is wrong with the body; see `compat.routing.accept_body`.
    refusal: HTTPException | None = None

    @property
    def base_url(self) -> URL:
        """The address of the app as Werkzeug writes it: in lower case, without a default port."""
        if not hasattr(self, "_base_url"):
            url = super().base_url
            port = "" if url.port in {None, _DEFAULT_PORTS.get(url.scheme)} else f":{url.port}"
            host = url.netloc.lower().rpartition(":")[0] if url.port else url.netloc.lower()
            self._base_url = url.replace(netloc=host + port)
        return self._base_url

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower-case; empty when there is none."""
        content_type = sent(self.scope, b"content-type") or ""
        return content_type.partition(";")[0].strip(" \t").lower()

    @property
    def query_params(self) -> QueryParams:
        if not hasattr(self, "_query_params"):
            query = self.scope["query_string"]
            self._query_params = FirstQuery(query.decode("latin-1")) if query else _NO_QUERY
        return self._query_params

    @property
    def cookies(self) -> dict[str, str]:
        if not hasattr(self, "_cookies"):
            header = sent(self.scope, b"cookie")
            self._cookies = parse_cookies(header) if header else {}
        return self._cookies

    @property
    def max_body_size(self) -> int:
        """In bytes: the attribute `max_body_size` of the handler, or else of `app.state`."""
        size: int = getattr(
            self.scope.get("endpoint"), "max_body_size", self.app.state.max_body_size
        )
        return size

    def refuse_large_body(self) -> None:
        """Raise 413 for a body that is declared larger than `max_body_size`."""
        declared = sent(self.scope, b"content-length")
        if declared is not None and int(declared) > self.max_body_size:
            raise HTTPException(413)

    async def refuse_type(self) -> NoReturn:
        """415, unless the body turns out to be too large: 413 comes first."""
        await self.drain()
        raise HTTPException(415)

    def refuse_body(self, refusal: HTTPException) -> None:
        """Go on without a body, until those are heard who may refuse for other reasons."""
        self.refusal, self._body, self._form = refusal, b"", FirstForm([])

    async def drain(self) -> None:
        """Read what is left of the body, for its size only."""
        if not self._stream_consumed:
            async for _ in self.stream():
                pass

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        try:
            async for chunk in super().stream():
                size += len(chunk)
                if size > self.max_body_size:
                    raise HTTPException(413)
                yield chunk
        except ClientDisconnect:
            raise HTTPException(400) from None

    async def body(self) -> bytes:
        """The whole body; one that comes in one piece, as most do, without a stream."""
        if hasattr(self, "_body") or self._stream_consumed:
            return await super().body()
        receive, first = self._receive, await self._receive()
        if first["type"] != "http.request" or first.get("more_body", False):
            pieces = [first]

            async def again() -> Message:
                return pieces.pop() if pieces else await receive()

            self._receive = again
            return await super().body()
        self._stream_consumed = True
        body: bytes = first.get("body", b"")
        if len(body) > self.max_body_size:
            raise HTTPException(413)
        self._body = body
        return body

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = json_text.parse(await self.body())
            except ValueError:
                raise HTTPException(400) from None
        return self._json

    async def form(self, **limits: Any) -> FormData:  # type: ignore[override]
        """The form; `limits` are FastAPI's, those of `shared.form_data` are used instead."""
        if self._form is None:
            try:
                items = await self._read_form()
            except form_data.TooLarge:
                raise HTTPException(413) from None
            except form_data.Malformed:
                await self.drain()
                raise HTTPException(400) from None
            self._form = FirstForm([(name, _value(value)) for name, value in items])
        return self._form

    async def _read_form(self) -> list[form_data.Item]:
        if self.media_type not in FORM_TYPES:
            return []
        reader = form_data.FormReader(self.headers["content-type"])
        async for chunk in self.stream():
            if reader.on_disk:
                await run_in_threadpool(reader.feed, chunk)
            else:
                reader.feed(chunk)
        # What a client sent in an unknown text field comes before what it sent as an unknown file.
        return sorted(reader.close(), key=lambda item: not isinstance(item[1], str))


def _value(value: str | form_data.Upload) -> str | UploadFile:
    if isinstance(value, str):
        return value or Blank()
    headers = Headers({"content-type": value.content_type} if value.content_type else {})
    # FastAPI drops a file without name and content; whether one is needed is for the schema to say.
    size = value.size or None
    return UploadFile(value.file, size=size, filename=value.name, headers=headers)  # type: ignore[arg-type]
