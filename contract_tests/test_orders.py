import json
from decimal import Decimal
from typing import Any

import pytest

from contract_tests import expect, shop
from contract_tests.client import Api
from contract_tests.shop import Buyer

NOWHERE = 2**63 - 1
STATES = ["placed", "paid", "shipped", "delivered", "cancelled"]
WAYS: dict[str, list[str]] = {
    "placed": [],
    "paid": ["paid"],
    "shipped": ["paid", "shipped"],
    "delivered": ["paid", "shipped", "delivered"],
    "cancelled": ["cancelled"],
}
ALLOWED = {
    ("placed", "paid"),
    ("placed", "cancelled"),
    ("paid", "shipped"),
    ("paid", "cancelled"),
    ("shipped", "delivered"),
    *((state, state) for state in STATES),
}
REQUESTS = [
    ("GET", "/orders"),
    ("POST", "/orders"),
    ("GET", "/orders/1"),
    ("PUT", "/orders/1/state"),
]


def lines(*wanted: tuple[Any, Any]) -> dict[str, Any]:
    return {"lines": [{"product_id": product, "quantity": n} for product, n in wanted]}


def nothing_ordered(buyer: Buyer) -> bool:
    return bool(buyer.request("GET", "/orders").json() == [])


# Placing


@pytest.mark.core
def test_an_order_is_placed_at_the_price_of_the_day(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api, price="1.25")
    answer = buyer.order({pin: 3})
    order = answer.json()
    expected = {
        "id": order["id"],
        "state": "placed",
        "placed_at": order["placed_at"],
        "lines": [{"product_id": pin, "quantity": 3, "unit_price": "1.25"}],
        "total": "3.75",
    }
    expect.json(answer, expected, status=201)
    assert answer.headers["Location"] == f"/orders/{order['id']}"
    assert order["placed_at"].endswith("Z")


@pytest.mark.core
def test_placing_takes_the_stock(api: Api) -> None:
    buyer, pin, cup = Buyer(api), shop.product(api, 10), shop.product(api, 5, name="cup")
    buyer.placed({pin: 3, cup: 5})
    assert (shop.stock(api, pin), shop.stock(api, cup)) == (7, 0)


