"""Every error is a problem document."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import Flask, Response, jsonify
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter

from shared import logs
from shared.database import UNAVAILABLE
from shared.problems import MEDIA_TYPE, DomainError, problem

RETRY_AFTER = "1"  # seconds


class Invalid(Exception):
    """Values of the request are invalid; `errors` as in `shared.faults`."""

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        self.errors = errors


def install(app: Flask) -> None:
    app.register_error_handler(Invalid, on_invalid)
    app.register_error_handler(DomainError, on_domain_error)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, on_unavailable)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(Exception, on_exception)


def problem_response(
    status: int,
    detail: str | None = None,
    *,
    type: str = "about:blank",
    errors: Sequence[dict[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    response = jsonify(problem(status, detail, type=type, errors=errors, members=members))
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    response.headers.update(headers or {})
    return response


def on_invalid(error: Invalid) -> Response:
    return problem_response(422, errors=error.errors)


def on_domain_error(error: DomainError) -> Response:
    return problem_response(
        error.status,
        error.detail,
        type=error.type,
        errors=error.errors,
        headers=error.headers,
        members=error.members,
    )


def on_unavailable(error: Exception) -> Response:
    logs.report("the database does not answer", error)
    return problem_response(503, headers={"Retry-After": RETRY_AFTER})


def on_http_exception(error: HTTPException) -> Response:
    if isinstance(error, MethodNotAllowed) and not _is_somewhere(error):
        error = NotFound()
    assert error.code is not None  # Flask hands over no other
    headers = {k: v for k, v in error.get_headers() if k != "Content-Type"}
    return problem_response(error.code, headers=headers)


def _is_somewhere(error: MethodNotAllowed) -> bool:
    """Whether the path is found with a method that it knows: converters look at it only then."""
    adapter = cast(MapAdapter, request_ctx.url_adapter)
    try:
        return bool(adapter.match(method=next(iter(error.valid_methods or ()), None)))
    except HTTPException:
        return False


def on_exception(error: Exception) -> Response:
    logs.report("unexpected exception", error)
    return problem_response(500)
