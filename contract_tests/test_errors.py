import pytest

from contract_tests import expect, wire
from contract_tests.client import Api


@pytest.mark.core
@pytest.mark.parametrize(
    ("path", "status", "title", "detail"),
    [
        ("not-found", 404, "Not Found", "This order does not exist."),
        ("conflict", 409, "Conflict", "This order has been paid already."),
        ("unprocessable", 422, "Unprocessable Content", "This order has no lines."),
        (
            "unexpected",
            500,
            "Internal Server Error",
            "Something went wrong here.",
        ),
    ],
)
def test_what_the_app_raises_is_a_problem(
    api: Api, path: str, status: int, title: str, detail: str
) -> None:
    document = expect.problem(api.get(f"/errors/{path}"), status)
    assert document["title"] == title
    assert document["detail"] == detail


@pytest.mark.core
def test_an_unexpected_exception_tells_nothing_of_itself(api: Api) -> None:
    answer = api.get("/errors/unexpected")
    for word in ("secret", "Traceback", "RuntimeError", ".py"):
        assert word not in answer.text
        assert word not in str(answer.headers)


@pytest.mark.core
def test_the_app_goes_on_after_an_unexpected_exception(api: Api) -> None:
    for _ in range(3):
        api.get("/errors/unexpected")
    expect.json(api.get("/"), {"hello": "world"})


@pytest.mark.parametrize("path", ["not-found", "conflict", "unexpected"])
def test_head_of_an_error_has_its_headers_and_no_body(api: Api, path: str) -> None:
    answer = api.head(f"/errors/{path}")
    assert answer.content == b""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code == api.get(f"/errors/{path}").status_code


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*", "nonsense", ""])
def test_an_error_is_a_problem_whatever_is_accepted(api: Api, accept: str) -> None:
    expect.problem(api.get("/nope", headers={"Accept": accept}), 404)


