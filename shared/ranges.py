"""Which part of a file a Range header asks for (RFC 9110, 14.2), and where the files are."""

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
# A name of a download, which stands in a header.
PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
_SUFFIX = re.compile(r"bytes\s*=\s*-([0-9]{1,18})", re.ASCII | re.IGNORECASE)


def usable_range(header: str, size: int) -> str | None:
    """The header as a parser of plain ranges should see it, for a file of `size` bytes.

    None if it must be ignored, because its unit is not bytes; a suffix that is longer than the
    file is the whole file. Werkzeug refuses both with 416.
    """
    if header.partition("=")[0].strip().lower() != "bytes":
        return None
    suffix = _SUFFIX.fullmatch(header.strip())
    return "bytes=0-" if suffix and int(suffix[1]) >= size > 0 and int(suffix[1]) > 0 else header
