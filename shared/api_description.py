"""What the OpenAPI documents of both apps say in words."""

from typing import Any

from shared.tokens import SCOPES

TITLE = "Flask and FastAPI, one contract"
VERSION = "1.0.0"
_TEXT = {"type": "string"}
PROBLEM_SCHEMA = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "error": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"in": _TEXT, "field": _TEXT, "code": _TEXT, "message": _TEXT},
                "required": ["in", "field", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
PROBLEM = {
    "description": "Problem",
    "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}},
}
# No `default`: it would allow successes that no operation describes.
PROBLEMS = {"4XX": PROBLEM, "5XX": PROBLEM}
# How a user says who asks, and how a program does; any one of them will do.
USER_SCHEMES = ("session", "oauth2")
KEY_SCHEMES = ("apiKey",)


def security_schemes(session_cookie: str) -> dict[str, dict[str, Any]]:
    """How one may say who asks; the name of the cookie is a setting."""
    return {
        "session": {"type": "apiKey", "in": "cookie", "name": session_cookie},
        "oauth2": {
            "type": "oauth2",
            "flows": {"password": {"scopes": SCOPES, "tokenUrl": "/tokens"}},
        },
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