@pytest.mark.core
@pytest.mark.parametrize("path", ["/nope", "/users", "/a" * 500, "/errors", "/errors/"])
def test_an_unknown_address_is_a_problem(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code in {404, 405}
    expect.problem(answer, answer.status_code)


@pytest.mark.parametrize("path", ["/<script>", "/nope?<script>", "/users/<script>"])
def test_an_error_does_not_echo_the_address(api: Api, path: str) -> None:
    assert "script" not in api.get(path).text


@pytest.mark.parametrize("count", [50, 90])
def test_many_headers_are_read(api: Api, count: int) -> None:
    headers = [(f"X-{n}", "x") for n in range(count)]
    expect.json(api.raw(wire.request("GET", "/", headers)), {"hello": "world"})


@pytest.mark.parametrize("count", [101, 200, 1000])
@pytest.mark.parametrize("name", ["X-{}", "X"])
def test_too_many_headers_are_refused(api: Api, name: str, count: int) -> None:
    headers = [(name.format(n), "x") for n in range(count)]
    api.raw(wire.request("GET", "/", headers), refusal=True)


@pytest.mark.parametrize("size", [8190, 16 * 1024, 100_000])
def test_a_header_that_is_too_large_is_refused(api: Api, size: int) -> None:
    api.raw(wire.request("GET", "/", [("X-Large", "x" * size)]), refusal=True)


@pytest.mark.parametrize("start", ["GET /files/", "DELETE /profile?x="])
def test_a_request_line_has_4094_bytes_at_most(api: Api, start: str) -> None:
    method, target = start.split(" ")
    longest = target + "a" * (4094 - len(f"{start} HTTP/1.1"))
    assert api.raw(wire.request(method, longest)).status_code in {200, 204}
    api.raw(wire.request(method, longest + "a"), refusal=True)


def test_a_header_has_8190_bytes_at_most_with_its_line_end(api: Api) -> None:
    longest = "x" * (8190 - len("X-Large: \r\n"))
    assert api.raw(wire.request("GET", "/", [("X-Large", longest)])).status_code == 200
    api.raw(wire.request("GET", "/", [("X-Large", longest + "x")]), refusal=True)


def test_a_request_has_100_headers_at_most(api: Api) -> None:
    others = len(("Host", "Connection"))
    most = [(f"X-{n}", "x") for n in range(100 - others)]
    assert api.raw(wire.request("GET", "/", most)).status_code == 200
    api.raw(wire.request("GET", "/", [*most, ("X-More", "x")]), refusal=True)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX\x00: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX A: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: a\r\n folded\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET / FTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS / RTSP/1.0\r\nHost: a\r\n\r\n",
        b"GET /#" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://" + b"a" * 5000 + b"/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: bad\r\nExpect: 100-continue\r\n\r\n",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n",
        b"POST /methods HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /lowercase HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: nonsense\r\n\r\n",
        b"POST /methods HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(api: Api, request_bytes: bytes) -> None:
    api.raw(request_bytes, refusal=True)


def test_an_offer_to_change_the_protocol_is_passed_over(api: Api) -> None:
    headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    expect.json(api.raw(wire.request("GET", "/", headers)), {"hello": "world"})
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n"
    expect.json(
        api.raw(head + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), {"hello": "world"}
    )


def test_a_server_that_ends_the_connection_after_an_error_says_so(api: Api) -> None:
    requests = [f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" for path in ("/errors/unexpected", "/")]
    answers = api.raw_answers("".join(requests).encode(), 2)
    if len(answers) == 1:
        assert answers[0].headers["Connection"] == "close"
        answers.append(api.raw(requests[1].encode()))
    expect.problem(answers[0], 500)
    expect.json(answers[1], {"hello": "world"})


@pytest.mark.parametrize(("path", "status"), [("/lowercase", 200), ("/nope", 404), ("/", 405)])
def test_a_body_that_waits_for_leave_is_answered_as_any(api: Api, path: str, status: int) -> None:
    headers = [("Content-Type", "application/json"), ("Expect", "100-continue")]
    answer = api.raw(wire.request("POST", path, headers, b'{"text":"A"}'))
    assert answer.status_code == status


def test_a_body_that_is_held_back_is_not_waited_for(api: Api) -> None:
    headers = [("Content-Length", "9"), ("Expect", "100-continue")]
    expect.problem(api.raw(wire.request("POST", "/nope", headers)), 404)


@pytest.mark.parametrize("more", ["", "Expect: 100-continue\r\n"], ids=["", "offered"])
def test_a_body_that_nobody_reads_does_not_stand_in_the_way(api: Api, more: str) -> None:
    head = f"POST /nope HTTP/1.1\r\nHost: a\r\n{more}Content-Length: 200000\r\n\r\n"
    unread = head.encode() + b"x" * 200_000
    following = wire.request("GET", "/")
    answers = api.raw_answers(unread + following, 2)
    if len(answers) == 1:
        assert answers[0].headers["Connection"] == "close"
        answers.append(api.raw(following))
    expect.problem(answers[0], 404)
    expect.json(answers[1], {"hello": "world"})


def test_a_body_that_nobody_reads_and_is_no_http_is_the_clients_fault(api: Api) -> None:
    request = wire.request("POST", "/nope", [("Transfer-Encoding", "chunked")]) + b"zz\r\n\r\n"
    assert api.raw(request, refusal=True).status_code in {400, 404}


def test_headers_with_underscores_do_not_count(api: Api) -> None:
    headers = [(f"X_{n}", "x") for n in range(120)]
    expect.json(api.raw(wire.request("GET", "/", headers)), {"hello": "world"})


def test_a_client_that_has_sent_all_still_gets_its_answer(api: Api) -> None:
    request = wire.request("POST", "/methods", body=b"x")
    expect.json(api.raw(request, finish=True), {"method": "POST"})


def test_what_follows_the_offer_of_another_protocol_is_no_request(api: Api) -> None:
    request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    expect.json(api.raw(request + b"GET /errors/conflict HTTP/1.1\r\n\r\n"), {"hello": "world"})


def test_a_protocol_that_connection_does_not_name_is_not_offered(api: Api) -> None:
    headers = [("Content-Type", "application/json"), ("Upgrade", "h2c")]
    request = wire.request("POST", "/lowercase", headers, b'{"text":"A"}')
    expect.json(api.raw(request.replace(b"Connection: close\r\n", b"")), {"text": "a"})


@pytest.mark.parametrize("upgrade", [[], [("Upgrade", "h2c")]])
@pytest.mark.parametrize("connection", [[], [("Connection", "keep-alive, Upgrade")]])
def test_a_body_behind_the_offer_of_another_protocol_is_refused(
    api: Api, connection: list[tuple[str, str]], upgrade: list[tuple[str, str]]
) -> None:
    headers = [("Content-Type", "application/json"), *connection, *upgrade]
    request = wire.request("POST", "/lowercase", headers, b'{"text":"A"}')
    if connection and upgrade:
        expect.problem(api.raw(request), 400)
        unread = wire.request("DELETE", "/profile", headers, b"x")
        expect.problem(api.raw(unread), 400)
    else:
        expect.json(api.raw(request), {"text": "a"})


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "title", "detail"),
    [
        ("POST", "/lowercase", JSON, "{", 400, "Bad Request", "The request could not be parsed."),
        (
            "GET",
            "/users/directory",
            {"X-Team": "x"},
            "",
            403,
            "Forbidden",
            "X-Team names no team of this directory.",
        ),
        ("GET", "/nope", {}, "", 404, "Not Found", "There is nothing at this address."),
        (
            "POST",
            "/health",
            {},
            "",
            405,
            "Method Not Allowed",
            "This address does not answer this method; see Allow.",
        ),
        ("GET", "/errors/conflict", {}, "", 409, "Conflict", "This order has been paid already."),
        (
            "GET",
            "/headers/report",
            {"If-Match": '"x"'},
            "",
            412,
            "Precondition Failed",
            "The resource has changed since it was read.",
        ),
        (
            "POST",
            "/lowercase",
            JSON,
            " " * (2 * 1024 * 1024 + 1),
            413,
            "Content Too Large",
            "The body is larger than this server accepts.",
        ),
        (
            "POST",
            "/lowercase",
            {"Content-Type": "text/plain"},
            "x",
            415,
            "Unsupported Media Type",
            "This address does not read this content type.",
        ),
        (
            "GET",
            "/errors/unexpected",
            {},
            "",
            500,
            "Internal Server Error",
            "Something went wrong here.",
        ),
    ],
)
def test_a_problem_has_these_words(
    api: Api,
    method: str,
    path: str,
    headers: dict[str, str],
    body: str,
    status: int,
    title: str,
    detail: str,
) -> None:
    found = expect.problem(api.request(method, path, headers=headers, data=body), status)
    assert (found["title"], found["detail"]) == (title, detail)


