import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

HELLO = b"hello world 0123456789\n"
SIZE = len(HELLO)


@pytest.mark.core
@pytest.mark.parametrize(
    ("path", "content_type", "disposition"),
    [
        ("hello.txt", "text/plain; charset=utf-8", "inline; filename=hello.txt"),
        ("empty.txt", None, "inline; filename=empty.txt"),
        ("style.css", "text/css; charset=utf-8", "inline; filename=style.css"),
        ("data.json", "application/json", "inline; filename=data.json"),
        ("folder/circle.svg", "image/svg+xml; charset=utf-8", "inline; filename=circle.svg"),
        ("unknown.xyzzy", "application/octet-stream", "inline; filename=unknown.xyzzy"),
        (
            "n%C3%A4me.txt",
            "text/plain; charset=utf-8",
            "inline; filename=name.txt; filename*=UTF-8''n%C3%A4me.txt",
        ),
    ],
)
def test_a_file_is_sent_with_what_is_known_of_it(
    api: Api, path: str, content_type: str | None, disposition: str
) -> None:
    answer = api.get(f"/static/{path}")
    assert answer.status_code == 200
    assert answer.headers.get("Content-Type") == content_type
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Last-Modified"].endswith(" GMT")


def test_a_compressed_file_says_so(api: Api) -> None:
    answer = api.get("/static/hello.txt.gz")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == b"hello\n"


@pytest.mark.core
@pytest.mark.parametrize(
    "path",
    [
        "nope.txt",
        "",
        "folder",
        "folder/",
        "HELLO.TXT",
        "../ranges.py",
        "..%2franges.py",
        "folder/../../ranges.py",
        "%2e%2e/ranges.py",
        "/etc/passwd",
        "%2Fetc/passwd",
        "folder/%2Fetc/passwd",
        "hello.txt%00",
        "..\\ranges.py",
        ".",
        "..",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_else_is_served(api: Api, method: str, path: str) -> None:
    answer = api.raw(wire.request(method, f"/static/{path}"))
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["hello.txt/", "./hello.txt", "folder/../hello.txt", "folder//../hello.txt"]
)
def test_a_detour_inside_of_the_folder_leads_there(api: Api, path: str) -> None:
    answer = api.raw(wire.request("GET", f"/static/{path}"))
    assert (answer.status_code, answer.content) == (200, HELLO)


@pytest.mark.core
@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-4", 0, 5),
        ("bytes=6-", 6, SIZE),
        ("bytes=-3", SIZE - 3, SIZE),
        ("bytes=0-0", 0, 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        ("bytes=5-999999", 5, SIZE),
        ("bytes=0-", 0, SIZE),
        (f"bytes=-{SIZE}", 0, SIZE),
        ("bytes=-9999", 0, SIZE),
        (" Bytes = 2 - 3 ", 2, 4),
        ("bytes=00-004", 0, 5),
    ],
)
def test_a_part_is_sent(api: Api, wanted: str, start: int, stop: int) -> None:
    answer = api.raw(wire.request("GET", "/static/hello.txt", [("Range", wanted)]))
    assert (answer.status_code, answer.content) == (206, HELLO[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize(
    "wanted",
    [
        f"bytes={SIZE}-",
        "bytes=5-1",
        "bytes=abc",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=-0",
        "bytes=--1",
        "bytes=1",
        "bytes=0-1,4-5",
        "bytes=0-5,3-8",
        "bytes=0-1,",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1.0-2",
        "bytes=\xb2-",
        "bytes=0-1-2",
    ],
)
def test_a_part_that_there_is_not_is_refused(api: Api, wanted: str) -> None:
    answer = api.raw(wire.request("GET", "/static/hello.txt", [("Range", wanted)]))
    expect.problem(answer, 416)
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("wanted", ["items=0-1", "0-1", "", "=0-1", "bytes 0-1"])
def test_a_range_of_anything_but_bytes_is_ignored(api: Api, wanted: str) -> None:
    answer = api.raw(wire.request("GET", "/static/hello.txt", [("Range", wanted)]))
    assert (answer.status_code, answer.content) == (200, HELLO)


@pytest.mark.parametrize("wanted", ["bytes=0-4", "bytes=-5", "bytes=abc"])
def test_an_empty_file_has_no_parts(api: Api, wanted: str) -> None:
    expect.empty(api.get("/static/empty.txt", headers={"Range": wanted}), 200)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("condition", ["{}", "W/{}", "*", '"x", {}'])
def test_a_file_that_has_not_changed_is_not_sent(api: Api, method: str, condition: str) -> None:
    tag = api.get("/static/hello.txt").headers["ETag"]
    headers = [("If-None-Match", condition.format(tag))]
    answer = api.raw(wire.request(method, "/static/hello.txt", headers))
    expect.empty(answer, 304)
    assert answer.headers["ETag"] == tag
    assert "Last-Modified" not in answer.headers


def test_a_date_may_be_the_condition(api: Api) -> None:
    date = api.get("/static/hello.txt").headers["Last-Modified"]
    headers = {"If-Modified-Since": date}
    expect.empty(api.get("/static/hello.txt", headers=headers), 304)
    headers = {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert api.get("/static/hello.txt", headers=headers).status_code == 200


def test_another_version_is_not_what_was_asked_for(api: Api) -> None:
    expect.problem(api.get("/static/hello.txt", headers={"If-Match": '"x"'}), 412)


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("tag", 206),
        ("date", 206),
        ('"x"', 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("Thu, 01 Jan " + "9" * 30 + " 00:00:00 GMT", 200),
        ("", 200),
    ],
)
def test_a_part_may_be_bound_to_a_version(api: Api, condition: str, status: int) -> None:
    known = api.head("/static/hello.txt").headers
    condition = {"tag": known["ETag"], "date": known["Last-Modified"]}.get(condition, condition)
    headers = {"Range": "bytes=0-1", "If-Range": condition}
    assert api.get("/static/hello.txt", headers=headers).status_code == status


@pytest.mark.core
@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("a.txt", "attachment; filename=a.txt"),
        ("a%20b.txt", 'attachment; filename="a b.txt"'),
        ("a%22b.txt", 'attachment; filename="a\\"b.txt"'),
        ("a%5Cb.txt", 'attachment; filename="a\\\\b.txt"'),
        ("%C3%A9%20b.txt", "attachment; filename=\"e b.txt\"; filename*=UTF-8''%C3%A9%20b.txt"),
        ("%E4%BD%A0.txt", "attachment; filename=.txt; filename*=UTF-8''%E4%BD%A0.txt"),
        ("%E4%BD%A0", "attachment; filename=\"\"; filename*=UTF-8''%E4%BD%A0"),
        ("a/b.txt", 'attachment; filename="a/b.txt"'),
        ("a.tar.gz", "attachment; filename=a.tar.gz"),
    ],
)
def test_a_download_has_a_name(api: Api, name: str, disposition: str) -> None:
    answer = api.get(f"/downloads/hello.txt?name={name}")
    assert (answer.status_code, answer.content) == (200, HELLO)
    assert answer.headers["Content-Disposition"] == disposition
    assert "Content-Encoding" not in answer.headers


