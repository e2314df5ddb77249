"""The pages for people: where they are, who gets one, and where a form may lead."""

import re
import secrets
from pathlib import Path

from shared.problems import Forbidden

TEMPLATES = Path(__file__).resolve().parent / "templates"
PATHS = ("/account", "/login", "/logout", "/signup")
# A path with or without a query, as RFC 3986 has them. Two slashes, or one and a backslash, would
# name another host.
_LOCAL = re.compile(
    r"/(?!/)(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-fA-F]{2})*"
    r"(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-fA-F]{2})+)?",
    re.ASCII,
)
_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


class ForgedForm(Forbidden):
    type = "/problems/forged-form"


def is_page(path: str) -> bool:
    """Whether a path belongs to the pages, be there something or not."""
    return path.startswith("/") and f"/{path.split('/')[1]}" in PATHS


def local(target: str, otherwise: str) -> str:
    """`target` if it is an address on this host, as a path."""
    return target if _LOCAL.fullmatch(target) else otherwise


def new_token() -> str:
    """What a form must bring back, for it to be ours."""
    return secrets.token_urlsafe(24)


def check_token(sent: object, token: object) -> None:
    """Compare what a form sent with what the session holds. Raises ForgedForm."""
    texts = [text.encode() for text in (sent, token) if isinstance(text, str) and text]
    if len(texts) < 2 or not secrets.compare_digest(*texts):
        raise ForgedForm("The form has expired, or is not from here. Please try again.")


def prefers_html(accept: str) -> bool:
    """Whether an Accept header likes HTML better than JSON, as those of browsers do."""
    ranges = dict(_ranges(accept))
    html = _first(ranges, "text/html", "text/*", "*/*")
    kinds = ("application/problem+json", "application/json")
    return html > max(_first(ranges, kind, "application/*", "*/*") for kind in kinds)


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for member in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in member.split(";"))
        weights = [text[2:] for text in parameters if text.startswith("q=")]
        if all(map(_QUALITY.fullmatch, weights)):
            found.append((kind, float(weights[-1]) if weights else 1.0))
    return found


def _first(ranges: dict[str, float], *names: str) -> float:
    return next((ranges[name] for name in names if name in ranges), 0.0)
