"""A route class that reads requests as Flask does.

Keeps: the first of repeated values, empty form values, Flask's cookie grammar, 415 for a body
of the wrong type, 400 for one that cannot be parsed, 413 counted over what arrives. Headers are
the business of `compat.environ`. Differs because FastAPI takes the last of repeated values,
treats an empty form value as missing, and answers 422 for all of those. Not wanted where no
client of the old app is left.

    router = APIRouter(route_class=FlaskRoute)
    app.state.max_body_size = 2 * 1024 * 1024  # bytes
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response, params
from fastapi.routing import APIRoute

from compat.methods import ALLOW
from compat.requests import FORM_TYPES, FlaskRequest
from shared.media_types import is_json_type

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FlaskRoute(APIRoute):
    """`APIRoute` whose handlers get a `FlaskRequest`, its body checked before it is parsed."""

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
            if reads_json:
                await require_json(flask_request)
            elif reads_form:
                await require_form(flask_request)
            return await handle(flask_request)

        return handler


async def require_json(request: FlaskRequest) -> None:
    """Raise 415 unless the body is declared as JSON, 400 if there is none."""
    if not is_json_type(request.media_type):
        await request.refuse_type()
    if not await request.body():
        raise HTTPException(400)


async def require_form(request: FlaskRequest) -> None:
    """Raise 415 for a body that is no form; no body at all is an empty form."""
    if request.media_type in FORM_TYPES:
        return
    has_body = int(request.headers.get("content-length", "0")) > 0
    if request.media_type or has_body or "transfer-encoding" in request.headers:
        await request.refuse_type()
