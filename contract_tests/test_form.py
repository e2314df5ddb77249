from typing import Any

import pytest
import requests

from contract_tests import expect, wire
from contract_tests.client import Api

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"


def send(api: Api, path: str, body: bytes, content_type: str = URLENCODED) -> requests.Response:
    return api.post(path, data=body, headers={"Content-Type": content_type})


@pytest.mark.core
@pytest.mark.parametrize("path", ["/submit", "/submit/optional", "/submit/default"])
@pytest.mark.parametrize("city", ["Paris", "München", "北京", "a b", "a+b&c=d", " ", "x" * 50])
def test_a_city_is_echoed(api: Api, path: str, city: str) -> None:
    expect.json(api.post(path, data={"city": city}), {"city": city})
    expect.json(api.post(path, files={"city": (None, city)}), {"city": city})


@pytest.mark.core
def test_a_required_city_must_be_there(api: Api) -> None:
    for answer in (send(api, "/submit", b""), send(api, "/submit", b"--B--\r\n", MULTIPART)):
        expect.problem(answer, 422, errors=[("body", "city", "required")])


@pytest.mark.parametrize(
    ("path", "city"), [("/submit/optional", None), ("/submit/default", "Paris")]
)
def test_a_city_that_is_not_sent_has_its_default(api: Api, path: str, city: str | None) -> None:
    expect.json(send(api, path, b""), {"city": city})
    expect.json(send(api, path, b"--B--\r\n", MULTIPART), {"city": city})
    expect.json(api.post(path), {"city": city})


@pytest.mark.parametrize("body", [b"city=", b"city", b"city=&city=Rome"])
@pytest.mark.parametrize("path", ["/submit/optional", "/submit/default"])
def test_an_empty_city_is_a_value(api: Api, path: str, body: bytes) -> None:
    expect.json(send(api, path, body), {"city": ""})


def test_an_empty_multipart_city_is_a_value(api: Api) -> None:
    body = wire.multipart(wire.field("city", b""))
    expect.json(send(api, "/submit/default", body, MULTIPART), {"city": ""})


@pytest.mark.parametrize(
    ("city", "code"), [("", "minLength"), ("x" * 51, "maxLength"), ("é" * 51, "maxLength")]
)
def test_a_required_city_has_a_length(api: Api, city: str, code: str) -> None:
    expect.problem(api.post("/submit", data={"city": city}), 422, errors=[("body", "city", code)])


@pytest.mark.parametrize(
    ("body", "city"),
    [
        (b"city=a&city=b", "a"),
        (b"city=%C3%A9", "é"),
        (b"city=\xc3\xa9", "é"),
        (b"&&city=a&&", "a"),
        (b"city=a;b", "a;b"),
        (b"city=%zz", "%zz"),
        (b"city=a%00b", "a\x00b"),
        (b"city=a=b", "a=b"),
        (b"city=a\r\n", "a\r\n"),
    ],
)
def test_urlencoded_text_is_decoded(api: Api, body: bytes, city: str) -> None:
    expect.json(send(api, "/submit", body), {"city": city})


@pytest.mark.parametrize("body", [b"city=%FF", b"city=\xff", b"%FF=a&city=b", b"city=%ED%A0%80"])
def test_urlencoded_text_that_is_no_utf8_cannot_be_parsed(api: Api, body: bytes) -> None:
    expect.problem(send(api, "/submit", body), 400)


@pytest.mark.parametrize("path", ["/submit", "/submit/optional", "/submit/default"])
def test_unknown_fields_are_refused(api: Api, path: str) -> None:
    answer = api.post(path, data={"town": "a", "city": "x", "<b>": "c"})
    errors = [("body", name, "additionalProperties") for name in ("town", "\\u003cb\\u003e")]
    expect.problem(answer, 422, errors=errors)


def test_an_unknown_file_comes_after_unknown_text(api: Api) -> None:
    body = wire.multipart(
        wire.field("f", b"", filename="f"), wire.field("t", b""), wire.field("city", b"x")
    )
    errors = [("body", name, "additionalProperties") for name in ("t", "f")]
    expect.problem(send(api, "/submit", body, MULTIPART), 422, errors=errors)


