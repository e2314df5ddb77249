"""The apps, broken on purpose: what the contract suite must notice.

A variant replaces a piece of text in one file; the text must be there, so none goes stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Variant:
    """`file` is relative to the repository; `topic` is one that must turn red."""

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


# One for each topic; all of an app are applied at once.
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
    _flask("customers", "NewCustomer(partial=True)", "NewCustomer"),
    _flask("products", "values, require_match)", "values, str)"),
    _flask("orders", 'new["lines"], idempotency_key)', 'new["lines"])'),
    _flask("sessions", "    session.clear()\n", ""),
    _flask("pages", "bp.before_request(check_form)\n", ""),
    _flask("tokens", '@scope_required("profile")', '@scope_required("orders:read")'),
    _flask("api_keys", "@api_key_required\n", ""),
    _flask("dependencies", "@own_desk_required\n@at_desk", "@at_desk\n@own_desk_required"),
    _flask(
        "middleware",
        "return request_log.current()",
        'return request_log.begin("GET", "/middleware/request", None)',
    ),
    _flask("settings", "cors_origins = List", "origins = List"),
    _flask(
        "upstream",
        "    on_time, late = wait(asked.values(), ALTOGETHER)\n",
        "    on_time, late = wait(asked.values(), 0.4)\n",
    ),
    _flask("logging", "return request_log.current()", 'return RequestLog("none", "", "")'),
    _flask("testing", "sides = IntegerText(load_default=6", "sides = IntegerText(load_default=7"),
    _flask("lifespan", '"alive"}', '"ready"}'),
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
    _fastapi("customers", "model_dump(exclude_unset=True)", "model_dump()"),
    _fastapi("products", "@max_body_size(product_import.LARGEST_FILE)\n", ""),
    _fastapi(
        "orders", "orders.find(session, user, order_id)", "session.get_one(orders.Order, order_id)"
    ),
    _fastapi(
        "sessions", '"/session/draft", dependencies=[Depends(current_user)]', '"/session/draft"'
    ),
    _fastapi("pages", 'local(next, page.url_for("pages.show_account"))', 'next or "/account"'),
    _fastapi("tokens", 'response.headers["Cache-Control"] = "no-store"', "pass"),
    _fastapi("api_keys", 'scopes=["api-keys"]', "scopes=[]"),
    _fastapi(
        "dependencies",
        'Depends(own_desk_required), Depends(at_desk, scope="function")',
        'Depends(at_desk, scope="function"), Depends(own_desk_required)',
    ),
    _fastapi(
        "middleware",
        "request_log.current()",
        'request_log.begin("GET", "/middleware/request", None)',
    ),
    _fastapi("settings", "    cors_origins: list[str]", "    origins: list[str] = []"),
    _fastapi(
        "upstream",
        "[group.create_task(ask(client, service, product)) for service in SERVICES]",
        "[]\n"
        "        for service in SERVICES:\n"
        "            asked.append(group.create_task(ask(client, service, product)))\n"
        "            await asked[-1]",
    ),
    _fastapi(
        "logging", "message: Annotated[str, Field(min_length=1, ", "message: Annotated[str, Field("
    ),
    _fastapi("testing", "ge=dice.FEWEST", "ge=1"),
    _fastapi("lifespan", 'status="alive"', 'status="ready"'),
]
# Of the app-wide modules and the kit, each applied alone; one of the topics that notice it.
APP_WIDE = [
    Variant("flask_app/app.py", "    cors.install(app, settings)\n", "", "cors"),
    Variant(
        "flask_app/cors.py",
        "\n    app.wsgi_app = VaryOnOrigin(app.wsgi_app)",
        "\n    VaryOnOrigin(app.wsgi_app)",
        "cors",
    ),
    Variant(
        "flask_app/cors.py", '"supports_credentials": True', '"supports_credentials": False', "cors"
    ),
    Variant(
        "flask_app/errors.py",
        "    return problem_response(500)",
        "    return problem_response(500, str(error))",
        "errors",
    ),
    Variant("flask_app/errors.py", "    response.mimetype = MEDIA_TYPE\n", "", "errors"),
    Variant(
        "flask_app/middleware.py", "    app.after_request(leave_out_empty_type)\n", "", "headers"
    ),
    Variant(
        "flask_app/parsing.py",
        "            raise RequestEntityTooLarge\n        return CountedStream",
        "            pass\n        return CountedStream",
        "file_upload",
    ),
    Variant(
        "flask_app/parsing.py",
        "        return json_text.parse(s)",
        "        return super().loads(s)",
        "json_body",
    ),
    Variant(
        "flask_app/schemas.py",
        '        "unknown": fault("additionalProperties"),\n',
        "",
        "json_body",
    ),
    Variant(
        "flask_app/openapi.py",
        "raise Invalid(in_order(errors))",
        "raise Invalid(errors[:1])",
        "validation",
    ),
    Variant(
        "fastapi_app/parsing.py",
        "redirect_slashes = False",
        "redirect_slashes = True",
        "path_params",
    ),
    Variant(
        "fastapi_app/cors.py", "            max_age=600,\n", "            max_age=60,\n", "cors"
    ),
    Variant(
        "fastapi_app/errors.py",
        "    return problem_response(500)",
        "    return problem_response(500, str(error))",
        "errors",
    ),
    Variant(
        "fastapi_app/middleware.py",
        "        Middleware(CatchErrors, handler=on_exception),\n",
        "",
        "errors",
    ),
    Variant(
        "fastapi_app/middleware.py",
        "        Middleware(RequestLimits, answer=problem_response),\n",
        "",
        "errors",
    ),
    Variant("fastapi_app/schemas.py", "strict=True, ", "", "field_types"),
    Variant("fastapi_app/schemas.py", 'extra="forbid"', 'extra="ignore"', "json_body"),
    Variant("compat/cookies.py", "cookies.setdefault(", "cookies.__setitem__(", "cookies"),
    Variant(
        "compat/conditional.py",
        "except (ValueError, OverflowError)",
        "except ValueError",
        "headers",
    ),
    Variant(
        "compat/environ.py",
        'values[name] + b"," + value if name in values else value',
        "value",
        "headers",
    ),
    Variant("compat/files.py", "min(int(found[2]) + 1, size)", "int(found[2]) + 1", "static_files"),
    Variant("servers/protocol.py", "        self.headers = []\n", "", "users"),
    Variant("compat/cors.py", "                vary_on_origin(message)\n", "", "cors"),
    Variant(
        "compat/methods.py",
        '                scope = {**scope, "method": "GET"}',
        "                pass",
        "hello",
    ),
    Variant(
        "compat/requests.py", "        self._dict = dict(reversed(pairs))\n", "", "query_params"
    ),
    Variant("compat/requests.py", "return value or Blank()", "return value", "form"),
    Variant(
        "compat/requests.py",
        "                    raise HTTPException(413)\n                yield",
        "                    return\n                yield",
        "file_upload",
    ),
    Variant("compat/routing.py", "            flask_request.refuse_large_body()\n", "", "users"),
    Variant("compat/blueprints.py", "            self.after(response)\n", "", "users"),
    Variant(
        "shared/faults.py",
        '"Must be at most {limit}."',
        '"Must be at most {limit}: {value}."',
        "validation",
    ),
    Variant("shared/json_text.py", "parse_constant=_refuse", "parse_constant=float", "json_body"),
    Variant(
        "shared/formats.py",
        "date.fromisoformat(_matched(_DATE, text))",
        "date.fromisoformat(text)",
        "query_params",
    ),
    Variant(
        "flask_app/middleware.py",
        "SECURITY_HEADERS | name",
        "name",
        "middleware",
    ),
    Variant("fastapi_app/middleware.py", "SECURITY_HEADERS | name", "name", "middleware"),
    Variant("shared/request_log.py", "{1,64}", "{1,65}", "middleware"),
    Variant("shared/security_headers.py", ", *_INLINE]", "]", "middleware"),
    Variant(
        "shared/trails.py",
        "    finally:\n        if",
        "    except ValueError:\n        if",
        "dependencies",
    ),
    Variant(
        "shared/tokens.py", "algorithms=[ALGORITHM]", 'algorithms=["HS256", "HS512"]', "tokens"
    ),
    Variant("shared/tokens.py", "                issuer=ISSUER,\n", "", "tokens"),
    Variant("shared/tokens.py", ', Grant.refresh_id == claims["jti"]', "", "tokens"),
    Variant("shared/tokens.py", 'f"{kind} token".encode()', 'b"token"', "tokens"),
    Variant(
        "shared/rate_limits.py", "self.uses > self.limit", "self.uses > self.limit + 1", "api_keys"
    ),
    Variant(
        "flask_app/dependencies.py", "bearer.user if bearer else by_session", "by_session", "tokens"
    ),
    Variant(
        "fastapi_app/security.py", "    response.headers.update(usage.headers)\n", "", "api_keys"
    ),
    Variant(
        "flask_app/sessions.py",
        '    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"\n',
        "",
        "sessions",
    ),
    Variant("flask_app/templates.py", '        response.vary.add("Accept")\n', "", "pages"),
    Variant("fastapi_app/sessions.py", '            samesite="Lax",\n', "", "sessions"),
    Variant("compat/sessions.py", 'headers.add_vary_header("Cookie")', "pass", "sessions"),
    Variant(
        "compat/sessions.py", '"key_derivation": "hmac"', '"key_derivation": "concat"', "sessions"
    ),
    Variant(
        "compat/routing.py",
        "[*(dependencies or ()), *declared(endpoint)]",
        "[*(dependencies or ())]",
        "orders",
    ),
    Variant(
        "shared/accounts.py",
        "session.execute(ended.on_conflict_do_nothing())",
        "pass",
        "sessions",
    ),
    Variant("shared/pages.py", 'r"/(?!/)', 'r"/', "pages"),
]
