"""Files from a folder, in parts if a client wants so."""

import os
from pathlib import Path

import flask
from flask import Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from shared.ranges import usable_range


def send_file(folder: Path, name: str, *, download_name: str | None = None) -> Response:
    """The file `name` of `folder`, as an attachment if it has a `download_name`."""
    path = safe_join(str(folder), name)
    if path is None or not os.path.isfile(path):
        raise NotFound
    if wanted := request.environ.pop("HTTP_RANGE", ""):
        usable = usable_range(wanted, Path(path).stat().st_size)
        if usable is not None:
            request.environ["HTTP_RANGE"] = usable
    return flask.send_file(path, as_attachment=bool(download_name), download_name=download_name)