def test_the_version_of_a_product_changes_with_its_stock(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    before = api.get(f"/products/{pin}").headers["ETag"]
    buyer.placed({pin: 1})
    after = api.get(f"/products/{pin}").headers["ETag"]
    assert before != after
    api.volatile("before", before)
    api.volatile("after", after)


def test_lines_stay_in_the_order_in_which_they_were_sent(api: Api) -> None:
    buyer, pin, cup = Buyer(api), shop.product(api), shop.product(api, name="cup")
    order = buyer.placed({cup: 1, pin: 2})
    assert [line["product_id"] for line in order["lines"]] == [cup, pin]
    assert buyer.request("GET", f"/orders/{order['id']}").json() == order


@pytest.mark.parametrize(
    ("prices", "quantity", "total"),
    [
        (["0.10"], 3, "0.30"),
        (["0.10", "0.20"], 1, "0.30"),
        (["0.00"], 1000, "0.00"),
        (["0.01"], 1, "0.01"),
        (["5"], 2, "10.00"),
        (["9999999.99"], 1000, "9999999990.00"),
        (["1.25", "0.05", "100"], 7, "709.10"),
    ],
)
def test_the_total_is_exact(api: Api, prices: list[str], quantity: int, total: str) -> None:
    buyer = Buyer(api)
    wanted = {
        shop.product(api, 1000, price, name=f"product {at}"): quantity
        for at, price in enumerate(prices)
    }
    order = buyer.placed(wanted)
    assert order["total"] == total
    prices_told = [Decimal(line["unit_price"]) for line in order["lines"]]
    assert prices_told == [Decimal(price) for price in prices]


def test_an_order_may_have_20_lines(api: Api) -> None:
    buyer = Buyer(api)
    wanted = {shop.product(api, name=f"product {at}"): 1 for at in range(20)}
    assert buyer.placed(wanted)["total"] == "25.00"


@pytest.mark.core
def test_what_is_out_of_stock_is_a_conflict_that_names_the_lines(api: Api) -> None:
    buyer = Buyer(api, new=True)
    pin, cup, hat = (shop.product(api, stock, name=name) for name, stock in (("pin", 5), ("cup", 0), ("hat", 2)))  # fmt: skip
    answer = buyer.order({pin: 5, cup: 1, hat: 3})
    errors = [("body", f"lines.{at}.product_id", "outOfStock") for at in (1, 2)]
    document = expect.problem(answer, 409, type="/problems/out-of-stock", errors=errors)
    assert document["errors"][0]["message"] == "There is not enough of this product."
    assert [shop.stock(api, product) for product in (pin, cup, hat)] == [5, 0, 2]
    assert nothing_ordered(buyer)


def test_the_last_piece_is_sold_once(api: Api) -> None:
    buyer, other, pin = Buyer(api), Buyer(api, "other"), shop.product(api, 1)
    buyer.placed({pin: 1})
    errors = [("body", "lines.0.product_id", "outOfStock")]
    expect.problem(other.order({pin: 1}), 409, type="/problems/out-of-stock", errors=errors)
    assert shop.stock(api, pin) == 0


@pytest.mark.core
def test_a_product_that_does_not_exist_is_named(api: Api) -> None:
    buyer, pin = Buyer(api, new=True), shop.product(api)
    answer = buyer.order({pin: 1, NOWHERE: 1, NOWHERE - 1: 1})
    errors = [("body", f"lines.{at}.product_id", "unknownProduct") for at in (1, 2)]
    expect.problem(answer, 422, errors=errors)
    assert shop.stock(api, pin) == 100
    assert nothing_ordered(buyer)


def test_what_does_not_exist_comes_before_what_is_out_of_stock(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api, 0)
    errors = [("body", "lines.1.product_id", "unknownProduct")]
    expect.problem(buyer.order({pin: 1, NOWHERE: 1}), 422, errors=errors)


def test_a_product_may_stand_in_one_line_only(api: Api) -> None:
    buyer, pin, cup = Buyer(api), shop.product(api), shop.product(api, name="cup")
    body = lines((pin, 1), (cup, 1), (pin, 2), (cup, 1), (pin, 1))
    errors = [("body", f"lines.{at}.product_id", "repeatedProduct") for at in (2, 3, 4)]
    document = expect.problem(buyer.request("POST", "/orders", json=body), 422, errors=errors)
    assert document["errors"][0]["message"] == "Another line names this product."
    assert shop.stock(api, pin) == 100


@pytest.mark.core
@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "lines", "required"),
        ({"lines": None}, "lines", "type"),
        ({"lines": {}}, "lines", "type"),
        ({"lines": "1"}, "lines", "type"),
        ({"lines": []}, "lines", "minItems"),
        (lines(*((n, 1) for n in range(1, 22))), "lines", "maxItems"),
        ({"lines": [None] * 21}, "lines", "maxItems"),
        ({"lines": [None]}, "lines.0", "type"),
        ({"lines": [1]}, "lines.0", "type"),
        ({"lines": [[]]}, "lines.0", "type"),
        ({"lines": [{"quantity": 1}]}, "lines.0.product_id", "required"),
        ({"lines": [{"product_id": 1}]}, "lines.0.quantity", "required"),
        (lines((None, 1)), "lines.0.product_id", "type"),
        (lines(("1", 1)), "lines.0.product_id", "type"),
        (lines((1.0, 1)), "lines.0.product_id", "type"),
        (lines((True, 1)), "lines.0.product_id", "type"),
        (lines((0, 1)), "lines.0.product_id", "minimum"),
        (lines((-1, 1)), "lines.0.product_id", "minimum"),
        (lines((2**63, 1)), "lines.0.product_id", "unknownProduct"),
        (lines((10**400, 1)), "lines.0.product_id", "unknownProduct"),
        (lines((1, None)), "lines.0.quantity", "type"),
        (lines((1, "1")), "lines.0.quantity", "type"),
        (lines((1, 1.5)), "lines.0.quantity", "type"),
        (lines((1, False)), "lines.0.quantity", "type"),
        (lines((1, 0)), "lines.0.quantity", "minimum"),
        (lines((1, -5)), "lines.0.quantity", "minimum"),
        (lines((1, 1001)), "lines.0.quantity", "maximum"),
        (lines((1, 2**63)), "lines.0.quantity", "maximum"),
        ({"lines": [{"product_id": 1, "quantity": 1, "unit_price": "0.01"}]}, "lines.0.unit_price", "additionalProperties"),
        ({**lines((1, 1)), "total": "0.01"}, "total", "additionalProperties"),
        ({**lines((1, 1)), "user_id": 1}, "user_id", "additionalProperties"),
        ({**lines((1, 1)), "state": "delivered"}, "state", "additionalProperties"),
    ],
)  # fmt: skip
def test_an_invalid_field_is_named(api: Api, body: Any, field: str, code: str) -> None:
    answer = Buyer(api).request("POST", "/orders", json=body)
    expect.problem(answer, 422, errors=[("body", field, code)])


