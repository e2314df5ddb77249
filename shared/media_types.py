"""Which content types are JSON."""

import re

_JSON = re.compile(r"application/(?:json|[a-z0-9!#$&^_.+-]+\+json)")


def is_json_type(media_type: str) -> bool:
    """Whether `media_type`, in lower case and without parameters, is JSON (RFC 6839, 3.1)."""
    return _JSON.fullmatch(media_type) is not None
