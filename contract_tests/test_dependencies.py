from uuid import uuid4

import pytest
import requests

from contract_tests import expect
from contract_tests.client import Api
from contract_tests.shop import Buyer

SET_UP = ["permission checked", "desk opened"]
WHOLE = [*SET_UP, "work done", "desk closed"]


class Visitor:
    """A user with a desk, and the ids under which they ask: each differs between targets."""

    def __init__(self, api: Api, name: str = "visitor") -> None:
        self.api, self.name = api, name
        self.user = Buyer(api, name)
        account = self.user.request("GET", "/session").json()
        self.id: int = account["id"]
        api.volatile(f"id of {name}", self.id)
        api.volatile(f"email of {name}", account["email"])
        self.asked = 0

    def request(self, method: str, path: str, request_id: str = "") -> requests.Response:
        sent = {"X-Request-ID": request_id} if request_id else {}
        return self.user.request(method, f"/dependencies{path}", headers=sent)

    def new_id(self) -> str:
        self.asked += 1
        request_id = f"visit.{uuid4().hex}"
        self.api.volatile(f"id {self.asked} of {self.name}", request_id)
        return request_id

    def work(self, query: str = "", desk_of: int | None = None) -> tuple[str, requests.Response]:
        request_id = self.new_id()
        desk = self.id if desk_of is None else desk_of
        return request_id, self.request("POST", f"/desks/{desk}{query}", request_id)

    def trail(self, request_id: str) -> list[str]:
        answer = self.request("GET", f"/trails/{request_id}")
        found = answer.json()
        expect.json(answer, {"request_id": request_id, "steps": found["steps"]})
        steps: list[str] = found["steps"]
        return steps


@pytest.mark.core
def test_all_is_set_up_in_order_before_the_work(api: Api) -> None:
    request_id, answer = Visitor(api).work()
    expect.json(answer, {"request_id": request_id, "steps": [*SET_UP, "work done"]}, status=201)


@pytest.mark.core
def test_it_is_cleaned_up_before_the_answer_has_come(api: Api) -> None:
    visitor = Visitor(api)
    request_id, _ = visitor.work("?end=well")
    assert visitor.trail(request_id) == WHOLE


@pytest.mark.core
@pytest.mark.parametrize(("end", "status"), [("conflict", 409), ("unexpected", 500)])
def test_it_is_cleaned_up_when_the_work_fails(api: Api, end: str, status: int) -> None:
    visitor = Visitor(api)
    request_id, answer = visitor.work(f"?end={end}")
    expect.problem(answer, status)
    assert answer.headers["X-Request-ID"] == request_id
    assert visitor.trail(request_id) == WHOLE


@pytest.mark.core
def test_a_clean_up_that_fails_is_no_success_and_the_others_go_on(api: Api) -> None:
    visitor = Visitor(api)
    request_id, answer = visitor.work("?end=stuck")
    expect.problem(answer, 500)
    assert visitor.trail(request_id) == [*SET_UP, "work done", "stuck"]


@pytest.mark.core
def test_who_may_not_is_let_to_nothing(api: Api) -> None:
    owner, other = Visitor(api, "owner"), Visitor(api, "other")
    request_id, answer = other.work(desk_of=owner.id)
    document = expect.problem(answer, 403)
    assert document["detail"] == "This is the desk of another user."
    assert other.trail(request_id) == ["permission refused"]
    expect.problem(owner.request("GET", f"/trails/{request_id}"), 404)


@pytest.mark.core
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/desks/1"),
        ("POST", "/desks/1?end=nonsense"),
        ("GET", "/trails/a"),
    ],
)
@pytest.mark.parametrize("cookie", ["", "session=", "session=nonsense", "session=e30.a.b"])
def test_who_is_not_logged_in_is_sent_away_first(
    api: Api, method: str, path: str, cookie: str
) -> None:
    headers = {"Cookie": cookie} if cookie else {}
    answer = api.request(method, f"/dependencies{path}", headers=headers)
    expect.problem(answer, 401, type="/problems/login-needed")


