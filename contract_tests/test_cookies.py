import re
from typing import Any

import pytest

from contract_tests import expect
from contract_tests.client import Api

GONE = "name=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"


@pytest.mark.core
@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("name=Ada", "Ada"),
        ("name=Ada; other=x", "Ada"),
        ("other=x; name=Ada", "Ada"),
        ("other=x;name=Ada", "Ada"),
        ("name=a; name=b", "a"),
        ("name=", ""),
        ("name", ""),
        ('name="a b"', "a b"),
        ('name="a;b,c"', "a;b,c"),
        ('name="a\\"b\\\\c"', 'a"b\\c'),
        ('name="\\303\\251"', "é"),
        ('name="\\346\\261\\211"', "汉"),
        ('name="\\377"', "\ufffd"),
        ('name=""', ""),
        ("name=a=b", "a=b"),
        ("name = a ", "a"),
        ("name=a%20b", "a%20b"),
        ("name=a/b:c@d[e]", "a/b:c@d[e]"),
        ("; name=a;;", "a"),
        ("=x; name=a", "a"),
        ("bad value; name=a", "a"),
        ("$Version=1; name=a", "a"),
        ('x="; name=a', "a"),
    ],
)
def test_the_cookie_is_read(api: Api, header: str, name: str) -> None:
    expect.json(api.get("/profile", headers={"Cookie": header}), {"name": name})


@pytest.mark.parametrize(
    "header",
    [
        "",
        "other=x",
        "Name=a",
        "name2=a",
        "names=a",
        "name=a, b=c",
        "name=a b",
        'name={"x":1}',
        "name=a\tb",
        'name="a',
        'name=a"',
        "[]",
    ],
)
def test_what_is_no_such_cookie_is_none(api: Api, header: str) -> None:
    expect.json(api.get("/profile", headers={"Cookie": header}), {"name": None})


@pytest.mark.core
def test_no_cookie_is_no_error(api: Api) -> None:
    expect.json(api.get("/profile"), {"name": None})


def test_a_cookie_in_latin1_is_read_byte_by_byte(api: Api) -> None:
    answer = api.raw(
        b"GET /profile HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: name=\xc3\xa9\r\n\r\n"
    )
    expect.json(answer, {"name": "Ã©"})


def test_two_cookie_headers_are_joined(api: Api) -> None:
    head = b"GET /profile HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    answer = api.raw(head + b"Cookie: a=1; name=x\r\nCookie: name=y\r\n\r\n")
    assert answer.status_code == 200


def test_a_cookie_header_of_8_kib_is_read(api: Api) -> None:
    header = "x=" + "y" * 8100 + "; name=a"
    expect.json(api.get("/profile", headers={"Cookie": header}), {"name": "a"})


@pytest.mark.parametrize("size", [8300, 16 * 1024, 60 * 1024])
def test_a_larger_cookie_header_is_refused(api: Api, size: int) -> None:
    answer = api.get("/profile", headers={"Cookie": "name=" + "x" * size}, refusal=True)
    assert answer.status_code in {400, 431}


@pytest.mark.core
@pytest.mark.parametrize(
    ("options", "cookie"),
    [
        ({"name": "Ada"}, "name=Ada; Path=/"),
        ({"name": ""}, "name=; Path=/"),
        ({"name": "a=b/c@d:e"}, "name=a=b/c@d:e; Path=/"),
        ({"name": "a b"}, 'name="a b"; Path=/'),
        ({"name": 'a"b\\c;d,e'}, 'name="a\\"b\\\\c\\073d\\054e"; Path=/'),
        ({"name": "é汉"}, 'name="\\303\\251\\346\\261\\211"; Path=/'),
        ({"name": "\r\nX: y"}, 'name="\\015\\012X: y"; Path=/'),
        ({"name": "\x00\x7f"}, 'name="\\000\\177"; Path=/'),
        ({"name": "\x19\x1a\x1f"}, 'name="\\031\\032\\037"; Path=/'),
        ({"name": "a", "path": "/a b"}, None),
        ({"name": "a", "path": "/a"}, "name=a; Path=/a"),
        ({"name": "a", "path": "/a%20b'"}, "name=a; Path=/a%20b'"),
        ({"name": "a", "path": '/<"^`{|}~\\'}, "name=a; Path=/%3C%22%5E%60%7B%7C%7D~%5C"),
        ({"name": "a", "path": None}, "name=a"),
        ({"name": "a", "domain": "example.test"}, "name=a; Domain=example.test; Path=/"),
        ({"name": "a", "secure": True}, "name=a; Secure; Path=/"),
        ({"name": "a", "secure": False, "httponly": None}, "name=a; Path=/"),
        ({"name": "a", "httponly": True}, "name=a; HttpOnly; Path=/"),
        ({"name": "a", "samesite": "Lax"}, "name=a; Path=/; SameSite=Lax"),
        ({"name": "a", "samesite": "Strict"}, "name=a; Path=/; SameSite=Strict"),
        ({"name": "a", "samesite": "None"}, "name=a; Path=/; SameSite=None"),
        ({"name": "a", "partitioned": True}, "name=a; Secure; Path=/; Partitioned"),
        (
            {"name": "a", "expires": "2030-01-02T03:04:05Z"},
            "name=a; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/",
        ),
        (
            {"name": "a", "expires": "2030-01-02T03:04:05.9+05:30"},
            "name=a; Expires=Tue, 01 Jan 2030 21:34:05 GMT; Path=/",
        ),
        (
            {
                "partitioned": True,
                "samesite": "None",
                "httponly": True,
                "secure": True,
                "domain": "a.test",
                "path": "/x",
                "expires": "2030-01-02T03:04:05Z",
                "max_age": 60,
                "name": "a",
            },
            "name=a; Domain=a.test; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Max-Age=60; Secure; "
            "HttpOnly; Path=/x; SameSite=None; Partitioned",
        ),
    ],
)
def test_a_cookie_is_set_with_its_attributes(
    api: Api, options: dict[str, Any], cookie: str | None
) -> None:
    answer = api.post("/profile", json=options)
    if cookie is None:
        expect.problem(answer, 422, errors=[("body", "path", "pattern")])
    else:
        expect.empty(answer, 204)
        assert answer.headers["Set-Cookie"] == cookie


