import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

REPORT = {"title": "Yearly report", "pages": 12}
CHANGED = "Sat, 31 Jan 2026 09:30:00 GMT"


@pytest.mark.core
@pytest.mark.parametrize(
    ("note", "answered"),
    [
        ("hello", "hello"),
        (None, None),
        ("", ""),
        ("a, b", "a, b"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_header_is_read(api: Api, note: str | None, answered: str | None) -> None:
    headers = {} if note is None else {"X-Note": note}
    expect.json(api.get("/headers", headers=headers), {"note": answered, "tags": []})


def test_blanks_around_a_header_are_not_part_of_it(api: Api) -> None:
    answer = api.raw(wire.request("GET", "/headers", [("X-Note", "  a \t")]))
    expect.json(answer, {"note": "a", "tags": []})


@pytest.mark.parametrize("name", ["x-note", "X-NOTE", "x-NoTe"])
def test_a_header_has_no_case(api: Api, name: str) -> None:
    expect.json(api.get("/headers", headers={name: "a"}), {"note": "a", "tags": []})


def test_a_header_with_underscores_is_another(api: Api) -> None:
    expect.json(api.get("/headers", headers={"X_Note": "a"}), {"note": None, "tags": []})


def test_a_header_is_read_as_latin1(api: Api) -> None:
    answer = api.raw(wire.request("GET", "/headers", [("X-Note", "\xe9")]))
    expect.json(answer, {"note": "é", "tags": []})


@pytest.mark.parametrize(("name", "size"), [("X-Note", 101), ("X-Tags", 101), ("X-Note", 4000)])
def test_a_header_may_not_be_too_long(api: Api, name: str, size: int) -> None:
    answer = api.get("/headers", headers={name: "x" * size})
    expect.problem(answer, 422, errors=[("header", name.lower(), "maxLength")])


@pytest.mark.core
@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        (["a"], ["a"]),
        (["a, b"], ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        (["a,b", "c"], ["a", "b", "c"]),
        ([",,a,,"], ["a"]),
        ([""], []),
    ],
)
def test_repeated_headers_are_one_list(api: Api, lines: list[str], tags: list[str]) -> None:
    answer = api.raw(wire.request("GET", "/headers", [("X-Tags", line) for line in lines]))
    expect.json(answer, {"note": None, "tags": tags})
    assert answer.headers["X-Tag-Count"] == str(len(tags))


def test_the_first_of_repeated_headers_is_not_the_whole(api: Api) -> None:
    answer = api.raw(wire.request("GET", "/headers", [("X-Note", "a"), ("X-Note", "b")]))
    expect.json(answer, {"note": "a,b", "tags": []})


@pytest.mark.core
def test_a_post_is_answered_with_where_to_go_next(api: Api) -> None:
    answer = api.post("/headers/notes")
    expect.empty(answer, 303)
    assert answer.headers["Location"] == "/headers"


@pytest.mark.core
def test_a_relative_redirect_stays_relative(api: Api) -> None:
    answer = api.get("/headers/old")
    expect.empty(answer, 302)
    assert answer.headers["Location"] == "/headers?from=old&to=new"


@pytest.mark.core
@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("a.test", "a.test"),
        ("a.test:8080", "a.test:8080"),
        ("A.Test:80", "a.test"),
        ("a.test.:443", "a.test.:443"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]:8000", "[::1]:8000"),
        ("[::1]:80", "[::1]"),
    ],
)
def test_an_absolute_redirect_names_the_host_that_was_asked(
    api: Api, host: str, named: str
) -> None:
    answer = api.get("/headers/older", headers={"Host": host})
    expect.empty(answer, 301)
    assert answer.headers["Location"] == f"http://{named}/headers"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a_b.test",
        "a:",
        "a:99999",
        "a:b",
        "a/b",
        "a@b",
        "a b",
        "a,b",
        "..",
        "-a",
        "*",
        "a?b",
        "[::1",
        "[1.2]",
        "a:0",
        "a:080",
        "x" * 64,
        "\xe9",
    ],
)
def test_a_host_that_is_none_is_refused(api: Api, host: str) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    expect.problem(api.raw(request.encode("latin-1")), 400)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/static/hello.txt"),
        ("GET", "/docs"),
        ("GET", "/docs/assets/swagger-ui.css"),
        ("GET", "/openapi.json"),
        ("GET", "/headers/"),
        ("GET", "/nope"),
        ("DELETE", "/health"),
        ("OPTIONS", "/health"),
    ],
)
def test_a_host_that_is_none_is_refused_at_every_address(api: Api, method: str, path: str) -> None:
    request = f"{method} {path} HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"
    expect.problem(api.raw(request.encode()), 400)


