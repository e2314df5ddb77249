"""A request as WSGI and Werkzeug hand it to a Flask app.

Keeps: repeated headers are one, joined by commas, without blanks around; headers with
underscores are left out; slashes at the start of the path count as one; nothing is at a path
that ends with a line feed. ASGI hands over what came. Not wanted where nothing depends on it:
but a check that looks at the first of two headers, and a handler that looks at the last, are a
way in.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

# Where the headers remain as they came, for `compat.limits`, and where each is by its name.
RAW = "compat.raw_headers"
BY_NAME = "compat.headers_by_name"


class FlaskEnviron:
    """ASGI layer; it stands before every other that looks at headers or path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw = scope["headers"]
            values = joined(raw)
            scope = {
                **scope,
                RAW: raw,
                BY_NAME: values,
                "headers": [*values.items()],
                "path": flask_path(scope["path"]),
            }
        await self.app(scope, receive, send)


def sent(scope: Scope, name: bytes) -> str | None:
    """The value of a header, by its name in lower case."""
    values = scope.get(BY_NAME)
    if values is None:
        values = dict(reversed(scope["headers"]))
    value = values.get(name)
    return None if value is None else str(value, "latin-1")


def joined(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """One value for each name, in the order of the first ones."""
    usual = {name: value.strip(b" \t") for name, value in headers if b"_" not in name}
    if len(usual) == len(headers):
        return usual
    values: dict[bytes, bytes] = {}
    for name, untrimmed in headers:
        value = untrimmed.strip(b" \t")
        if b"_" not in name:
            values[name] = values[name] + b"," + value if name in values else value
    return values


def flask_path(path: str) -> str:
    """The path that Flask would look for."""
    if path.endswith("\n"):
        # Starlette's patterns end with "$", which matches before a line feed too.
        return "/\n\n"
    return "/" + path.lstrip("/") if path.startswith("//") else path
