"""Conditional requests: `make_conditional` of Flask's responses, which Starlette's do not have.

Keeps: 304 for a GET whose If-None-Match or If-Modified-Since says that nothing changed, 412 for a
GET whose If-Match does not fit; entity tags in lists, weak ones and `*`; the three forms of a date.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import HTTPException, Request, Response

# What describes a body; a 304 has none.
ENTITY_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "last-modified",
)
_TAG = re.compile(r'[ \t]*([Ww]/)?"([^"]*)"[ \t]*(?:,|$)')


def tag_matches(header: str, tag: str, *, weak: bool = True) -> bool:
    """Whether `tag` is in a list of entity tags: of If-None-Match, or (not `weak`) of If-Match."""
    if header.strip() == "*":
        return True
    return any(tag == found and (weak or not is_weak) for is_weak, found in _tags(header))


def _tags(header: str) -> Iterator[tuple[bool, str]]:
    """Each tag of a list, and whether it is weak; what is not quoted ends with a comma."""
    position = 0
    while position < len(header):
        if found := _TAG.match(header, position):
            yield bool(found[1]), found[2]
            position = found.end()
        else:
            bare, _, rest = header[position:].partition(",")
            is_weak = bare.strip()[:2] in {"W/", "w/"}
            yield is_weak, bare.strip()[2:] if is_weak else bare.strip()
            position = len(header) - len(rest)


def http_date(moment: datetime) -> str:
    """The date as HTTP writes it; `moment` has a zone."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """A date in any of HTTP's three forms, with its zone; None for anything else."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # asctime, one of the forms, names no zone.
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def require_match(request: Request, tag: str) -> None:
    """Raise HTTPException 412 if the client wants another version than this one."""
    if_match = request.headers.get("if-match")
    if if_match is not None and not tag_matches(if_match, tag, weak=False):
        raise HTTPException(412)


def is_unchanged(request: Request, tag: str, changed: datetime | None) -> bool:
    """Whether the client of a GET has this version already."""
    if (if_none_match := request.headers.get("if-none-match")) is not None:
        return tag_matches(if_none_match, tag)
    since = parse_http_date(request.headers.get("if-modified-since", ""))
    return since is not None and changed is not None and changed <= since


def make_conditional(
    request: Request, response: Response, tag: str, changed: datetime | None = None
) -> Response:
    """Add `ETag`, and `Last-Modified` if `changed` is known; a 304 in the place of what the client
    has already.

    Raises HTTPException as `require_match` does.
    """
    require_match(request, tag)
    response.headers["etag"] = f'"{tag}"'
    if changed is not None:
        response.headers["last-modified"] = http_date(changed)
    if is_unchanged(request, tag, changed):
        response.status_code = 304
        response.body = b""
        for name in ENTITY_HEADERS:
            if name in response.headers:
                del response.headers[name]
    return response
