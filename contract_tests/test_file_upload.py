import hashlib
from typing import Any

import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

MULTIPART = "multipart/form-data; boundary=B"
LIMIT = 2 * 1024 * 1024


def facts(content: bytes, name: str = "a.txt", kind: str | None = None) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "size": len(content), "content_type": kind, "sha256": digest}


@pytest.mark.core
@pytest.mark.parametrize(
    "content", [b"abc", b"", b"\x00\xff\r\n--B", bytes(range(256)) * 10, b"\r\n", b"--B--"]
)
def test_a_file_is_measured(api: Api, content: bytes) -> None:
    expect.json(api.post("/upload", files={"file": ("a.txt", content)}), facts(content))


@pytest.mark.parametrize("size", [64 * 1024, 1024 * 1024 - 1, 1024 * 1024 + 1, LIMIT - 1000])
def test_a_large_file_is_measured(api: Api, size: int) -> None:
    content = b"x" * size
    expect.json(api.post("/upload", files={"file": ("a.txt", content)}), facts(content))


@pytest.mark.parametrize(
    "kind", ["text/plain", "Text/Plain; charset=UTF-8", "image/png", "nonsense"]
)
def test_the_content_type_is_what_the_part_says(api: Api, kind: str) -> None:
    answer = api.post("/upload", files={"file": ("a.txt", b"x", kind)})
    expect.json(answer, facts(b"x", kind=kind))


@pytest.mark.core
@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..", "unnamed"),
        ("a/", "unnamed"),
        (".hidden", ".hidden"),
        ("a b.txt", "a b.txt"),
        ("naïve 你 😀.txt", "naïve 你 😀.txt"),
        ("C:\\dir\\a.txt", "a.txt"),
        ("a%22b.txt", 'a"b.txt'),
        ("a\tb.txt", "ab.txt"),
        ("x" * 300, "x" * 300),
        ("a.tar.gz", "a.tar.gz"),
        ("%2e%2e%2fa", "%2e%2e%2fa"),
    ],
)
def test_a_file_name_keeps_no_folder(api: Api, filename: str, name: str) -> None:
    body = wire.multipart(wire.field("file", b"x", filename=filename))
    answer = api.post("/upload", data=body, headers={"Content-Type": MULTIPART})
    expect.json(answer, facts(b"x", name))


def test_a_file_with_an_empty_name_is_one_if_it_has_content(api: Api) -> None:
    answer = api.post(
        "/upload",
        data=wire.multipart(wire.field("file", b"x", filename="")),
        headers={"Content-Type": MULTIPART},
    )
    expect.json(answer, facts(b"x", "unnamed"))


def test_the_first_of_two_files_counts(api: Api) -> None:
    files = [("file", ("a.txt", b"1")), ("file", ("b.txt", b"2"))]
    expect.json(api.post("/upload", files=files), facts(b"1"))


@pytest.mark.core
def test_a_file_is_required(api: Api) -> None:
    for body in (b"--B--\r\n", wire.multipart(wire.field("file", b"", filename=""))):
        answer = api.post("/upload", data=body, headers={"Content-Type": MULTIPART})
        expect.problem(answer, 422, errors=[("body", "file", "required")])


def test_a_text_field_is_no_file(api: Api) -> None:
    for answer in (
        api.post("/upload", files={"file": (None, "text")}),
        api.post("/upload", data={"file": "text"}),
        api.post("/upload", data={"file": ""}),
    ):
        expect.problem(answer, 422, errors=[("body", "file", "type")])


def test_unknown_parts_are_refused(api: Api) -> None:
    files = {"other": ("a", b""), "file": ("a.txt", b""), "text": (None, "x")}
    errors = [("body", name, "additionalProperties") for name in ("text", "other")]
    expect.problem(api.post("/upload", files=files), 422, errors=errors)


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream"])
def test_another_type_is_not_read(api: Api, content_type: str) -> None:
    answer = api.post("/upload", data=b"x", headers={"Content-Type": content_type})
    expect.problem(answer, 415)


@pytest.mark.core
@pytest.mark.parametrize("count", [1, 2, 5])
def test_several_files_come_back_in_order(api: Api, count: int) -> None:
    files = [("files", (f"{n}.txt", b"%d" % n)) for n in range(count)]
    expected = [facts(b"%d" % n, f"{n}.txt") for n in range(count)]
    expect.json(api.post("/upload/many", files=files), expected)


def test_there_are_at_most_five_files(api: Api) -> None:
    answer = api.post("/upload/many", files=[("files", ("a", b""))] * 6)
    expect.problem(answer, 422, errors=[("body", "files", "maxItems")])


def test_there_is_at_least_one_file(api: Api) -> None:
    answer = api.post("/upload/many", data=b"--B--\r\n", headers={"Content-Type": MULTIPART})
    expect.problem(answer, 422, errors=[("body", "files", "required")])


def test_a_text_among_the_files_is_named(api: Api) -> None:
    files: Any = [("files", ("a", b"")), ("files", (None, "text"))]
    answer = api.post("/upload/many", files=files)
    expect.problem(answer, 422, errors=[("body", "files.0", "type")])


@pytest.mark.core
def test_a_field_stands_beside_the_file(api: Api) -> None:
    answer = api.post(
        "/upload/described", data={"description": "Ü"}, files={"file": ("a.txt", b"x")}
    )
    expect.json(answer, {"description": "Ü", "file": facts(b"x")})


