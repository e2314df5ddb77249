import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

PEOPLE = [
    {"username": "ada", "team": "compilers"},
    {"username": "grace", "team": "compilers"},
    {"username": "katherine", "team": "navigation"},
]


@pytest.mark.core
def test_the_directory_lists_everyone(api: Api) -> None:
    expect.json(api.get("/users/directory"), PEOPLE)


@pytest.mark.core
@pytest.mark.parametrize("person", PEOPLE)
def test_a_person_is_found_by_name(api: Api, person: dict[str, str]) -> None:
    expect.json(api.get(f"/users/directory/{person['username']}"), person)


@pytest.mark.core
@pytest.mark.parametrize("name", ["bob", "ADA", "%20ada", "a" * 200, "%3Cscript%3E", "1", "%00"])
def test_an_unknown_name_has_an_error_of_this_module(api: Api, name: str) -> None:
    answer = api.get(f"/users/directory/{name}")
    document = expect.problem(answer, 404, type="/problems/unknown-user")
    assert document["detail"] == "Ask the front desk: nobody here has that name."


@pytest.mark.parametrize(
    "path", ["/users/directory/", "/users/directory/a/b", "/users/directories"]
)
def test_outside_of_the_module_an_error_is_the_usual_one(api: Api, path: str) -> None:
    answer = api.get(path)
    expect.problem(answer, 404)
    assert "X-Directory" not in answer.headers


@pytest.mark.parametrize("path", ["", "/ada", "/bob"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_every_answer_of_the_module_says_so(api: Api, method: str, path: str) -> None:
    answer = api.request(method, f"/users/directory{path}")
    assert answer.headers["X-Directory"] == "users"


def test_a_wrong_method_is_no_answer_of_the_module(api: Api) -> None:
    answer = api.post("/users/directory")
    expect.problem(answer, 405)
    assert "X-Directory" not in answer.headers


@pytest.mark.core
@pytest.mark.parametrize("team", ["compilers", "navigation"])
def test_a_visitor_of_a_team_is_let_in(api: Api, team: str) -> None:
    assert api.get("/users/directory", headers={"X-Team": team}).status_code == 200


@pytest.mark.core
@pytest.mark.parametrize("team", ["", "Compilers", "compilers,navigation", "\xe9"])
@pytest.mark.parametrize("path", ["", "/ada", "/bob"])
def test_a_visitor_of_no_team_is_not(api: Api, path: str, team: str) -> None:
    headers = {"X-Team": team.encode("latin-1")}
    answer = api.get(f"/users/directory{path}", headers=headers)
    expect.problem(answer, 403)
    assert answer.headers["X-Directory"] == "users"


def test_the_hook_sees_options_too(api: Api) -> None:
    expect.problem(api.options("/users/directory", headers={"X-Team": "none"}), 403)


def test_the_hook_is_of_this_module_alone(api: Api) -> None:
    assert api.get("/users/1", headers={"X-Team": "none"}).status_code == 200


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["compilers", "evil"], 403),
        (["compilers", "compilers"], 403),
        (["compilers  "], 200),
        (["\tcompilers"], 200),
    ],
)
def test_the_hook_sees_all_of_a_repeated_header(api: Api, lines: list[str], status: int) -> None:
    headers = [("X-Team", line) for line in lines]
    answer = api.raw(wire.request("GET", "/users/directory", headers))
    assert answer.status_code == status


@pytest.mark.parametrize("delay", ["at once", "later"])
def test_a_trailer_is_no_header(api: Api, delay: str) -> None:
    head = b"GET /users/directory HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    body = b"1\r\nx\r\n" if delay == "later" else b""
    expect.json(api.raw(head + body + b"0\r\nX-Team: evil\r\n\r\n"), PEOPLE)


def test_a_body_that_is_too_large_comes_before_the_hook(api: Api) -> None:
    headers = [("X-Team", "evil"), ("Content-Length", "99999999")]
    answer = api.raw(wire.request("GET", "/users/directory", headers))
    expect.problem(answer, 413)
    assert answer.headers["X-Directory"] == "users"


def test_a_name_that_ends_with_a_line_feed_is_not_looked_for(api: Api) -> None:
    answer = api.get("/users/directory/ada%0A")
    expect.problem(answer, 404)
    assert "X-Directory" not in answer.headers


def test_a_request_that_is_malformed_is_no_answer_of_the_module(api: Api) -> None:
    answer = api.raw(b"GET /users/directory HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n")
    expect.problem(answer, 400)
    assert "X-Directory" not in answer.headers