def test_all_errors_come_at_once(api: Api) -> None:
    body = {"lines": [{"product_id": 0}, {"product_id": 1, "quantity": 0, "x": 1}], "y": 1}
    answer = Buyer(api).request("POST", "/orders", json=body, headers={"Idempotency-Key": "plain"})
    expected = [
        ("header", "idempotency-key", "pattern"),
        ("body", "lines.0.product_id", "minimum"),
        ("body", "lines.0.quantity", "required"),
        ("body", "lines.1.quantity", "minimum"),
        ("body", "lines.1.x", "additionalProperties"),
        ("body", "y", "additionalProperties"),
    ]
    expect.problem(answer, 422, errors=expected)


@pytest.mark.parametrize("body", [[], "x", 1, None, [{"lines": []}]])
def test_the_body_is_an_object(api: Api, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    answer = Buyer(api).request("POST", "/orders", data=json.dumps(body), headers=headers)
    expect.problem(answer, 422, errors=[("body", "", "type")])


@pytest.mark.parametrize("method_and_path", [("POST", "/orders"), ("PUT", "/orders/1/state")])
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"lines": NaN}', "application/json", 400),
        (b'{"lines": "\xff"}', "application/json", 400),
        (b'{"lines": ' + b"[" * 65 + b"]" * 65 + b"}", "application/json", 400),
        (b'{"lines": "\\ud800"}', "application/json", 400),
        (b"lines=1", "application/x-www-form-urlencoded", 415),
        (b'{"lines": []}', "text/plain", 415),
        (b'{"lines": []}', None, 415),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    api: Api,
    method_and_path: tuple[str, str],
    data: bytes,
    content_type: str | None,
    status: int,
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = Buyer(api).request(*method_and_path, data=data, headers=headers)
    expect.problem(answer, status)


# Sent again


@pytest.mark.core
def test_a_retried_order_gets_the_same_answer_and_is_placed_once(api: Api) -> None:
    buyer, pin = Buyer(api, new=True), shop.product(api)
    first, *again = (buyer.order({pin: 2}, '"8e03978e-40d5"') for _ in range(3))
    assert first.status_code == 201
    for answer in again:
        expect.json(answer, first.json(), status=201)
        assert answer.headers["Location"] == first.headers["Location"]
    assert shop.stock(api, pin) == 98
    assert buyer.request("GET", "/orders").json() == [first.json()]


