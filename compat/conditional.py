"""Conditional requests, which Flask's responses answer with `make_conditional` and Starlette's
do not.

Keeps: 304 for a GET whose If-None-Match or If-Modified-Since says that nothing changed, 412 for
a GET whose If-Match does not fit, entity tags in lists, weak ones and `*`.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fastapi import Request, Response

_TAGS = re.compile(r'\s*(?P<weak>[Ww]/)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^",\s]+))\s*(?:,|$)')
# What describes a body; a 304 has none.
_ENTITY = (
    "content-type",
    "content-length",
    "content-encoding",
    "content-language",
    "last-modified",
)


def tag_matches(header: str, tag: str, *, weak: bool = True) -> bool:
    """Whether `tag` is in a list of entity tags: of If-None-Match, or (not `weak`) of If-Match."""
    if header.strip() == "*":
        return True
    return any(
        tag in (found["quoted"], found["bare"]) and (weak or not found["weak"])
        for found in _TAGS.finditer(header)
    )


def make_conditional(request: Request, response: Response, tag: str, changed: datetime) -> Response:
    """Add `ETag` and `Last-Modified`, and turn the answer into a 304 or 412 where that is due."""
    response.headers["etag"] = f'"{tag}"'
    response.headers["last-modified"] = changed.strftime("%a, %d %b %Y %H:%M:%S GMT")
    if (if_match := request.headers.get("if-match")) and not tag_matches(if_match, tag, weak=False):
        response.status_code = 412
    elif _unchanged(request, tag, changed):
        response.status_code = 304
        response.body = b""
        for name in _ENTITY:
            if name in response.headers:
                del response.headers[name]
    return response


def _unchanged(request: Request, tag: str, changed: datetime) -> bool:
    if (if_none_match := request.headers.get("if-none-match")) is not None:
        return tag_matches(if_none_match, tag)
    try:
        since = parsedate_to_datetime(request.headers["if-modified-since"])
    except (KeyError, ValueError):
        return False
    # Of the three forms of a date that HTTP knows, asctime names no zone: it is UTC as well.
    return changed <= (since if since.tzinfo else since.replace(tzinfo=UTC))
