"""Files from a folder, in parts if a client wants so."""

import os
from pathlib import Path

from fastapi import HTTPException, Request, Response

from compat.files import FlaskFileResponse, safe_join
from shared.ranges import usable_range


def send_file(
    request: Request, folder: Path, name: str, *, download_name: str | None = None
) -> Response:
    """The file `name` of `folder`, as an attachment if it has a `download_name`."""
    path = safe_join(folder, name)
    if path is None or not os.path.isfile(path):
        raise HTTPException(404)
    wanted = usable_range(request.headers.get("range", ""), path.stat().st_size)
    return FlaskFileResponse(request, path, wanted, download_name=download_name)
