"""Every error is a problem document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from compat.methods import allowed
from shared import logs
from shared.database import UNAVAILABLE
from shared.faults import MESSAGES, Fault, error, fault, in_order
from shared.problems import MEDIA_TYPE, DomainError, problem

RETRY_AFTER = "1"  # seconds
# pydantic's types of error -> the code of the contract and the words that fill its message.
TYPES = {
    "string_type": ("type", {"expected": "a string"}),
    "int_type": ("type", {"expected": "an integer"}),
    "float_type": ("type", {"expected": "a number"}),
    "finite_number": ("type", {"expected": "a number"}),
    "bool_type": ("type", {"expected": "a boolean"}),
    "list_type": ("type", {"expected": "a list"}),
    "dict_type": ("type", {"expected": "an object"}),
    "model_attributes_type": ("type", {"expected": "an object"}),
    "missing": ("required", {}),
    "extra_forbidden": ("additionalProperties", {}),
    "greater_than_equal": ("minimum", {"limit": "ge"}),
    "greater_than": ("exclusiveMinimum", {"limit": "gt"}),
    "less_than_equal": ("maximum", {"limit": "le"}),
    "less_than": ("exclusiveMaximum", {"limit": "lt"}),
    "string_too_short": ("minLength", {"limit": "min_length"}),
    "string_too_long": ("maxLength", {"limit": "max_length"}),
    "string_pattern_mismatch": ("pattern", {"pattern": "pattern"}),
    # Of a list; a mapping has `fastapi_app.fields.at_most`.
    "too_short": ("minItems", {"limit": "min_length"}),
    "too_long": ("maxItems", {"limit": "max_length"}),
}


def problem_response(
    status: int,
    detail: str | None = None,
    *,
    type: str = "about:blank",
    errors: Sequence[dict[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> JSONResponse:
    document = problem(status, detail, type=type, errors=errors, members=members)
    return JSONResponse(document, status, dict(headers or {}), MEDIA_TYPE)


def on_invalid(request: Request, invalid: RequestValidationError) -> JSONResponse:
    return problem_response(422, errors=in_order(_errors(invalid.errors())))


def on_domain_error(request: Request, error: DomainError) -> JSONResponse:
    return problem_response(
        error.status,
        error.detail,
        type=error.type,
        errors=error.errors,
        headers=error.headers,
        members=error.members,
    )


def on_unavailable(request: Request, error: Exception) -> JSONResponse:
    logs.report("the database does not answer", error)
    return problem_response(503, headers={"Retry-After": RETRY_AFTER})


def on_http_exception(request: Request, error: HTTPException) -> JSONResponse:
    headers = {"Allow": allowed(request.scope)} if error.status_code == 405 else error.headers
    return problem_response(error.status_code, headers=headers)


def on_exception(request: Request, error: Exception) -> JSONResponse:
    logs.report("unexpected exception", error)
    return problem_response(500)


HANDLERS: dict[Any, Any] = {
    RequestValidationError: on_invalid,
    DomainError: on_domain_error,
    **dict.fromkeys(UNAVAILABLE, on_unavailable),
    HTTPException: on_http_exception,
}


def _errors(found: Iterable[Any]) -> Iterable[dict[str, str]]:
    for entry in found:
        place, *location = entry["loc"]
        if "field" in entry.get("ctx", {}):
            location.append(entry["ctx"]["field"])
        yield error(place, location, _fault(entry))


def _fault(entry: dict[str, Any]) -> Fault:
    kind, context = entry["type"], entry.get("ctx", {})
    if kind in MESSAGES:
        own = Fault(entry["msg"])
        own.code = kind
        return own
    if kind == "value_error" and "UploadFile" in entry["msg"]:
        return fault("type", expected="a file")
    code, values = TYPES.get(kind, ("invalid", {}))
    return fault(code, **{name: context.get(value, value) for name, value in values.items()})
