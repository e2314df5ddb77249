"""What is told about an uploaded file."""

import hashlib
import re
from typing import IO, TypedDict

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class Description(TypedDict):
    name: str
    size: int
    content_type: str | None
    sha256: str


def describe(name: str, content_type: str | None, file: IO[bytes]) -> Description:
    """The name without any folder, the size in bytes, and the digest of the whole file."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    size = file.tell()
    return {
        "name": safe_name(name),
        "size": size,
        "content_type": content_type,
        "sha256": digest,
    }


def safe_name(name: str) -> str:
    """The last segment of a client's file name, whatever separators it uses; never empty."""
    last = _UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()
    return last if last.strip(".") else "unnamed"
