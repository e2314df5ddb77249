import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.mark.core
@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("0", 0), ("007", 7), ("9" * 30, int("9" * 30)), ("%31", 1), ("%D9%A3", 3)],
)
def test_an_integer_becomes_a_number(api: Api, text: str, number: int) -> None:
    expect.json(api.get(f"/users/{text}"), {"user_id": number})


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "0x1",
        "1_000",
        "%201",
        "1%20",
        "1%0A",
        "",
        "%00",
        "1/",
        "%FF",
        "1;a",
    ],
)
def test_what_is_no_integer_is_not_found(api: Api, text: str) -> None:
    expect.problem(api.get(f"/users/{text}"), 404)


@pytest.mark.core
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        ("0.001", 0.001),
        ("1000000.0", 1000000.0),
        ("00.50", 0.5),
        ("3.141592653589793", 3.141592653589793),
        ("123456.78901234567", 123456.78901234567),
    ],
)
def test_a_float_becomes_a_number(api: Api, text: str, number: float) -> None:
    expect.json(api.get(f"/ratios/{text}"), {"ratio": number})


@pytest.mark.parametrize(
    "text",
    [
        "1",
        ".5",
        "5.",
        "-0.5",
        "1e3",
        "1.0e3",
        "nan",
        "inf",
        "0.0001",
        "1000000.1",
        "0.0",
        "1,5",
        "1.5%0A",
        "9" * 400 + ".0",
    ],
)
def test_what_is_no_such_float_is_not_found(api: Api, text: str) -> None:
    expect.problem(api.get(f"/ratios/{text}"), 404)


@pytest.mark.parametrize("text", [ID, ID.upper()])
def test_a_uuid_is_written_in_lower_case(api: Api, text: str) -> None:
    expect.json(api.get(f"/documents/{text}"), {"document_id": ID})


@pytest.mark.parametrize(
    "text",
    [
        ID.replace("-", ""),
        f"%7B{ID}%7D",
        f"urn:uuid:{ID}",
        ID[:-1],
        f"{ID}0",
        f"{ID}%0A",
        "nope",
        ID.replace("3", "g", 1),
    ],
)
def test_what_is_no_uuid_is_not_found(api: Api, text: str) -> None:
    expect.problem(api.get(f"/documents/{text}"), 404)


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_one_of_a_list_is_found(api: Api, size: str) -> None:
    expect.json(api.get(f"/sizes/{size}"), {"size": size})


@pytest.mark.parametrize(
    "size", ["SMALL", "huge", "smal", "smalll", "small,medium", "small%0A", "%20small", ""]
)
def test_what_is_not_in_the_list_is_not_found(api: Api, size: str) -> None:
    expect.problem(api.get(f"/sizes/{size}"), 404)


@pytest.mark.core
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", "a"),
        ("a/b/c", "a/b/c"),
        ("a/", "a/"),
        ("a%2Fb", "a/b"),
        ("a%20b", "a b"),
        ("%C3%A9/%E4%BD%A0", "é/你"),
        ("a.b;c=d", "a.b;c=d"),
        ("a//b", "a//b"),
        ("a%3Fb", "a?b"),
        ("a+b", "a+b"),
        ("a%25b", "a%b"),
        ("%5C", "\\"),
        ("a%09b", "a\tb"),
    ],
)
def test_a_path_may_contain_slashes(api: Api, path: str, value: str) -> None:
    expect.json(api.get(f"/files/{path}"), {"file_path": value})


@pytest.mark.parametrize(
    "path", ["/files", "/files/", "/files/%0A", "/files/a%0A", "/files/a%0Ab", "/files/%2Fa"]
)
def test_an_empty_or_absolute_path_is_not_found(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)


@pytest.mark.parametrize(
    ("path", "value"),
    [("a/../b", "a/../b"), ("./a", "./a"), ("..", ".."), ("a/%2E%2E/b", "a/../b")],
)
def test_dot_segments_are_handed_over_as_they_are(api: Api, path: str, value: str) -> None:
    expect.json(api.raw(wire.request("GET", f"/files/{path}")), {"file_path": value})


def test_bytes_that_are_no_utf8_are_replaced(api: Api) -> None:
    expect.json(api.get("/files/a%FFb"), {"file_path": "a\ufffdb"})


def test_a_query_is_no_part_of_the_path(api: Api) -> None:
    expect.json(api.get("/files/a?b=c/d"), {"file_path": "a"})


@pytest.mark.parametrize("length", [4070, 4080])
def test_a_long_path_is_read_to_the_limit(api: Api, length: int) -> None:
    expect.json(api.get("/files/" + "a" * (length - 10)), {"file_path": "a" * (length - 10)})


@pytest.mark.parametrize("length", [4200, 8000, 60000])
def test_a_request_line_over_the_limit_is_refused(api: Api, length: int) -> None:
    answer = api.get("/files/" + "a" * length, refusal=True)
    assert answer.status_code in {400, 414}


@pytest.mark.parametrize(
    "target",
    ["http://other.test/users/1", "ftp://u:p@[::1]:0/users/1", "/users/1#fragment", "/users/1?#"],
)
def test_other_spellings_of_the_target_are_understood(api: Api, target: str) -> None:
    expect.json(api.raw(wire.request("GET", target)), {"user_id": 1})


def test_addresses_are_case_sensitive(api: Api) -> None:
    expect.problem(api.get("/Users/1"), 404)


@pytest.mark.parametrize("path", ["/users//1", "/users/directory//ada", "/sizes//small"])
def test_slashes_inside_of_a_path_are_not_merged(api: Api, path: str) -> None:
    expect.problem(api.get(path), 404)


def test_an_integer_may_be_as_long_as_a_path(api: Api) -> None:
    expect.json(api.get("/users/" + "9" * 4000), {"user_id": int("9" * 4000)})


@pytest.mark.parametrize(
    "target",
    [
        "http://other.test",
        "http://other.test?x",
        "http://other_test/users/1",
        "http://other!/users/1",
        "http:///users/1",
        "http://a:/users/1",
        "http://a:x/users/1",
        "http://a:99999/users/1",
        "http://a@b@c/users/1",
        "http:/users/1",
        "1http://a/users/1",
        "users/1",
        "?x",
    ],
)
def test_a_target_that_is_none_is_refused(api: Api, target: str) -> None:
    api.raw(wire.request("GET", target), refusal=True)


@pytest.mark.parametrize("path", ["/ratios/0.0", "/ratios/1000001.0", "/sizes/huge", "/users/x"])
def test_a_value_that_does_not_fit_comes_before_a_wrong_method(api: Api, path: str) -> None:
    expect.problem(api.put(path), 404)
