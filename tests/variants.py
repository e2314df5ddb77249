"""The apps, broken on purpose: what the contract suite must notice.

A variant replaces a piece of text in one file; the text must be there, so none goes stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Variant:
    """`file` is relative to the repository; `topic` is what must turn red, if it is one topic's."""

    file: str
    old: str
    new: str
    topic: str = ""

    def apply(self, root: Path) -> None:
        """Break the copy of the repository that lies at `root`."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        assert self.old in text, f"{self.file} no longer contains {self.old!r}"
        path.write_text(text.replace(self.old, self.new, 1), encoding="utf-8")


def _flask(topic: str, old: str, new: str) -> Variant:
    return Variant(f"flask_app/routes/{topic}.py", old, new, topic)


def _fastapi(topic: str, old: str, new: str) -> Variant:
    return Variant(f"fastapi_app/routes/{topic}.py", old, new, topic)


# One for each topic. In make test all of an app are applied at once; in make test-all each alone.
FLASK = [
    _flask("hello", '{"hello": "world"}', '{"hello": "World"}'),
    _flask("http_methods", '@bp.patch("/methods")', '@bp.patch("/method")'),
    _flask("path_params", "any(small, medium, large)", "any(small, medium, large, huge)"),
    _flask("query_params", "load_default=10", "load_default=11"),
    _flask("json_body", "max=1000", "max=999"),
    _flask("form", 'load_default="Paris"', 'load_default="London"'),
    _flask("file_upload", "max=5", "max=6"),
    _flask("cookies", 'response.delete_cookie("name")', 'response.set_cookie("name", "")'),
    _flask("users", 'response.headers["X-Directory"] = "users"', "pass"),
    _flask("validation", "min_inclusive=False", "min_inclusive=True"),
    _flask("field_types", "Duration(load_default=None", "Text(load_default=None"),
    _flask("errors", 'Conflict("This', 'NotFound("This'),
    _flask("headers", "    response.last_modified = CHANGED\n", ""),
    _flask("static_files", "download_name=name", "download_name=None"),
    _flask("cors", '@bp.put("/cors/account")', '@bp.post("/cors/account")'),
    _flask("openapi", 'mimetype="text/html"', 'mimetype="text/plain"'),
]
FASTAPI = [
    _fastapi("hello", '@router.get("/")', '@router.get("/", status_code=202)'),
    _fastapi("http_methods", 'Method(method="PUT")', 'Method(method="put")'),
    _fastapi("path_params", "{user_id:int}", "{user_id}"),
    _fastapi("query_params", "le=100), IntegerText", "le=100)"),
    _fastapi("json_body", "message.text.lower()", "message.text.casefold()"),
    _fastapi("form", "min_length=1, ", ""),
    _fastapi("file_upload", "file.content_type, file.file", "None, file.file"),
    _fastapi("cookies", "from compat.responses import Response", "from fastapi import Response"),
    _fastapi("users", "    errors = {UnknownUser: on_unknown_user}", "    errors = {}"),
    _fastapi("validation", 'refuse(fault, "guardian")', "refuse(fault)"),
    _fastapi("field_types", "uuid: UUID | None", "uuid: str | None"),
    _fastapi("errors", 'RuntimeError("a secret', 'Unprocessable("a secret'),
    _fastapi(
        "headers",
        'RedirectResponse("/headers?from=old&to=new", 302)',
        'RedirectResponse("/headers?from=old&to=new")',
    ),
    _fastapi("static_files", "min_length=1, ", ""),
    _fastapi(
        "cors",
        "async def read_open() -> Shared:",
        "async def read_open() -> None:\n    return\n\n\nasync def unused() -> Shared:",
    ),
    _fastapi("openapi", "media_type=media_type", 'media_type="text/plain"'),
]
# Of the app-wide modules and the kit, each applied alone.
APP_WIDE = [
    Variant("flask_app/app.py", "    cors.install(app, settings)\n", ""),
    Variant("flask_app/cors.py", "    app.after_request(vary_on_origin)\n", ""),
    Variant("flask_app/cors.py", '"supports_credentials": True', '"supports_credentials": False'),
    Variant(
        "flask_app/errors.py",
        "    return problem_response(500)",
        "    return problem_response(500, str(error))",
    ),
    Variant("flask_app/errors.py", "    response.mimetype = MEDIA_TYPE\n", ""),
    Variant("flask_app/middleware.py", "    app.after_request(leave_out_empty_type)\n", ""),
    Variant(
        "flask_app/parsing.py",
        "        raise RequestEntityTooLarge\n        if not chunk",
        "        pass\n        if not chunk",
    ),
    Variant(
        "flask_app/parsing.py",
        "        return json_text.parse(s)",
        "        return super().loads(s)",
    ),
    Variant("flask_app/schemas.py", '        "unknown": fault("additionalProperties"),\n', ""),
    Variant("flask_app/openapi.py", "raise Invalid(in_order(errors))", "raise Invalid(errors[:1])"),
    Variant("fastapi_app/parsing.py", "redirect_slashes = False", "redirect_slashes = True"),
    Variant("fastapi_app/cors.py", "            max_age=600,\n", "            max_age=60,\n"),
    Variant(
        "fastapi_app/errors.py",
        "    return problem_response(500)",
        "    return problem_response(500, str(error))",
    ),
    Variant(
        "fastapi_app/middleware.py", "        Middleware(CatchErrors, handler=on_exception),\n", ""
    ),
    Variant(
        "fastapi_app/middleware.py",
        "        Middleware(RequestLimits, answer=problem_response),\n",
        "",
    ),
    Variant("fastapi_app/schemas.py", "strict=True, ", ""),
    Variant("fastapi_app/schemas.py", 'extra="forbid"', 'extra="ignore"'),
    Variant("compat/cookies.py", "cookies.setdefault(", "cookies.__setitem__("),
    Variant("compat/conditional.py", "except (ValueError, OverflowError)", "except ValueError"),
    Variant(
        "compat/environ.py", 'values[name] + b"," + value if name in values else value', "value"
    ),
    Variant("compat/files.py", "min(int(found[2]) + 1, size)", "int(found[2]) + 1"),
    Variant("servers/protocol.py", "        self.headers = []\n", ""),
    Variant("compat/cors.py", '        answer.add_vary_header("Origin")\n', ""),
    Variant(
        "compat/methods.py",
        '                scope = {**scope, "method": "GET"}',
        "                pass",
    ),
    Variant("compat/requests.py", "        self._dict = dict(reversed(pairs))\n", ""),
    Variant("compat/requests.py", "return value or Blank()", "return value"),
    Variant(
        "compat/requests.py",
        "                    raise HTTPException(413)\n                yield",
        "                    return\n                yield",
    ),
    Variant("compat/routing.py", "            flask_request.refuse_large_body()\n", ""),
    Variant("compat/blueprints.py", "            self.after(response)\n", ""),
    Variant(
        "shared/faults.py", '"Must be at most {limit}."', '"Must be at most {limit}: {value}."'
    ),
    Variant("shared/json_text.py", "parse_constant=_refuse", "parse_constant=float"),
    Variant(
        "shared/formats.py", "date.fromisoformat(_matched(_DATE, text))", "date.fromisoformat(text)"
    ),
]
