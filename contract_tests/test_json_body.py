import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from contract_tests import expect, wire
from contract_tests.client import WAIT, Api
from contract_tests.raw import converse

JSON = "application/json"


def post(api: Api, body: bytes | str, content_type: str = JSON, **kwargs: Any) -> requests.Response:
    data = body.encode() if isinstance(body, str) else body
    return api.post("/lowercase", data=data, headers={"Content-Type": content_type}, **kwargs)


@pytest.mark.core
@pytest.mark.parametrize(
    ("text", "lower"),
    [
        ("HELLO", "hello"),
        ("", ""),
        ("ÉÀ 你 😀", "éà 你 😀"),
        ('"\\/\b\f\n\r\t', '"\\/\b\f\n\r\t'),
        ("\x00\x1f\x7f", "\x00\x1f\x7f"),
        ("\u2028\u2029", "\u2028\u2029"),
        ("İ", "i̇"),
        ("STRASSE ß", "strasse ß"),
        ("X" * 1000, "x" * 1000),
        ("😀" * 1000, "😀" * 1000),
        ("İ" * 1000, "i̇" * 1000),  # two characters for one
    ],
)
def test_text_is_lowered(api: Api, text: str, lower: str) -> None:
    expect.json(api.post("/lowercase", json={"text": text}), {"text": lower})


@pytest.mark.parametrize(
    "body",
    [
        '{"text":"\\u0041"}',
        '{"text":"A","text":"A"}',
        '{"text":"B","text":"A"}',
        ' \n\t{ "text" : "A" } \r\n',
        '\ufeff{"text":"A"}',
        '{"\\u0074ext":"A"}',
    ],
)
def test_json_may_be_written_in_other_ways(api: Api, body: str) -> None:
    expect.json(post(api, body), {"text": "a"})


def test_a_surrogate_pair_is_one_character(api: Api) -> None:
    expect.json(post(api, r'{"text":"\ud83d\ude00"}'), {"text": "😀"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_other_unicode_encodings_are_recognised(api: Api, encoding: str) -> None:
    expect.json(post(api, '{"text":"É"}'.encode(encoding)), {"text": "é"})


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;charset=latin-1",
        " application/json ;",
        "application/vnd.api+json",
        "application/problem+json",
    ],
)
def test_any_json_type_is_read(api: Api, content_type: str) -> None:
    request = wire.request("POST", "/lowercase", [("Content-Type", content_type)], b'{"text":"A"}')
    expect.json(api.raw(request), {"text": "a"})


@pytest.mark.core
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json+xml",
        "json",
        "",
    ],
)
def test_another_type_is_not_read(api: Api, content_type: str) -> None:
    expect.problem(post(api, '{"text":"A"}', content_type), 415)


def test_a_body_without_a_type_is_not_read(api: Api) -> None:
    expect.problem(api.raw(wire.request("POST", "/lowercase", body=b'{"text":"A"}')), 415)


def test_no_body_and_no_type_is_not_read(api: Api) -> None:
    expect.problem(api.raw(wire.request("POST", "/lowercase")), 415)


def test_two_types_are_refused(api: Api) -> None:
    headers = [("Content-Type", JSON), ("Content-Type", "text/plain")]
    api.raw(wire.request("POST", "/lowercase", headers, b"{}"), refusal=True)


@pytest.mark.core
@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "{",
        '{"text":"A"',
        '{"text":"A",}',
        '{"text":"A"} x',
        '{"text":"A"}{"text":"A"}',
        "{'text':'A'}",
        '{text:"A"}',
        '{"text":"\n"}',
        '{"text":"\\x41"}',
        '{"text":01}',
        '{"text":.5}',
        '{"text":+1}',
        '{"text":NaN}',
        '{"text":Infinity}',
        '{"text":-Infinity}',
        "nul",
        "\x00",
        '// comment\n{"text":"A"}',
        '{"text":"\\ud800"}',
        '{"text":"\\udc00\\ud800"}',
        '{"\\ud800":"A","text":"A"}',
        '{"text":' + "9" * 5000 + "}",
        '{"text":' + "[" * 100,
    ],
)
def test_what_is_no_json_cannot_be_parsed(api: Api, body: str) -> None:
    expect.problem(post(api, body), 400)


@pytest.mark.parametrize(
    "body", [b'{"text":"\xff"}', b'{"text":"\xed\xa0\x80"}', b"\xff\xfe{", b'{"text":"\xc3"}']
)
def test_text_that_is_no_utf8_cannot_be_parsed(api: Api, body: bytes) -> None:
    expect.problem(post(api, body), 400)


def test_json_64_deep_is_parsed(api: Api) -> None:
    body = '{"text":' + "[" * 63 + "]" * 63 + "}"
    expect.problem(post(api, body), 422, errors=[("body", "text", "type")])


@pytest.mark.parametrize("depth", [64, 65, 1000, 100000])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_json_deeper_than_64_is_not_parsed(api: Api, depth: int, left: str, right: str) -> None:
    body = '{"text":' + left * depth + "1" + right * depth + "}"
    expect.problem(post(api, body), 400)


def test_brackets_in_a_string_are_not_depth(api: Api) -> None:
    expect.json(post(api, json.dumps({"text": '["\\{' * 100})), {"text": '["\\{' * 100})