@pytest.mark.parametrize("max_age", [0, 60, 31536000])
def test_max_age_sets_expires_too(api: Api, max_age: int) -> None:
    answer = api.post("/profile", json={"name": "a", "max_age": max_age})
    expect.empty(answer, 204)
    found = re.fullmatch(
        rf"name=a; Expires=([A-Z][a-z]{{2}}, .* GMT); Max-Age={max_age}; Path=/",
        answer.headers["Set-Cookie"],
    )
    assert found
    api.volatile("expires", found[1])


@pytest.mark.core
def test_a_cookie_is_deleted_by_an_expired_one(api: Api) -> None:
    answer = api.delete("/profile")
    expect.empty(answer, 204)
    assert answer.headers["Set-Cookie"] == GONE


@pytest.mark.parametrize("name", ["Ada", "é汉 😀", "a;b", ""])
def test_what_is_set_is_what_is_read(api: Api, name: str) -> None:
    with api.keeping_cookies():
        api.post("/profile", json={"name": name})
        expect.json(api.get("/profile"), {"name": name})
        api.delete("/profile")
        expect.json(api.get("/profile"), {"name": None})


@pytest.mark.parametrize(
    ("options", "field", "code"),
    [
        ({}, "name", "required"),
        ({"name": None}, "name", "type"),
        ({"name": 5}, "name", "type"),
        ({"name": "x" * 101}, "name", "maxLength"),
        ({"name": "a", "max_age": -1}, "max_age", "minimum"),
        ({"name": "a", "max_age": 31536001}, "max_age", "maximum"),
        ({"name": "a", "max_age": "60"}, "max_age", "type"),
        ({"name": "a", "max_age": 1.5}, "max_age", "type"),
        ({"name": "a", "max_age": True}, "max_age", "type"),
        ({"name": "a", "expires": 1893553445}, "expires", "type"),
        ({"name": "a", "expires": "2030-01-02"}, "expires", "format"),
        ({"name": "a", "expires": "2030-01-02T03:04:05"}, "expires", "format"),
        ({"name": "a", "path": "x"}, "path", "pattern"),
        ({"name": "a", "path": "/;Secure"}, "path", "pattern"),
        ({"name": "a", "path": "/\r\n"}, "path", "pattern"),
        ({"name": "a", "path": "/" + "x" * 100}, "path", "maxLength"),
        ({"name": "a", "domain": ""}, "domain", "pattern"),
        ({"name": "a", "domain": ".a.test"}, "domain", "pattern"),
        ({"name": "a", "domain": "a..test"}, "domain", "pattern"),
        ({"name": "a", "domain": "a.test; Secure"}, "domain", "pattern"),
        ({"name": "a", "domain": "a.test\n"}, "domain", "pattern"),
        ({"name": "a", "secure": 1}, "secure", "type"),
        ({"name": "a", "secure": "true"}, "secure", "type"),
        ({"name": "a", "samesite": "lax"}, "samesite", "enum"),
        ({"name": "a", "samesite": 1}, "samesite", "enum"),
        ({"name": "a", "samesite": ["Lax"]}, "samesite", "enum"),
        ({"name": "a", "partitioned": 0}, "partitioned", "type"),
        ({"name": "a", "max-age": 1}, "max-age", "additionalProperties"),
    ],
)
def test_an_attribute_that_is_none_is_refused(
    api: Api, options: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post("/profile", json=options)
    expect.problem(answer, 422, errors=[("body", field, code)])
    assert "Set-Cookie" not in answer.headers
