"""A response whose cookies look as Flask's do.

Keeps: `set_cookie` and `delete_cookie` in Werkzeug's format, see `compat.cookies`. Not wanted
in a new app.
"""

from datetime import UTC, datetime
from typing import Any

import fastapi

from compat.cookies import dump_cookie

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Response(fastapi.Response):
    """`fastapi.Response` with Flask's `set_cookie` and `delete_cookie`."""

    def set_cookie(  # type: ignore[override]
        self, key: str, value: str = "", **attributes: Any
    ) -> None:
        """Add a cookie; `attributes` are those of `compat.cookies.dump_cookie`."""
        self.headers.append("set-cookie", dump_cookie(key, value, **attributes))

    def delete_cookie(self, key: str, **attributes: Any) -> None:  # type: ignore[override]
        """Let a cookie expire; `path` and `domain` must be those it was set with."""
        self.set_cookie(key, max_age=0, expires=_EPOCH, **attributes)