def test_a_file_is_no_text(api: Api) -> None:
    body = wire.multipart(wire.field("city", b"Paris", filename="f"))
    answer = send(api, "/submit", body, MULTIPART)
    expect.problem(answer, 422, errors=[("body", "city", "type")])


@pytest.mark.core
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/mixed; boundary=B", "x"]
)
@pytest.mark.parametrize("path", ["/submit", "/submit/default"])
def test_another_type_is_not_read(api: Api, path: str, content_type: str) -> None:
    expect.problem(send(api, path, b"city=a", content_type), 415)


def test_a_body_without_a_type_is_not_read(api: Api) -> None:
    expect.problem(api.raw(wire.request("POST", "/submit/default", body=b"city=a")), 415)


@pytest.mark.parametrize(
    "body",
    [
        b'--B\r\nContent-Disposition: form-data; name="city"\r\n\r\nx\r\n--B--',
        b'preamble\r\n--B\r\nContent-Disposition: form-data; name="city"\r\n\r\nx\r\n--B--\r\n',
        b'--B\r\nContent-Disposition: form-data; name="city"\r\n\r\nx\r\n--B--\r\nepilogue',
        b"--B\r\nContent-Disposition: form-data; name=city\r\n\r\nx\r\n--B--\r\n",
        b'--B\r\ncontent-disposition: FORM-DATA; NAME="city"\r\n\r\nx\r\n--B--\r\n',
        b'--B\r\nX-A: b\r\nContent-Disposition:form-data;name="city"\r\n\r\nx\r\n--B--\r\n',
        b'--B\r\nContent-Disposition: form-data;\r\n name="city"\r\n\r\nx\r\n--B--\r\n',
        b'--B\r\nContent-Disposition: form-data; name="city"\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n',
    ],
)
def test_legal_mime_is_read(api: Api, body: bytes) -> None:
    expect.json(send(api, "/submit", body, MULTIPART), {"city": "x"})


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/form-data; boundary="B"',
        "Multipart/Form-Data; Boundary=B",
        "multipart/form-data; charset=utf-8; boundary=B",
    ],
)
def test_the_boundary_may_be_written_in_other_ways(api: Api, content_type: str) -> None:
    body = wire.multipart(wire.field("city", b"x"))
    expect.json(send(api, "/submit", body, content_type), {"city": "x"})


@pytest.mark.core
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        b"--B",
        b"--B\r\n",
        b'--B\r\nContent-Disposition: form-data; name="city"\r\n\r\nx',
        b'--B\r\nContent-Disposition: form-data; name="city"\r\n\r\nx\r\n--B\r\n',
        b'--B\nContent-Disposition: form-data; name="city"\n\nx\n--B--\n',
        b"--B\r\n\r\nx\r\n--B--\r\n",
        b'--B\r\nContent-Disposition: attachment; name="city"\r\n\r\nx\r\n--B--\r\n',
        b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n",
        b"--B\r\nContent-Disposition: form-data; !city!\r\n\r\nx\r\n--B--\r\n",
        b"--B\r\nno colon\r\n\r\nx\r\n--B--\r\n",
        b'--B\r\nContent-Disposition: form-data; name="city"\r\nContent-Length: 9\r\n\r\nx\r\n--B--\r\n',
        b'--B\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--B--\r\n',
        b'--B\r\nContent-Disposition: form-data; name="city"\r\n\r\n\xff\r\n--B--\r\n',
        b'--C\r\nContent-Disposition: form-data; name="city"\r\n\r\nx\r\n--C--\r\n',
    ],
)
def test_broken_mime_cannot_be_parsed(api: Api, body: bytes) -> None:
    for path in ("/submit", "/submit/default"):
        expect.problem(send(api, path, body, MULTIPART), 400)


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_a_boundary_is_needed(api: Api, content_type: str) -> None:
    body = wire.multipart(wire.field("city", b"x"))
    expect.problem(send(api, "/submit", body, content_type), 400)


@pytest.mark.parametrize(("count", "status"), [(1000, 422), (1001, 413)])
def test_a_form_has_at_most_a_thousand_parts(api: Api, count: int, status: int) -> None:
    body = wire.multipart(*[wire.field("x", b"")] * count)
    assert send(api, "/submit", body, MULTIPART).status_code == status


