"""One shape for every error: the problem details of RFC 9457, and the table of their texts."""

from collections.abc import Mapping, Sequence
from typing import Any

MEDIA_TYPE = "application/problem+json"

# Status -> (title, what a client can do about it).
PROBLEMS = {
    400: ("Bad Request", "The request could not be parsed."),
    401: ("Unauthorized", "Authentication is needed."),
    403: ("Forbidden", "This is not allowed."),
    404: ("Not Found", "There is nothing at this address."),
    405: ("Method Not Allowed", "This address does not answer this method; see Allow."),
    409: ("Conflict", "The request conflicts with the current state."),
    412: ("Precondition Failed", "The resource has changed since it was read."),
    413: ("Content Too Large", "The body is larger than this server accepts."),
    414: ("URI Too Long", "The address is longer than this server accepts."),
    415: ("Unsupported Media Type", "This address does not read this content type."),
    416: ("Range Not Satisfiable", "The file has no such part; see Content-Range."),
    417: ("Expectation Failed", "This server meets no expectation but 100-continue."),
    422: ("Unprocessable Content", "The request was understood, but some values are invalid."),
    429: ("Too Many Requests", "There were too many requests; see Retry-After."),
    431: ("Request Header Fields Too Large", "A header is larger than this server accepts."),
    500: ("Internal Server Error", "Something went wrong here."),
    502: ("Bad Gateway", "A service that this one asks gave no usable answer."),
    503: ("Service Unavailable", "A part of this service is away; see Retry-After."),
    504: ("Gateway Timeout", "A service that this one asks did not answer in time."),
}


class DomainError(Exception):
    """A rule of the domain was broken. Each app answers it with the problem of its status.

    `detail` is one sentence for the client, without values that the client sent; left out, it
    is the table's sentence for the status. `errors` name the values at fault, as
    `shared.faults.error` does.
    `headers` go with the answer, `members` stand at the end of the document (RFC 9457, 3.2).
    """

    status = 422
    type = "about:blank"
    headers: Mapping[str, str] = {}
    members: Mapping[str, Any] = {}

    def __init__(self, detail: str | None = None, errors: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(detail or PROBLEMS[self.status][1])
        self.detail = detail
        self.errors = errors


class NotFound(DomainError):
    status = 404


class Forbidden(DomainError):
    status = 403


class Conflict(DomainError):
    status = 409


class Unprocessable(DomainError):
    status = 422


class BadRequest(DomainError):
    status = 400


class Unauthorized(DomainError):
    """Has to name in `headers` how to authenticate: WWW-Authenticate (RFC 9110, 11.6.1)."""

    status = 401


class TooManyRequests(DomainError):
    status = 429


class PreconditionFailed(DomainError):
    status = 412


def problem(
    status: int,
    detail: str | None = None,
    *,
    type: str = "about:blank",
    errors: Sequence[dict[str, str]] = (),
    members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The members of a problem document, in the order in which they are sent.

    `status` is an HTTP status; one that the table lacks is described as the first of its class.
    `errors` are those of a 422, from `shared.faults`; `members` are further ones of this problem.
    """
    title, default = PROBLEMS.get(status) or PROBLEMS[400 if status < 500 else 500]
    document = {"type": type, "title": title, "status": status, "detail": detail or default}
    return {**document, **({"errors": list(errors)} if errors else {}), **(members or {})}
