"""Cookies as Flask reads and writes them.

Keeps: the first of two cookies of one name; values with octal escapes, read as UTF-8; Expires
beside Max-Age; no SameSite unless asked; Werkzeug's order and quoting. Starlette takes the last
of two, reads escapes as Latin-1, adds SameSite=lax, and sends attributes in another order. Not
wanted in a new app.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote

_COOKIE = re.compile(
    r"""\s*(?P<name>[^\s=";]+)(?:\s*=\s*(?P<value>"(?:\\.|[^"\\])*"|[^\s";]*))?\s*(?:;|$)""",
    re.ASCII,
)
_ESCAPE = re.compile(rb"\\(?:([0-3][0-7][0-7])|(.))", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_!#$%&'()*+\-./:<=>?@\[\]^`{|}~]*")
_NAMES = {"strict": "Strict", "lax": "Lax", "none": "None"}


def parse_cookies(header: str) -> dict[str, str]:
    """The cookies of a Cookie header, the first of each name; what is no cookie is left out."""
    cookies: dict[str, str] = {}
    position = 0
    while position < len(header):
        found = _COOKIE.match(header, position)
        if found:
            cookies.setdefault(found["name"], _unquoted(found["value"] or ""))
            position = found.end()
        else:
            position = header.find(";", position) + 1 or len(header)
    return cookies


def dump_cookie(
    name: str,
    value: str = "",
    *,
    max_age: int | timedelta | None = None,
    expires: datetime | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool | None = False,
    httponly: bool | None = False,
    samesite: str | None = None,
    partitioned: bool | None = False,
) -> str:
    """The value of a Set-Cookie header.

    `max_age` is in seconds; without `expires` it sets that too, counted from now. A naive `expires`
    is UTC. Raises ValueError for a `samesite` other than strict, lax, none (in any case).
    """
    if isinstance(max_age, timedelta):
        max_age = int(max_age.total_seconds())
    if expires is None and max_age is not None:
        expires = datetime.now(UTC) + timedelta(seconds=max_age)
    if samesite is not None and samesite.lower() not in _NAMES:
        raise ValueError("samesite must be strict, lax or none")
    attributes = {
        "Domain": domain and domain.partition(":")[0].lstrip(".").encode("idna").decode(),
        "Expires": expires and _http_date(expires),
        "Max-Age": max_age,
        "Secure": bool(secure or partitioned),
        "HttpOnly": bool(httponly),
        "Path": path and quote(path, safe="%!$&'()*+,/:=@"),
        "SameSite": samesite and _NAMES[samesite.lower()],
        "Partitioned": bool(partitioned),
    }
    parts = [f"{name}={_quoted(value)}"]
    for key, attribute in attributes.items():
        if attribute is True:
            parts.append(key)
        elif attribute is not None and attribute is not False:
            parts.append(f"{key}={attribute}")
    return "; ".join(parts)


def _http_date(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return format_datetime(aware.astimezone(UTC), usegmt=True)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return '"' + "".join(_escaped(byte) for byte in value.encode()) + '"'


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in '"\\':
        return "\\" + character
    if byte < 0x20 or byte >= 0x7F or character in ",;":
        return f"\\{byte:03o}"
    return character


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[0] != '"':
        return value
    return _ESCAPE.sub(_unescaped, value[1:-1].encode()).decode(errors="replace")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8)]) if escape[1] else escape[2]
