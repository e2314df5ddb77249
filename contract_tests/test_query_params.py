import pytest

from contract_tests import expect, wire
from contract_tests.client import Api

DEFAULTS = {"term": "a", "limit": 10, "exact": False, "tags": [], "since": None}


@pytest.mark.core
@pytest.mark.parametrize(
    ("query", "term"),
    [
        ("q=abc", "abc"),
        ("q=a+b", "a b"),
        ("q=a%2Bb", "a+b"),
        ("q=%C3%A9%E4%BD%A0%F0%9F%98%80", "é你😀"),
        ("q=a&q=b", "a"),
        ("q=a%00b", "a\x00b"),
        ("q=a;b", "a;b"),
        ("q=a=b", "a=b"),
        ("q=a%0Ab", "a\nb"),
        ("x=1&q=a&x=2", "a"),
        ("q=" + "x" * 100, "x" * 100),
        ("q=%F0%9F%98%80" + "%F0%9F%98%80" * 99, "😀" * 100),
        ("&&q=a&&", "a"),
        ("q=%zz", "%zz"),
        ("q=%22%3C%3E%5C", '"<>\\'),
        ("q=%7F%E2%80%A8", "\x7f\u2028"),
    ],
)
def test_the_term_is_echoed(api: Api, query: str, term: str) -> None:
    expect.json(api.get(f"/search?{query}"), {"term": term})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "required"),
        ("Q=a", "required"),
        ("q[]=a", "required"),
        ("q=", "minLength"),
        ("q", "minLength"),
        ("q=&q=a", "minLength"),
        ("q=" + "x" * 101, "maxLength"),
        ("q=" + "%C3%A9" * 101, "maxLength"),
    ],
)
def test_a_term_is_required_and_bounded(api: Api, query: str, code: str) -> None:
    expect.problem(api.get(f"/search?{query}"), 422, errors=[("query", "q", code)])


@pytest.mark.parametrize("query", ["q=%FF", "q=a&x=%FF", "%FF=a", "q=%ED%A0%80", "q=%C3"])
def test_a_query_that_is_no_utf8_cannot_be_parsed(api: Api, query: str) -> None:
    expect.problem(api.get(f"/search?{query}"), 400)


def test_raw_bytes_in_a_query_are_refused(api: Api) -> None:
    api.raw(wire.request("GET", "/search?q=\xe9"), refusal=True)


def test_an_undecodable_query_of_nobody_is_ignored(api: Api) -> None:
    expect.json(api.get("/?x=%FF"), {"hello": "world"})


@pytest.mark.core
def test_what_is_not_given_has_its_default(api: Api) -> None:
    expect.json(api.get("/search/advanced?q=a"), DEFAULTS)


@pytest.mark.core
def test_everything_may_be_given(api: Api) -> None:
    answer = api.get("/search/advanced?since=2026-01-31&tag=x&tag=y&exact=true&limit=5&q=a")
    expect.json(
        answer,
        {"term": "a", "limit": 5, "exact": True, "tags": ["x", "y"], "since": "2026-01-31"},
    )


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("100", 100), ("007", 7), ("5&limit=6", 5), ("5&limit=x", 5)]
)
def test_a_limit_is_an_integer_in_range(api: Api, text: str, number: int) -> None:
    expect.json(api.get(f"/search/advanced?q=a&limit={text}"), {**DEFAULTS, "limit": number})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0", "minimum"),
        ("-1", "minimum"),
        ("101", "maximum"),
        ("9" * 19, "maximum"),
        ("9" * 20, "type"),
        ("9" * 3900, "type"),
        ("", "type"),
        ("abc", "type"),
        ("1.0", "type"),
        ("1e1", "type"),
        ("%2B5", "type"),
        ("%205", "type"),
        ("1_0", "type"),
        ("%D9%A3", "type"),
        ("null", "type"),
        ("x&limit=5", "type"),
        ("5%0A", "type"),
    ],
)
def test_a_limit_that_is_none_is_told_why(api: Api, text: str, code: str) -> None:
    answer = api.get(f"/search/advanced?q=a&limit={text}")
    expect.problem(answer, 422, errors=[("query", "limit", code)])


@pytest.mark.parametrize(
    ("text", "flag"),
    [("true", True), ("TRUE", True), ("1", True), ("false", False), ("False", False), ("0", False)],
)
def test_a_flag_has_four_words(api: Api, text: str, flag: bool) -> None:
    expect.json(api.get(f"/search/advanced?q=a&exact={text}"), {**DEFAULTS, "exact": flag})


@pytest.mark.parametrize("text", ["", "yes", "on", "t", "2", "null", "%20true", "tr%C3%BCe"])
def test_other_words_are_no_flag(api: Api, text: str) -> None:
    answer = api.get(f"/search/advanced?q=a&exact={text}")
    expect.problem(answer, 422, errors=[("query", "exact", "type")])


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("tag=x", ["x"]),
        ("tag=", [""]),
        ("tag=x&tag=x", ["x", "x"]),
        ("tag=b&tag=a", ["b", "a"]),
        ("tag=a,b", ["a,b"]),
        ("&".join(f"tag={n}" for n in range(5)), list("01234")),
    ],
)
def test_a_repeated_tag_is_a_list_in_order(api: Api, query: str, tags: list[str]) -> None:
    expect.json(api.get(f"/search/advanced?q=a&{query}"), {**DEFAULTS, "tags": tags})


def test_too_many_tags_are_one_error(api: Api) -> None:
    query = "&".join("tag=" + "x" * 30 for _ in range(6))
    answer = api.get(f"/search/advanced?q=a&{query}")
    expect.problem(answer, 422, errors=[("query", "tag", "maxItems")])


def test_each_bad_tag_is_named(api: Api) -> None:
    answer = api.get(f"/search/advanced?q=a&tag={'x' * 21}&tag=ok&tag={'y' * 21}")
    errors = [("query", "tag.0", "maxLength"), ("query", "tag.2", "maxLength")]
    expect.problem(answer, 422, errors=errors)


@pytest.mark.parametrize("text", ["2026-01-31", "2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_date_is_a_date(api: Api, text: str) -> None:
    expect.json(api.get(f"/search/advanced?q=a&since={text}"), {**DEFAULTS, "since": text})


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "2026-13-01",
        "20260131",
        "2026-1-31",
        "2026-W05-6",
        "2026-01-31T00:00:00",
        "1769817600",
        "0000-01-01",
        "",
        "tomorrow",
        "%D9%A2026-01-31",
    ],
)
def test_what_is_no_date_is_told_so(api: Api, text: str) -> None:
    answer = api.get(f"/search/advanced?q=a&since={text}")
    expect.problem(answer, 422, errors=[("query", "since", "format")])


def test_all_invalid_parameters_are_named_in_declared_order(api: Api) -> None:
    answer = api.get("/search/advanced?since=x&tag=" + "x" * 21 + "&exact=x&limit=x&unknown=1")
    expect.problem(
        answer,
        422,
        errors=[
            ("query", "q", "required"),
            ("query", "limit", "type"),
            ("query", "exact", "type"),
            ("query", "tag.0", "maxLength"),
            ("query", "since", "format"),
        ],
    )


def test_no_value_is_echoed_in_an_error(api: Api) -> None:
    assert "secret" not in api.get("/search/advanced?q=a&limit=secret").text


def test_five_hundred_parameters_are_read(api: Api) -> None:
    query = "&".join(f"p{n}=" for n in range(500))
    expect.json(api.get(f"/search?{query}&q=a"), {"term": "a"})
