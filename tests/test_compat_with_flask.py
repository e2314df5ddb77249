"""compat/ does what Flask does: each value and each template goes through both."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NoReturn

import flask
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup
from starlette.testclient import TestClient

from compat.sessions import CookieSession, FlaskSessions, Session, serializer
from compat.templates import FlaskTemplates, flash, get_flashed_messages
from fastapi_app.app import create_app as create_fastapi_app
from flask_app.app import create_app
from shared.settings import Settings

MOMENT = datetime(2026, 11, 22, 9, 33, 36, tzinfo=UTC)
SESSIONS = [
    {},
    {"a": 1, "b": "é汉 😀", "c": None, "d": [True, 1.5, -(2**70)], "": {"": []}},
    {"tuple": (1, ("a", []), {"b": ()}), "list": [(), []]},
    {"bytes": b"", "more": [b"\x00\xff", {"a": b"x" * 100}]},
    {"uuid": uuid.UUID(int=2**127), "moment": MOMENT, "markup": Markup("<b>&amp;</b>")},
    {"elsewhere": datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))},
    {"no zone": datetime(1999, 12, 31, 23, 59, 59)},
    {" t": 1},
    {"a": {" t": (1,)}, "b": {" di": {" di": {" b": b"x"}}}, "c": {" x": 1}, "d": {"__": 1}},
    {" b": b"1", " u": 2},
    {"a": {" t": 1, " b": 2}, "long": "x" * 10_000},
    {"_flashes": [("message", "Hello"), ("error", Markup("<b>"))], "_permanent": True},
]


@pytest.fixture(scope="module")
def app() -> Iterator[flask.Flask]:
    app = create_app(Settings())
    with app.app_context():
        yield app


def of_flask(app: flask.Flask) -> URLSafeTimedSerializer:
    found = SecureCookieSessionInterface().get_signing_serializer(app)
    assert found is not None
    return found


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_is_written_as_flask_writes_it(app: flask.Flask, session: dict[str, Any]) -> None:
    ours, theirs = serializer(Settings().secret_key), of_flask(app)
    assert ours.dump_payload(session) == theirs.dump_payload(session)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_is_read_as_flask_reads_it(app: flask.Flask, session: dict[str, Any]) -> None:
    ours, theirs = serializer(Settings().secret_key), of_flask(app)
    read = ours.loads(theirs.dumps(session))
    assert read == theirs.loads(ours.dumps(session))
    assert repr(read) == repr(theirs.loads(theirs.dumps(session)))


def test_a_session_of_a_flask_app_as_it_comes_is_read() -> None:
    app = flask.Flask("as_it_comes")
    app.secret_key = "a key"
    with app.app_context():
        cookie = of_flask(app).dumps({"b": "é", "a": (MOMENT,)})
    assert serializer("a key").loads(cookie) == {"b": "é", "a": (MOMENT,)}


@pytest.mark.parametrize(
    "do",
    [
        lambda session: None,
        lambda session: session.get("a"),
        lambda session: "a" in session,
        lambda session: len(session),
        lambda session: list(session.items()),
        lambda session: session.pop("a"),
        lambda session: session.pop("b", None),
        lambda session: session.popitem(),
        lambda session: session.setdefault("a", 2),
        lambda session: session.setdefault("b", 2),
        lambda session: session.update(b=2),
        lambda session: session.clear(),
        lambda session: session.permanent,
        lambda session: setattr(session, "permanent", True),
        lambda session: session.__delitem__("a"),
        lambda session: session.__setitem__("a", 1),
    ],
)
def test_a_session_knows_what_was_done_with_it(do: Callable[[Any], object]) -> None:
    ours, theirs = Session({"a": 1}), SecureCookieSession({"a": 1})
    do(ours)
    do(theirs)
    assert (dict(ours), ours.modified) == (dict(theirs), theirs.modified)


def test_a_session_that_nobody_looked_at_does_not_count_as_accessed() -> None:
    session = Session({"a": 1})
    assert not session.accessed
    assert session["a"] == 1
    assert session.accessed


@pytest.mark.parametrize("cookie", ["", "session=", "session=x", "session=e30.x.y", "other=1"])
def test_what_is_no_session_is_an_empty_one(cookie: str) -> None:
    layer = FlaskSessions(FastAPI(), secret_key="a key")
    assert dict(layer.read(cookie)) == {}


@pytest.mark.parametrize("held", [[1], "text", 5, None, [["a"]]])
def test_what_is_signed_but_no_session_is_an_empty_one(held: object) -> None:
    layer = FlaskSessions(FastAPI(), secret_key="a key")
    assert dict(layer.read(f"session={serializer('a key').dumps(held)}")) == {}


def test_what_was_put_into_a_session_before_an_error_is_kept() -> None:
    theirs, ours = flask.Flask("theirs"), FastAPI()
    theirs.secret_key = "a key"
    ours.add_middleware(FlaskSessions, secret_key="a key")

    @theirs.get("/")
    def fail() -> NoReturn:
        flask.session["seen"] = ("x", 1)
        flask.abort(404)

    @ours.get("/")
    def fail_too(session: CookieSession) -> None:
        session["seen"] = ("x", 1)
        raise HTTPException(404)

    for answer in (theirs.test_client().get("/"), TestClient(ours).get("/")):
        assert answer.status_code == 404
        found = re.fullmatch("session=(.+); HttpOnly; Path=/", answer.headers["Set-Cookie"])
        assert found and serializer("a key").loads(found[1]) == {"seen": ("x", 1)}


def test_the_cookie_is_as_the_settings_say() -> None:
    settings = Settings(session_cookie_name="shop", session_cookie_secure=True)
    gone = "shop=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
    cookie = f"{gone}; Secure; HttpOnly; Path=/; SameSite=Lax"
    assert create_app(settings).test_client().delete("/session").headers["Set-Cookie"] == cookie
    with TestClient(create_fastapi_app(settings)) as client:
        assert client.delete("/session").headers["Set-Cookie"] == cookie


# Templates

SOURCE = "{{ text }}|{{ text|safe }}|{{ 'a' ~ text }}|{% set x = text %}{{ x }}|{{ missing }}\n\n"
TEXT = "<b>&'\"é"
router = APIRouter(tags=["shop"])


@router.get("/things/{name}")
def show_thing(name: str) -> None: ...


@router.get("/files/{file:path}")
def show_file(file: str) -> None: ...


@pytest.fixture
def both(tmp_path: Path) -> tuple[flask.Flask, FlaskTemplates]:
    app = flask.Flask("with_templates", template_folder=str(tmp_path))
    app.secret_key = "a key"
    shop = flask.Blueprint("shop", "shop")
    shop.add_url_rule("/things/<name>", "show_thing", lambda name: "")
    shop.add_url_rule("/files/<path:file>", "show_file", lambda file: "")
    app.register_blueprint(shop)
    return app, FlaskTemplates(tmp_path, [router])


def asked(root_path: str = "") -> Request:
    scope = {"type": "http", "path": "/here", "root_path": root_path, "session": Session()}
    return Request({**scope, "method": "GET", "headers": [], "query_string": b""})


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.xml", "a.xhtml", "a.svg", "a.txt", "a"])
def test_a_template_is_escaped_as_flask_escapes_it(
    both: tuple[flask.Flask, FlaskTemplates], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(SOURCE, encoding="utf-8")
    app, templates = both
    with app.test_request_context():
        expected = flask.render_template(name, text=TEXT)
    assert templates.render(asked(), name, text=TEXT) == expected
    assert (TEXT in expected.partition("|")[0]) is (name in {"a.txt", "a"})


def test_a_template_in_a_string_is_escaped(both: tuple[flask.Flask, FlaskTemplates]) -> None:
    app, templates = both
    with app.test_request_context():
        expected = flask.render_template_string(SOURCE, text=TEXT)
    assert templates.render_string(asked(), SOURCE, text=TEXT) == expected
    assert TEXT not in expected.partition("|")[0]


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("shop.show_thing", {"name": "a"}),
        ("shop.show_thing", {"name": "é &?#:;=@+,$!~'()*[]%25"}),
        ("shop.show_file", {"file": "a/b c/é"}),
        ("shop.show_thing", {"name": "a", "_anchor": "é &?#:;=@+,$!~'()*[]%25"}),
        ("shop.show_thing", {"name": "a", "q": "?", "_anchor": ""}),
        ("shop.show_thing", {"name": "a", "_anchor": None}),
        ("shop.show_thing", {"name": "a", "q": "a&b=c é/?:;@+", "none": None, "n": 5, "l": [1, 2]}),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/below"])
def test_an_address_is_flasks(
    both: tuple[flask.Flask, FlaskTemplates], endpoint: str, values: dict[str, Any], prefix: str
) -> None:
    app, templates = both
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": prefix}):
        expected = flask.url_for(endpoint, **values)
    assert templates.url_for(asked(prefix), endpoint, **values) == expected


def test_a_context_is_not_changed(both: tuple[flask.Flask, FlaskTemplates], tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{ request.url.path }}", encoding="utf-8")
    context: dict[str, Any] = {}
    assert both[1].render(asked(), "a.html", **context) == "/here"
    assert context == {}


def test_messages_are_kept_shown_and_forgotten_as_flask_does(
    both: tuple[flask.Flask, FlaskTemplates],
) -> None:
    request = asked()
    session: Session = request.scope["session"]
    with both[0].test_request_context():
        for name, category in (("one", "message"), ("two", "error")):
            flask.flash(name, category)
            flash(session, name, category)
        assert dict(session) == dict(flask.session)
        for options in ({}, {"with_categories": True}, {"category_filter": ["error"]}, {}):
            assert get_flashed_messages(request, **options) == flask.get_flashed_messages(**options)
        assert dict(session) == dict(flask.session) == {}
