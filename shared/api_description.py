"""What the OpenAPI documents of both apps say in words."""

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