def test_http_1_1_needs_a_host(api: Api) -> None:
    expect.problem(api.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400)
    expect.json(api.raw(b"GET / HTTP/1.0\r\n\r\n"), {"hello": "world"})


def test_a_forwarded_host_is_not_believed(api: Api) -> None:
    headers = {"Host": "a.test", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}
    answer = api.get("/headers/older", headers=headers)
    assert answer.headers["Location"] == "http://a.test/headers"


def test_a_redirect_can_be_followed(api: Api) -> None:
    location = api.get("/headers/old").headers["Location"]
    assert api.get(location).status_code == 200


@pytest.mark.core
def test_an_answer_without_a_body_repeats_a_header(api: Api) -> None:
    answer = api.raw(wire.request("DELETE", "/headers/notes"))
    expect.empty(answer, 204)
    links = answer.headers.getlist("Link")
    assert links == ['</headers>; rel="up"', '</headers/report>; rel="related"']


@pytest.mark.core
def test_a_report_says_how_to_ask_again(api: Api) -> None:
    answer = api.get("/headers/report")
    expect.json(answer, REPORT)
    assert answer.headers["ETag"].strip('"')
    assert answer.headers["Last-Modified"] == CHANGED


@pytest.mark.core
@pytest.mark.parametrize(
    "condition", ["{}", "W/{}", "w/{}", "*", '"other", {}', "{},", 'W/"other" , W/{}', " {} "]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_has_not_changed_is_not_sent(api: Api, method: str, condition: str) -> None:
    tag = api.get("/headers/report").headers["ETag"]
    headers = [("If-None-Match", condition.format(tag))]
    answer = api.raw(wire.request(method, "/headers/report", headers))
    expect.empty(answer, 304)
    assert answer.headers["ETag"] == tag
    assert "Content-Length" not in answer.headers


@pytest.mark.parametrize("condition", ['"other"', '"*"', '""', '"', "other", "W/"])
def test_what_has_changed_is_sent(api: Api, condition: str) -> None:
    answer = api.get("/headers/report", headers={"If-None-Match": condition})
    expect.json(answer, REPORT)


@pytest.mark.parametrize(
    ("date", "status"),
    [
        (CHANGED, 304),
        ("Sun, 01 Feb 2026 00:00:00 GMT", 304),
        ("Sat, 31 Jan 2026 09:29:59 GMT", 200),
        ("Saturday, 31-Jan-26 09:30:00 GMT", 304),
        ("Sat Jan 31 09:30:00 2026", 304),
        ("2026-01-31", 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_a_date_may_be_the_condition(api: Api, date: str, status: int) -> None:
    answer = api.get("/headers/report", headers={"If-Modified-Since": date})
    assert answer.status_code == status


def test_a_tag_counts_more_than_a_date(api: Api) -> None:
    headers = {"If-None-Match": '"other"', "If-Modified-Since": CHANGED}
    expect.json(api.get("/headers/report", headers=headers), REPORT)


@pytest.mark.core
@pytest.mark.parametrize(
    ("condition", "status"),
    [("{}", 204), ("*", 204), ('"other", {}', 204), ('"other"', 412), ("W/{}", 412), (None, 204)],
)
def test_a_change_may_be_bound_to_a_version(api: Api, condition: str | None, status: int) -> None:
    tag = api.get("/headers/report").headers["ETag"]
    headers = {} if condition is None else {"If-Match": condition.format(tag)}
    answer = api.put("/headers/report", headers=headers)
    if status == 204:
        expect.empty(answer, 204)
        assert answer.headers["ETag"] == tag
    else:
        expect.problem(answer, 412)


def test_a_read_may_be_bound_to_a_version(api: Api) -> None:
    answer = api.get("/headers/report", headers={"If-Match": '"other"'})
    assert answer.status_code == 412


def test_a_range_of_a_report_is_the_whole(api: Api) -> None:
    expect.json(api.get("/headers/report", headers={"Range": "bytes=0-1"}), REPORT)


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "1.2.3.4"},
        {"X-Forwarded-Ssl": "on"},
        {"X-Forwarded-Protocol": "ssl"},
        {"X-Forwarded-Prefix": "/prefix"},
        {"X-Forwarded-Port": "8443"},
        {"X-Scheme": "https"},
        {"Forwarded": "host=evil.test;proto=https"},
        {"Script-Name": "/prefix"},
    ],
)
def test_no_header_of_a_proxy_is_believed(api: Api, header: dict[str, str]) -> None:
    answer = api.get("/headers/older", headers={"Host": "a.test", **header})
    assert answer.headers["Location"] == "http://a.test/headers"


@pytest.mark.parametrize("filler", ["a" * 7000, " " * 7000, '"' * 7000, "," * 7000, 'W/"' * 2000])
def test_a_long_list_of_tags_is_read_quickly(api: Api, filler: str) -> None:
    answer = api.get("/headers/report", headers={"If-None-Match": f'"x", {filler}"'}, timeout=1)
    expect.json(answer, REPORT)


@pytest.mark.parametrize("condition", ['{}"', "x{}", '"x{}', "\\{}", '{}x, "y"'])
def test_a_tag_that_is_part_of_something_else_is_none(api: Api, condition: str) -> None:
    tag = api.get("/headers/report").headers["ETag"]
    headers = [("If-None-Match", condition.format(tag))]
    expect.json(api.raw(wire.request("GET", "/headers/report", headers)), REPORT)
    headers = [("If-Match", condition.format(tag))]
    expect.problem(api.raw(wire.request("PUT", "/headers/report", headers)), 412)


@pytest.mark.parametrize("condition", ["", ",", '"', '""', "W/"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_version_that_cannot_be_read_guards_all_the_same(
    api: Api, method: str, condition: str
) -> None:
    answer = api.request(method, "/headers/report", headers={"If-Match": condition})
    expect.problem(answer, 412)


@pytest.mark.parametrize("condition", ["*", "{}"])
def test_a_version_that_fits_does_not_hide_that_it_is_known(api: Api, condition: str) -> None:
    tag = api.get("/headers/report").headers["ETag"]
    headers = {"If-Match": condition.format(tag)}
    expect.json(api.get("/headers/report", headers=headers), REPORT)
    expect.empty(api.get("/headers/report", headers={**headers, "If-None-Match": tag}), 304)
    headers["If-Modified-Since"] = CHANGED
    expect.empty(api.get("/headers/report", headers=headers), 304)


@pytest.mark.parametrize("tags", ["", ",", '"other"'])
def test_a_date_does_not_count_beside_tags(api: Api, tags: str) -> None:
    headers = {"If-None-Match": tags, "If-Modified-Since": CHANGED}
    expect.json(api.get("/headers/report", headers=headers), REPORT)


@pytest.mark.parametrize(
    "date",
    [
        "Sat, 31 Jan 9999999999999999999 09:30:00 GMT",
        "Sat, 99999999999999999999 Jan 2026 09:30:00 GMT",
        "Sat, 31 Jan 2026 09:30:00 +99999999999999",
    ],
)
def test_a_date_of_many_digits_is_none(api: Api, date: str) -> None:
    for name in ("If-Modified-Since", "If-Range"):
        expect.json(api.get("/headers/report", headers={name: date}), REPORT)
