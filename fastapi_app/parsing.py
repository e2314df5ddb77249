"""How a request is read: what `compat.routing.FlaskRoute`, the routers' route class, goes by."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from compat.conditional import make_conditional, require_match
from compat.places import Places
from shared.settings import Settings

Handler = TypeVar("Handler", bound=Callable[..., Any])


def install(app: FastAPI, settings: Settings) -> None:
    app.state.max_body_size = settings.max_body_size
    app.router.redirect_slashes = False
    Places.install(app.router)


def max_body_size(size: int) -> Callable[[Handler], Handler]:
    """A handler that reads bodies of up to `size` bytes, whatever the others do."""

    def decorate(handler: Handler) -> Handler:
        handler.__dict__["max_body_size"] = size
        return handler

    return decorate


def get_check(request: Request) -> Callable[[str], None]:
    return partial(require_match, request)


# To be called with an entity tag: raises 412 if the client wants another version than this one.
CheckDep = Annotated[Callable[[str], None], Depends(get_check)]


def conditional(request: Request, document: BaseModel, tag: str) -> Response:
    """The document as JSON with its entity tag; only a 304 for a client that has it already."""
    return make_conditional(request, JSONResponse(document.model_dump(mode="json")), tag)