def test_a_download_may_come_in_parts(api: Api) -> None:
    answer = api.get("/downloads/hello.txt?name=a", headers={"Range": "bytes=0-4"})
    assert (answer.status_code, answer.content) == (206, b"hello")


@pytest.mark.parametrize("name", ["a%0D%0AX-A:b", "a%00b", "a%0A"])
def test_a_download_name_starts_no_header(api: Api, name: str) -> None:
    answer = api.get(f"/downloads/hello.txt?name={name}")
    expect.problem(answer, 422, errors=[("query", "name", "pattern")])


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "required"), ("name=", "minLength"), ("name=" + "x" * 101, "maxLength")],
)
def test_a_download_needs_a_name(api: Api, query: str, code: str) -> None:
    answer = api.get(f"/downloads/hello.txt?{query}")
    expect.problem(answer, 422, errors=[("query", "name", code)])


def test_a_download_of_nothing_is_not_found(api: Api) -> None:
    expect.problem(api.get("/downloads/nope.txt?name=a"), 404)


@pytest.mark.parametrize("path", ["/static/hello.txt", "/downloads/hello.txt"])
def test_options_and_other_methods_are_told(api: Api, path: str) -> None:
    expect.allow(api.options(path), ["GET", "HEAD", "OPTIONS"])
    expect.problem(api.post(path), 405)


@pytest.mark.parametrize("path", ["/static/" + "9" * 256, "/downloads/" + "9" * 256 + "?name=a"])
def test_a_name_that_no_file_can_have_is_not_found(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)


@pytest.mark.parametrize("wanted", ["bytes", "bytes=0-1", "bytes=99-"])
def test_another_version_comes_before_a_part(api: Api, wanted: str) -> None:
    headers = {"If-Match": '"x"', "Range": wanted}
    expect.problem(api.get("/static/hello.txt", headers=headers), 412)
