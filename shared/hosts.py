"""What a Host header may say."""

import re

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::([0-9]{{1,5}}))?")


def is_host(text: str) -> bool:
    """Whether `text` is a name, an IPv4 or a bracketed IPv6 address, with or without a port."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found[1] or 0) < 65536