def test_a_long_header_of_a_part_is_refused(api: Api) -> None:
    body = wire.multipart(wire.field("x" * 10000, b""))
    expect.problem(send(api, "/submit", body, MULTIPART), 413)


def test_a_chunked_form_is_read(api: Api) -> None:
    expect.json(api.raw(wire.chunked("/submit", URLENCODED, [b"ci", b"ty=a"])), {"city": "a"})


def test_the_query_does_not_fill_the_form(api: Api) -> None:
    answer = api.post("/submit?city=a", data={})
    expect.problem(answer, 422, errors=[("body", "city", "required")])


def test_no_value_is_echoed_in_an_error(api: Api) -> None:
    data: dict[str, Any] = {"city": "secret" * 10, "x": "secret"}
    assert "secret" not in api.post("/submit", data=data).text


def test_the_first_of_repeated_parts_counts(api: Api) -> None:
    body = wire.multipart(wire.field("city", b"a"), wire.field("city", b"b"))
    expect.json(send(api, "/submit", body, MULTIPART), {"city": "a"})


def test_a_part_is_utf8_whatever_it_declares(api: Api) -> None:
    head = (
        b'Content-Disposition: form-data; name="city"\r\nContent-Type: text/plain; charset=latin-1'
    )
    body = wire.multipart(head + b"\r\n\r\n\xe9")
    expect.problem(send(api, "/submit", body, MULTIPART), 400)
    body = wire.multipart(head + b"\r\n\r\n\xc3\xa9")
    expect.json(send(api, "/submit", body, f"{MULTIPART}; charset=latin-1"), {"city": "é"})


def test_an_urlencoded_form_has_as_many_fields_as_fit(api: Api) -> None:
    expect.json(send(api, "/submit", b"city=a" + b"&city=b" * 3000), {"city": "a"})
    answer = send(api, "/submit", b"&".join(b"k%d=" % n for n in range(1500)))
    assert len(answer.json()["errors"]) == 100


@pytest.mark.parametrize("size", [600_000, 1_100_000])
def test_a_long_text_is_read_to_be_refused(api: Api, size: int) -> None:
    errors = [("body", "city", "maxLength")]
    expect.problem(send(api, "/submit", b"city=" + b"x" * size), 422, errors=errors)
    body = wire.multipart(wire.field("city", b"x" * size))
    expect.problem(send(api, "/submit", body, MULTIPART), 422, errors=errors)


@pytest.mark.parametrize("length", [70, 71, 300])
def test_a_boundary_may_be_long(api: Api, length: int) -> None:
    body = wire.multipart(wire.field("city", b"x"), boundary=b"B" * length)
    content_type = "multipart/form-data; boundary=" + "B" * length
    expect.json(send(api, "/submit", body, content_type), {"city": "x"})


def test_a_quote_in_a_name_is_escaped_as_browsers_do(api: Api) -> None:
    body = wire.multipart(wire.field("a%22b", b""), wire.field("city", b"x"))
    answer = send(api, "/submit", body, MULTIPART)
    expect.problem(answer, 422, errors=[("body", "a\\u0022b", "additionalProperties")])


def test_an_empty_file_input_is_no_text(api: Api) -> None:
    body = wire.multipart(wire.field("city", b"", filename=""))
    for path in ("/submit", "/submit/optional", "/submit/default"):
        answer = send(api, path, body, MULTIPART)
        expect.problem(answer, 422, errors=[("body", "city", "type")])


@pytest.mark.parametrize("content_type", ["{}\xa0", "\x85{}", "{} \t"])
def test_only_blanks_of_http_stand_around_a_type(api: Api, content_type: str) -> None:
    kind = content_type.format(URLENCODED)
    answer = api.raw(wire.request("POST", "/submit", [("Content-Type", kind)], b"city=a"))
    assert answer.status_code == (200 if kind.endswith("\t") else 415)


def test_a_length_of_zero_may_be_written_long(api: Api) -> None:
    answer = api.raw(wire.request("POST", "/submit/default", [("Content-Length", "00")]))
    expect.json(answer, {"city": "Paris"})


def test_a_body_in_chunks_without_a_type_is_no_form(api: Api) -> None:
    head = wire.request("POST", "/submit/optional", [("Transfer-Encoding", "chunked")])
    expect.problem(api.raw(head + b"6\r\ncity=a\r\n0\r\n\r\n"), 415)
