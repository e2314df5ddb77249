"""What a Host header and the target of a request may say."""

import re
from functools import lru_cache
from ipaddress import IPv6Address

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[([0-9A-Fa-f:.]+)\])(?::([1-9][0-9]{{0,4}}))?")
# With scheme and host, as far as uvicorn's parser reads it.
_ABSOLUTE = re.compile(
    r"[A-Za-z]+://(?:[^/?@]*@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?/.*",
    re.DOTALL,
)


@lru_cache(maxsize=1000)
def is_host(text: str) -> bool:
    """Whether `text` is a name, an IPv4 or a bracketed IPv6 address, with or without a port."""
    found = _HOST.fullmatch(text)
    if found is None or int(found[2] or 1) > 65535:
        return False
    try:
        return found[1] is None or bool(IPv6Address(found[1]).compressed)
    except ValueError:
        return False


def is_target(text: str) -> bool:
    """Whether `text` is a path, or an address with scheme, host and path."""
    if text.startswith("/") or text == "*":
        return True
    found = _ABSOLUTE.fullmatch(text)
    return found is not None and int(found[1] or 0) < 65536