@pytest.mark.parametrize(
    "value", ["null", "1", "1.5", "1e400", "true", "[]", "{}", '["A"]', "-0", "9" * 4000]
)
def test_text_must_be_a_string(api: Api, value: str) -> None:
    errors = [("body", "text", "type")]
    expect.problem(post(api, f'{{"text":{value}}}'), 422, errors=errors)


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', "true", '[{"text":"A"}]', "1e400"])
def test_the_body_must_be_an_object(api: Api, body: str) -> None:
    expect.problem(post(api, body), 422, errors=[("body", "", "type")])


@pytest.mark.core
def test_text_is_required(api: Api) -> None:
    expect.problem(post(api, "{}"), 422, errors=[("body", "text", "required")])


def test_text_may_not_be_too_long(api: Api) -> None:
    answer = api.post("/lowercase", json={"text": "x" * 1001})
    expect.problem(answer, 422, errors=[("body", "text", "maxLength")])


@pytest.mark.core
def test_unknown_fields_are_refused_after_the_known_ones(api: Api) -> None:
    answer = api.post("/lowercase", json={"b": 1, "Text": "A", "a": 1})
    expect.problem(
        answer,
        422,
        errors=[
            ("body", "text", "required"),
            ("body", "b", "additionalProperties"),
            ("body", "Text", "additionalProperties"),
            ("body", "a", "additionalProperties"),
        ],
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>", "\\u003cscript\\u003e"),
        ("a.b", "a\\u002eb"),
        ("\x00\n", "\\u0000\\u000a"),
        ("x" * 70, "x" * 64),
        ("'\"", "\\u0027\\u0022"),
        ("é你", "é你"),
        ("__proto__", "__proto__"),
        ("", ""),
        ("😀", "\\u1f600"),
        ("\u202e", "\\u202e"),
    ],
)
def test_a_hostile_name_is_escaped_and_cut(api: Api, name: str, shown: str) -> None:
    answer = api.post("/lowercase", json={"text": "a", name: 1})
    expect.problem(answer, 422, errors=[("body", shown, "additionalProperties")])


def test_no_value_is_echoed_in_an_error(api: Api) -> None:
    assert "secret" not in api.post("/lowercase", json={"text": ["secret"], "x": "secret"}).text


def test_a_chunked_body_is_read(api: Api) -> None:
    request = wire.chunked("/lowercase", JSON, [b'{"text"', b':"A', b'"}'])
    expect.json(api.raw(request), {"text": "a"})


def test_a_request_that_follows_at_once_does_not_spoil_the_first(api: Api) -> None:
    body = b'{"text":"A"}'
    request = b"POST /lowercase HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    request += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    expect.json(api.raw(request * 2), {"text": "a"})


def test_query_parameters_do_not_fill_the_body(api: Api) -> None:
    answer = api.post("/lowercase?text=A", json={})
    expect.problem(answer, 422, errors=[("body", "text", "required")])


@pytest.mark.parametrize(
    "content_type",
    [
        "application/a/b+json",
        "application//+json",
        "application/+json",
        "application/json, application/x+json",
        "application/json\xa0",
        "application/json application/json",
    ],
)
def test_what_is_no_type_is_not_read(api: Api, content_type: str) -> None:
    request = wire.request("POST", "/lowercase", [("Content-Type", content_type)], b'{"text":"A"}')
    expect.problem(api.raw(request), 415)


def test_at_most_a_hundred_errors_are_told(api: Api) -> None:
    answer = api.post("/lowercase", json={str(n): n for n in range(1000)})
    assert len(answer.json()["errors"]) == 100


def test_a_body_behind_the_offer_of_another_protocol_is_refused(api: Api) -> None:
    headers = [("Connection", "upgrade"), ("Upgrade", "h2c"), ("Content-Type", JSON)]
    for body in (b'{"text":"A"}', b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"):
        api.raw(wire.request("POST", "/lowercase", headers, body), refusal=True)


@pytest.mark.parametrize("text", [r"\ude00", r"\udfff", r"\uDC00", r"\ud83d", r"\ude00\ud83d"])
def test_half_of_a_pair_cannot_be_parsed(api: Api, text: str) -> None:
    expect.problem(post(api, f'{{"text":"{text}"}}'), 400)


def test_a_large_body_is_read_whole(api: Api) -> None:
    expect.json(post(api, " " * 1_500_000 + '{"text":"A"}'), {"text": "a"})


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/lowercase", JSON, b'{"text":"A"}'),
        ("/submit", "application/x-www-form-urlencoded", b"city=a"),
    ],
)
def test_half_a_body_is_never_taken_for_the_whole(
    api: Api, path: str, content_type: str, body: bytes
) -> None:
    """Nobody waits for the answer any more, so a server may send none, and none is compared."""
    headers = [("Content-Type", content_type), ("Content-Length", "100")]
    url = urlsplit(api.url)
    address = (url.hostname or "", url.port or 80)
    request = wire.request("POST", path, headers) + body
    (answer,) = converse(address, request, answers=1, finish=True, wait=WAIT)
    assert answer.status_code in {0, 400}
    assert answer.ended != "timeout"
