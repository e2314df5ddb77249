"""A route class that reads requests as Flask does.

Keeps: the first of repeated values, empty form values, Flask's cookie grammar, 415 for a body
of the wrong type, 400 for one that cannot be parsed, 413 counted over what arrives; and that a
dependency which refuses the request, as a decorator does, comes before all of these, where the
size is not declared. Headers are the business of `compat.environ`. Differs because FastAPI takes
the last of repeated values, treats an empty form value as missing, answers 422 for all of those,
and reads the body before it asks who sent it. Not wanted where no client of the old app is left.

    router = APIRouter(route_class=FlaskRoute)
    app.state.max_body_size = 2 * 1024 * 1024  # bytes
"""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, get_type_hints

from fastapi import Depends, HTTPException, Request, Response, params
from fastapi.routing import APIRoute

from compat.methods import ALLOW
from compat.requests import FORM_TYPES, FlaskRequest
from shared.media_types import is_json_type

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FlaskRoute(APIRoute):
    """`APIRoute` whose handlers get a `FlaskRequest`, its body checked before it is parsed."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(path, endpoint, dependencies=dependencies, **options)
        first = [*(dependencies or ()), *declared(endpoint)]
        self.refuses_later = bool(first) and self.body_field is not None
        if self.refuses_later:
            # FastAPI solves these in order, and each only once: the handler's own, then the body.
            first.append(Depends(accept_body))
            super().__init__(path, endpoint, dependencies=first, **options)

    def before(self, request: Request) -> None:
        """Called once the size of the body is known to be fine; see `compat.blueprints`."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        reads_json = reads_form = False
        if self.body_field is not None:
            reads_form = isinstance(self.body_field.field_info, params.Form)
            reads_json = not reads_form

        async def handler(request: Request) -> Response:
            flask_request = FlaskRequest(request.scope, request.receive)
            flask_request.refuse_large_body()
            self.before(flask_request)
            if allow := request.scope.get(ALLOW):
                return Response(headers={"allow": allow})
            try:
                if reads_json:
                    await require_json(flask_request)
                elif reads_form:
                    await require_form(flask_request)
            except HTTPException as refusal:
                if not self.refuses_later:
                    raise
                flask_request.refuse_body(refusal)
            return await handle(flask_request)

        return handler


def declared(endpoint: Callable[..., Any]) -> Iterator[params.Depends]:
    """The dependencies in the signature of a handler."""
    for hint in get_type_hints(endpoint, include_extras=True).values():
        yield from (m for m in getattr(hint, "__metadata__", ()) if isinstance(m, params.Depends))


async def accept_body(request: Request) -> None:
    """A dependency, the last: raise what is wrong with the body, now that nobody else has
    refused."""
    refusal = getattr(request, "refusal", None)
    if refusal is not None:
        raise refusal


async def require_json(request: FlaskRequest) -> None:
    """Raise 415 unless the body is declared as JSON, 400 if it is none."""
    if not is_json_type(request.media_type):
        await request.refuse_type()
    await request.json()


async def require_form(request: FlaskRequest) -> None:
    """Raise 415 for a body that is no form, 400 for a malformed one; no body is an empty form."""
    if request.media_type in FORM_TYPES:
        await request.form()
        return
    has_body = int(request.headers.get("content-length", "0")) > 0
    if request.media_type or has_body or "transfer-encoding" in request.headers:
        await request.refuse_type()