def test_the_answer_is_the_same_after_the_order_has_moved_on(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    key = shop.new_key()
    first = buyer.order({pin: 2}, key)
    for state in ("paid", "cancelled"):
        buyer.move(first.json(), state)
    assert buyer.order({pin: 2}, key).content == first.content
    now = buyer.request("GET", f"/orders/{first.json()['id']}").json()
    assert now["state"] == "cancelled"
    assert shop.stock(api, pin) == 100


def test_the_answer_is_the_same_when_nothing_is_left_to_buy(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api, 2)
    key = shop.new_key()
    first = buyer.order({pin: 2}, key)
    assert buyer.order({pin: 2}, key).content == first.content


def test_how_the_json_is_written_makes_no_other_request(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    key = shop.new_key()
    first = buyer.order({pin: 1}, key)
    answer = buyer.request(
        "POST",
        "/orders",
        data=b'{ "lines" : [ {"quantity":1, "product_id":%d} ] }' % pin,
        headers={"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key},
    )
    assert answer.content == first.content


@pytest.mark.core
@pytest.mark.parametrize("change", ["quantity", "product", "line", "sequence"])
def test_a_key_is_not_for_another_order(api: Api, change: str) -> None:
    buyer, pin, cup = Buyer(api), shop.product(api), shop.product(api, name="cup")
    key = shop.new_key()
    buyer.order({pin: 1, cup: 1}, key)
    other = {
        "quantity": {pin: 1, cup: 2},
        "product": {pin: 1, NOWHERE: 1},
        "line": {pin: 1},
        "sequence": {cup: 1, pin: 1},
    }[change]
    answer = buyer.order(other, key)
    expect.problem(answer, 422, type="/problems/idempotency-key-reused")
    assert (shop.stock(api, pin), shop.stock(api, cup)) == (99, 99)


def test_an_invalid_order_is_told_so_under_any_key(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    key = shop.new_key()
    buyer.order({pin: 1}, key)
    errors = [("body", "lines.0.quantity", "minimum")]
    expect.problem(buyer.order({pin: 0}, key), 422, errors=errors)


def test_a_key_is_the_own_of_each_user(api: Api) -> None:
    buyer, other, pin = Buyer(api), Buyer(api, "other"), shop.product(api)
    key = shop.new_key()
    first, second = (each.order({pin: n}, key) for n, each in enumerate((buyer, other), 1))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


def test_keys_that_differ_in_case_are_two(api: Api) -> None:
    buyer, pin = Buyer(api, new=True), shop.product(api)
    first, second = buyer.order({pin: 1}, '"a"'), buyer.order({pin: 1}, '"A"')
    assert first.json()["id"] != second.json()["id"]


def test_without_a_key_every_request_is_another_order(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    assert buyer.placed({pin: 1})["id"] != buyer.placed({pin: 1})["id"]
    assert shop.stock(api, pin) == 98


def test_an_attempt_that_failed_may_be_made_again(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api, 2)
    key = shop.new_key()
    blocking = buyer.placed({pin: 2})
    assert buyer.order({pin: 1}, key).status_code == 409
    buyer.move(blocking, "cancelled")
    assert buyer.order({pin: 2}, key).status_code == 201


@pytest.mark.parametrize("key", ['"a"', '"%s"' % ("x" * 100), '" a b "', '"!#$%&\'()*+,-./:;<=>?@[]^_`{|}~"'])  # fmt: skip
def test_a_key_is_a_quoted_string_of_up_to_100_characters(api: Api, key: str) -> None:
    buyer, pin = Buyer(api, new=True), shop.product(api)
    first = buyer.order({pin: 1}, key)
    assert first.status_code == 201
    assert buyer.order({pin: 1}, key).content == first.content


@pytest.mark.core
@pytest.mark.parametrize(
    "key",
    [
        "a",
        "",
        '"',
        '""',
        '"a',
        'a"',
        "'a'",
        '"a"; x=1',
        '"a", "b"',
        '"a""b"',
        '"a\\"b"',
        '"a\\\\b"',
        '"a\tb"',
        '"\xe9"',
        '"%s"' % ("x" * 101),
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
        ":YQ==:",
        "?1",
    ],
)
def test_any_other_key_is_refused(api: Api, key: str) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    answer = buyer.order({pin: 1}, key)
    expect.problem(answer, 422, errors=[("header", "idempotency-key", "pattern")])
    assert shop.stock(api, pin) == 100


# Reading


@pytest.mark.core
def test_an_order_is_read_by_who_placed_it(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    order = buyer.placed({pin: 1})
    expect.json(buyer.request("GET", f"/orders/{order['id']}"), order)


@pytest.mark.core
def test_anyone_elses_order_is_not_there(api: Api) -> None:
    buyer, other, pin = Buyer(api, new=True), Buyer(api, "other", new=True), shop.product(api)
    order = buyer.placed({pin: 1})
    theirs = other.request("GET", f"/orders/{order['id']}")
    expect.problem(theirs, 404)
    assert theirs.content == other.request("GET", f"/orders/{NOWHERE}").content
    path = f"/orders/{order['id']}/state"
    expect.problem(other.request("PUT", path, json={"state": "cancelled"}), 404)
    expect.json(buyer.request("GET", f"/orders/{order['id']}"), order)
    assert nothing_ordered(other)


@pytest.mark.parametrize("suffix", ["", "/state"])
@pytest.mark.parametrize(
    "order_id", ["0", "-1", "1.5", "abc", "%00", "1%0A", str(2**63), "9" * 100, ""]
)
def test_what_is_no_id_is_not_found_before_anyone_is_asked_for(
    api: Api, order_id: str, suffix: str
) -> None:
    method = "PUT" if suffix else "GET"
    expect.problem(api.request(method, f"/orders/{order_id}{suffix}"), 404)


@pytest.mark.core
def test_orders_are_listed_newest_first(api: Api) -> None:
    buyer, other, pin = Buyer(api, new=True), Buyer(api, "other", new=True), shop.product(api)
    expect.json(buyer.request("GET", "/orders"), [])
    first = buyer.placed({pin: 1})
    other.placed({pin: 1})
    second, third = buyer.placed({pin: 2}), buyer.placed({pin: 3})
    buyer.move(first, "paid")
    answer = buyer.request("GET", "/orders")
    expect.json(answer, [third, second, {**first, "state": "paid"}])
    assert answer.headers["X-Total-Count"] == "3"


def test_a_list_comes_in_pages(api: Api) -> None:
    buyer, pin = Buyer(api, new=True), shop.product(api)
    orders = [buyer.placed({pin: 1}) for _ in range(5)][::-1]
    for page, found in ((1, orders[:2]), (2, orders[2:4]), (3, orders[4:]), (4, [])):
        answer = buyer.request("GET", f"/orders?page={page}&per_page=2")
        expect.json(answer, found)
        assert answer.headers["X-Total-Count"] == "5"
    links = buyer.request("GET", "/orders?page=2&per_page=2").links
    assert {name: link["url"].partition("?")[2] for name, link in links.items()} == {
        "first": "page=1&per_page=2",
        "prev": "page=1&per_page=2",
        "next": "page=3&per_page=2",
        "last": "page=3&per_page=2",
    }


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("page=0", "page", "minimum"),
        ("page=-1", "page", "minimum"),
        ("page=x", "page", "type"),
        ("page=", "page", "type"),
        ("page=1.0", "page", "type"),
        (f"page={2**63}", "page", "maximum"),
        ("page=9" + "9" * 30, "page", "type"),
        ("per_page=0", "per_page", "minimum"),
        ("per_page=101", "per_page", "maximum"),
        ("per_page=all", "per_page", "type"),
    ],
)
def test_an_invalid_page_is_named(api: Api, query: str, field: str, code: str) -> None:
    answer = Buyer(api).request("GET", f"/orders?{query}")
    expect.problem(answer, 422, errors=[("query", field, code)])


# Moving on


@pytest.mark.core
@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_an_order_goes_only_where_its_state_leads(api: Api, old: str, new: str) -> None:
    buyer, pin = Buyer(api), shop.product(api, 10)
    order = buyer.placed({pin: 3})
    for state in WAYS[old]:
        assert buyer.move(order, state).status_code == 200
    answer = buyer.move(order, new)
    if (old, new) in ALLOWED:
        expect.json(answer, {**order, "state": new})
    else:
        expect.problem(answer, 409, type="/problems/order-state")
    left = new if (old, new) in ALLOWED else old
    now = buyer.request("GET", f"/orders/{order['id']}")
    expect.json(now, {**order, "state": left})
    assert shop.stock(api, pin) == (10 if left == "cancelled" else 7)


@pytest.mark.core
@pytest.mark.parametrize("times", [1, 2])
def test_cancelling_returns_the_stock_once(api: Api, times: int) -> None:
    buyer, pin, cup = Buyer(api), shop.product(api, 5), shop.product(api, 5, name="cup")
    order = buyer.placed({pin: 5, cup: 2})
    for state in ["paid", *["cancelled"] * times]:
        assert buyer.move(order, state).status_code == 200
    assert (shop.stock(api, pin), shop.stock(api, cup)) == (5, 5)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "state", "required"),
        ({"state": None}, "state", "type"),
        ({"state": ""}, "state", "enum"),
        ({"state": "PAID"}, "state", "enum"),
        ({"state": "paid "}, "state", "enum"),
        ({"state": "pa\0id"}, "state", "enum"),
        ({"state": "bezahlt"}, "state", "enum"),
        ({"state": 1}, "state", "enum"),
        ({"state": ["paid"]}, "state", "enum"),
        ({"state": "paid", "x": 1}, "x", "additionalProperties"),
    ],
)
def test_a_state_that_there_is_not_is_named(api: Api, body: Any, field: str, code: str) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    order = buyer.placed({pin: 1})
    answer = buyer.request("PUT", f"/orders/{order['id']}/state", json=body)
    expect.problem(answer, 422, errors=[("body", field, code)])
    expect.json(buyer.request("GET", f"/orders/{order['id']}"), order)


def test_an_order_that_does_not_exist_goes_nowhere(api: Api) -> None:
    answer = Buyer(api).request("PUT", f"/orders/{NOWHERE}/state", json={"state": "paid"})
    expect.problem(answer, 404)


# Who may, and how


@pytest.mark.core
@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("cookie", ["", "session=", "session=x.y.z"])
def test_nobody_orders_without_a_login(api: Api, method: str, path: str, cookie: str) -> None:
    headers = {"Cookie": cookie} if cookie else {}
    answer = api.request(method, path, headers=headers, data=b"{")
    expect.problem(answer, 401, type="/problems/login-needed")


def test_who_has_logged_out_orders_nothing(api: Api) -> None:
    buyer, pin = Buyer(api, new=True), shop.product(api)
    buyer.request("DELETE", "/session")
    expect.problem(buyer.order({pin: 1}), 401, type="/problems/login-needed")
    assert shop.stock(api, pin) == 100


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/orders", ["GET", "HEAD", "OPTIONS", "POST"]),
        ("/orders/1", ["GET", "HEAD", "OPTIONS"]),
        ("/orders/1/state", ["OPTIONS", "PUT"]),
    ],
)
def test_the_methods_are_told(api: Api, path: str, methods: list[str]) -> None:
    expect.allow(api.options(path), methods)
    answer = api.delete(path)
    expect.problem(answer, 405)
    expect.allow(answer, methods)


def test_head_says_what_get_would(api: Api) -> None:
    buyer, pin = Buyer(api), shop.product(api)
    order = buyer.placed({pin: 1})
    for path in ("/orders", f"/orders/{order['id']}"):
        answer = buyer.request("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")