def test_invalid_values_have_these_words(api: Api) -> None:
    found = expect.problem(
        api.post("/lowercase", json={}), 422, errors=[("body", "text", "required")]
    )
    words = "The request was understood, but some values are invalid."
    assert (found["title"], found["detail"]) == ("Unprocessable Content", words)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "compress"])
def test_a_coding_before_the_chunks_is_passed_over(api: Api, coding: str) -> None:
    request = wire.chunked("/lowercase", "application/json", [b'{"text":"A"}'])
    coded = request.replace(b"Encoding: chunked", f"Encoding: {coding}, chunked".encode())
    expect.json(api.raw(coded), {"text": "a"})


@pytest.mark.parametrize("path", ["/lowercase", "/nothing", "/session/draft"])
@pytest.mark.parametrize("more", [1, 64 * 1024, 1024 * 1024])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_after_a_body_that_was_too_large_the_connection_goes_on_or_its_end_is_told(
    api: Api, path: str, more: int, framing: str
) -> None:
    body, content_type = b" " * (2 * 1024 * 1024 + more), "application/json"
    if framing == "length":
        large = wire.request("POST", path, [("Content-Type", content_type)], body)
    else:
        large = wire.chunked(path, content_type, [body])
    following = wire.request("GET", "/")
    kept = large.replace(b"Connection: close\r\n", b"", 1)
    answers = api.raw_answers(kept + following, 2)
    if len(answers) == 1:
        assert answers[0].headers["Connection"] == "close"
        answers.append(api.raw(following))
    expect.problem(answers[0], {"/lowercase": 413, "/nothing": 404, "/session/draft": 405}[path])
    expect.json(answers[1], {"hello": "world"})
