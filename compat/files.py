"""Files as Flask's `send_file` and `send_from_directory` send them.

Keeps: no way out of the folder; Content-Disposition with an ASCII name beside the real one,
Cache-Control: no-cache, an ETag of time, size and path, Content-Encoding for .gz, one range for
each request and 416 for others. Starlette's FileResponse takes any path, sends neither
Content-Disposition nor Cache-Control by itself, and answers several ranges at once. Not wanted
where a proxy serves the static files.
"""

import mimetypes
import os
import re
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from zlib import adler32

import anyio
from fastapi import HTTPException, Request
from starlette.responses import StreamingResponse

from compat.conditional import (
    ENTITY_HEADERS,
    http_date,
    is_unchanged,
    parse_http_date,
    require_match,
)

_RANGE = re.compile(r"\s*bytes\s*=\s*(?:([0-9]+)\s*-\s*([0-9]*)|-([0-9]+))\s*", re.I | re.A)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TEXT = ("application/ecmascript", "application/javascript", "application/sql", "application/xml")
_CHUNK = 64 * 1024


def safe_join(folder: Path, name: str) -> Path | None:
    """`name` below `folder`, or None if it would lead out of it."""
    normal = os.path.normpath(name)
    if "\0" in name or os.path.isabs(name) or normal == ".." or normal.startswith("../"):
        return None
    return folder / normal


class FlaskFileResponse(StreamingResponse):
    """A file, a part of it (206), or that it has not changed (304).

    `wanted` is the Range header, or None; a `download_name` makes it an attachment. Raises
    HTTPException: 416 for a range that is none or not in the file, 412 as `require_match` does.
    """

    def __init__(
        self, request: Request, path: Path, wanted: str | None, *, download_name: str | None = None
    ) -> None:
        stat = path.stat()
        changed = datetime.fromtimestamp(int(stat.st_mtime), UTC)
        tag = f"{stat.st_mtime}-{stat.st_size}-{adler32(str(path).encode()) & 0xFFFFFFFF}"
        require_match(request, tag)
        headers = _headers(path, download_name)
        headers |= {"last-modified": http_date(changed), "etag": f'"{tag}"'}
        status, start, stop = 200, 0, stat.st_size
        if wanted and stat.st_size and _is_same(request.headers.get("if-range"), tag, changed):
            status, (start, stop) = 206, _find_range(wanted, stat.st_size)
            headers["content-range"] = f"bytes {start}-{stop - 1}/{stat.st_size}"
        elif is_unchanged(request, tag, changed):
            status, stop = 304, 0
        headers["content-length"] = str(stop - start)
        if stat.st_size == 0:
            del headers["content-type"]
        if status == 304:
            headers = {name: headers[name] for name in headers if name not in ENTITY_HEADERS}
        super().__init__(_read(path, start, stop), status, headers)


def _headers(path: Path, download_name: str | None) -> dict[str, str]:
    kind, encoding = mimetypes.guess_type(download_name or path.name)
    kind = kind or "application/octet-stream"
    if kind.startswith("text/") or kind in _TEXT or kind.endswith("+xml"):
        kind += "; charset=utf-8"
    headers = {
        "accept-ranges": "bytes",
        "cache-control": "no-cache",
        "content-disposition": _disposition(path, download_name),
        "content-type": kind,
    }
    return headers if download_name or not encoding else {**headers, "content-encoding": encoding}


def _disposition(path: Path, download_name: str | None) -> str:
    name = download_name or path.name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    parts = ["attachment" if download_name else "inline"]
    parts.append(f"filename={plain}" if _TOKEN.fullmatch(plain) else f'filename="{quoted}"')
    if not name.isascii():
        parts.append(f"filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}")
    return "; ".join(parts)


def _is_same(if_range: str | None, tag: str, changed: datetime) -> bool:
    """Whether the range is one of the version that the client has the rest of."""
    if if_range is None:
        return True
    date = parse_http_date(if_range)
    if date is not None:
        return changed <= date
    return if_range.strip().removeprefix("W/").strip('"') == tag


def _find_range(wanted: str, size: int) -> tuple[int, int]:
    """The first byte and the one after the last. Raises HTTPException 416."""
    found = _RANGE.fullmatch(wanted)
    if found and found[3]:
        start, stop = size - int(found[3]), size
    elif found:
        start, stop = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    if not found or not 0 <= start < stop:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    return start, stop


async def _read(path: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        await file.seek(start)
        while start < stop and (chunk := await file.read(min(_CHUNK, stop - start))):
            start += len(chunk)
            yield chunk