@pytest.mark.parametrize(
    ("data", "files", "errors"),
    [
        (
            {},
            {"x": (None, "")},
            [("description", "required"), ("file", "required"), ("x", "additionalProperties")],
        ),
        ({"description": ""}, {"file": ("a", b"")}, [("description", "minLength")]),
        (
            {"description": "x" * 201},
            {"file": (None, "")},
            [("description", "maxLength"), ("file", "type")],
        ),
        ({}, {"description": ("a", b""), "file": ("a", b"")}, [("description", "type")]),
    ],
)
def test_field_and_file_are_both_checked(
    api: Api, data: Any, files: Any, errors: list[tuple[str, str]]
) -> None:
    answer = api.post("/upload/described", data=data, files=files)
    expect.problem(answer, 422, errors=[("body", field, code) for field, code in errors])


@pytest.mark.core
@pytest.mark.parametrize("path", ["/upload", "/lowercase", "/submit", "/methods", "/profile"])
def test_a_body_that_is_declared_too_large_is_not_read(api: Api, path: str) -> None:
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(LIMIT + 1))]
    expect.problem(api.raw(wire.request("POST", path, headers)), 413)


def test_the_limit_itself_is_accepted(api: Api) -> None:
    body = wire.multipart(wire.field("file", b"", filename="a.txt"))
    content = b"x" * (LIMIT - len(body))
    body = wire.multipart(wire.field("file", content, filename="a.txt"))
    assert len(body) == LIMIT
    answer = api.post("/upload", data=body, headers={"Content-Type": MULTIPART})
    expect.json(answer, facts(content))


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/upload", MULTIPART),
        ("/submit", "application/x-www-form-urlencoded"),
        ("/lowercase", "application/json"),
        ("/lowercase", "text/plain"),
        ("/submit", "text/plain"),
    ],
)
def test_a_chunked_body_is_counted_while_it_comes(api: Api, path: str, content_type: str) -> None:
    chunks = [b"x" * 65536] * (LIMIT // 65536) + [b"x"]
    expect.problem(api.raw(wire.chunked(path, content_type, chunks)), 413)


@pytest.mark.parametrize("path", ["/upload", "/submit", "/lowercase"])
@pytest.mark.parametrize(
    "content_type", [MULTIPART, "application/x-www-form-urlencoded", "application/json"]
)
def test_a_body_without_an_end_is_refused_all_the_same(
    api: Api, path: str, content_type: str
) -> None:
    request = wire.chunked(path, content_type, [b"x" * 65536] * (3 * LIMIT // 65536))
    expect.problem(api.raw(request.removesuffix(b"0\r\n\r\n")), 413)


def test_too_large_comes_after_unknown_and_wrong_method(api: Api) -> None:
    headers = [("Content-Length", str(LIMIT + 1))]
    expect.problem(api.raw(wire.request("POST", "/nope", headers)), 404)
    expect.problem(api.raw(wire.request("PUT", "/upload", headers)), 405)


def test_the_server_answers_after_a_refused_upload(api: Api) -> None:
    headers = [("Content-Type", MULTIPART), ("Content-Length", str(LIMIT * 1000))]
    expect.problem(api.raw(wire.request("POST", "/upload", headers)), 413)
    expect.json(api.get("/health"), {"status": "ok"})


def part(disposition: bytes) -> bytes:
    return wire.multipart(
        b'Content-Disposition: form-data; name="file"' + disposition + b"\r\n\r\nx"
    )


def test_an_extended_file_name_is_passed_over(api: Api) -> None:
    """RFC 7578 forbids it in forms; browsers write the plain one in UTF-8."""
    body = part(b"; filename=\"a.txt\"; filename*=UTF-8''%C3%A9.txt")
    answer = api.post("/upload", data=body, headers={"Content-Type": MULTIPART})
    expect.json(answer, facts(b"x"))
    for disposition in (b"; filename*=UTF-8''a.txt", b'; filename*0="a"; filename*1=".txt"'):
        answer = api.post("/upload", data=part(disposition), headers={"Content-Type": MULTIPART})
        expect.problem(answer, 422, errors=[("body", "file", "type")])


def test_a_file_name_that_is_no_utf8_cannot_be_parsed(api: Api) -> None:
    body = part(b'; filename="\xe9.txt"')
    expect.problem(api.post("/upload", data=body, headers={"Content-Type": MULTIPART}), 400)


def test_a_file_name_without_quotes_ends_at_a_blank(api: Api) -> None:
    body = part(b"; filename=a b.txt")
    answer = api.post("/upload", data=body, headers={"Content-Type": MULTIPART})
    expect.json(answer, facts(b"x", "a"))


def test_an_input_without_a_file_is_missed_where_it_stands(api: Api) -> None:
    empty, file = wire.field("files", b"", filename=""), wire.field("files", b"x", filename="a")
    headers = {"Content-Type": MULTIPART}
    for parts, missed in (((empty, file), "files.0"), ((file, empty), "files.1")):
        answer = api.post("/upload/many", data=wire.multipart(*parts), headers=headers)
        expect.problem(answer, 422, errors=[("body", missed, "required")])


def test_an_empty_content_type_is_none(api: Api) -> None:
    part = (
        b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type:\r\n\r\nx'
    )
    headers = {"Content-Type": MULTIPART}
    expect.json(api.post("/upload", data=wire.multipart(part), headers=headers), facts(b"x"))


@pytest.mark.parametrize("kind", [b"\r", b"a\rb", b"\x00", b"a\x7f"])
def test_a_part_header_holds_no_control_characters(api: Api, kind: bytes) -> None:
    part = b'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: '
    body = wire.multipart(part + kind + b"\r\n\r\nx")
    expect.problem(api.post("/upload", data=body, headers={"Content-Type": MULTIPART}), 400)