@pytest.mark.core
@pytest.mark.parametrize("end", ["", "WELL", "good", "well,well", "0", "%00", "%C3%A9"])
def test_an_invalid_end_is_refused_at_the_desk_which_is_given_back(api: Api, end: str) -> None:
    visitor = Visitor(api)
    request_id, answer = visitor.work(f"?end={end}")
    expect.problem(answer, 422, errors=[("query", "end", "enum")])
    assert visitor.trail(request_id) == [*SET_UP, "desk closed"]


@pytest.mark.parametrize("query", ["?end=well&end=conflict", "?unknown=1", "?END=conflict"])
def test_of_repeated_values_the_first_counts_and_unknown_ones_do_not(api: Api, query: str) -> None:
    visitor = Visitor(api)
    request_id, answer = visitor.work(query)
    assert answer.status_code == 201
    assert visitor.trail(request_id) == WHOLE


def test_a_body_that_nobody_asked_for_is_ignored(api: Api) -> None:
    visitor = Visitor(api)
    path = f"/dependencies/desks/{visitor.id}"
    sent = {"X-Request-ID": "a", "Content-Type": "application/json"}
    answer = visitor.user.request("POST", path, data=b"\xff{", headers=sent)
    assert answer.status_code == 201


def test_a_desk_of_nobody_is_another_users(api: Api) -> None:
    visitor = Visitor(api)
    request_id, answer = visitor.work(desk_of=2**63 - 1)
    expect.problem(answer, 403)
    assert visitor.trail(request_id) == ["permission refused"]


@pytest.mark.parametrize("desk", ["", "0", "x", "-1", "1.0", "+1", "1%0A", f"{2**63}", "1/x"])
def test_what_is_no_id_is_not_found(api: Api, desk: str) -> None:
    visitor = Visitor(api)
    expect.problem(visitor.request("POST", f"/desks/{desk}"), 404)


def test_an_id_of_a_request_may_serve_twice_the_last_trail_counts(api: Api) -> None:
    visitor = Visitor(api)
    request_id = visitor.new_id()
    visitor.request("POST", f"/desks/{visitor.id}", request_id)
    visitor.request("POST", f"/desks/{visitor.id}?end=nonsense", request_id)
    assert visitor.trail(request_id) == [*SET_UP, "desk closed"]


def test_an_id_that_was_made_leads_to_its_trail(api: Api) -> None:
    visitor = Visitor(api)
    answer = visitor.request("POST", f"/desks/{visitor.id}")
    request_id = answer.headers["X-Request-ID"]
    api.volatile("the id that was made", request_id)
    assert visitor.trail(request_id) == WHOLE


@pytest.mark.parametrize(
    "request_id", ["none", "x" * 64, "x" * 65, "x" * 1000, "%00", "%C3%A9", "%25", "_", "a%20b"]
)
def test_an_unknown_trail_is_not_found(api: Api, request_id: str) -> None:
    visitor = Visitor(api)
    document = expect.problem(visitor.request("GET", f"/trails/{request_id}"), 404)
    assert document["status"] == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/desks/1", ["POST", "OPTIONS"]),
        ("DELETE", "/desks/1", ["POST", "OPTIONS"]),
        ("POST", "/trails/a", ["GET", "HEAD", "OPTIONS"]),
        ("DELETE", "/trails/a", ["GET", "HEAD", "OPTIONS"]),
    ],
)
def test_another_method_is_refused_before_anything_is_set_up(
    api: Api, method: str, path: str, allowed: list[str]
) -> None:
    visitor = Visitor(api)
    request_id = visitor.new_id()
    answer = visitor.request(method, path, request_id)
    expect.problem(answer, 405)
    expect.allow(answer, allowed)
    expect.problem(visitor.request("GET", f"/trails/{request_id}"), 404)


def test_options_sets_nothing_up(api: Api) -> None:
    visitor = Visitor(api)
    request_id = visitor.new_id()
    answer = visitor.request("OPTIONS", f"/desks/{visitor.id}", request_id)
    expect.allow(answer, ["POST", "OPTIONS"])
    expect.problem(visitor.request("GET", f"/trails/{request_id}"), 404)


def test_head_of_a_trail_has_no_body(api: Api) -> None:
    visitor = Visitor(api)
    request_id, _ = visitor.work()
    answer = visitor.request("HEAD", f"/trails/{request_id}")
    assert (answer.status_code, answer.content) == (200, b"")
