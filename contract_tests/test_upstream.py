import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract_tests import expect, wire
from contract_tests.client import Api
from contract_tests.raw import converse

# A product's code tells the stand-in of each service what to do: see servers/upstream.py.
SERVICES = {"price": ("price", "12.50"), "stock": ("stock", 7), "delivery": ("delivery_days", 2)}
MESSAGES = {
    "timeout": "Did not answer in time.",
    "connection": "Could not be reached, or broke off.",
    "status": "Answered with an error.",
    "malformed": "Gave an answer that cannot be read.",
    "unknown": "Does not know this product.",
}


def offer(product: str, **failing: str) -> dict[str, Any]:
    """The offer of a product, without what the services named fail to say."""
    values = {
        field: None if name in failing else value for name, (field, value) in SERVICES.items()
    }
    problems = [
        {"service": name, "code": failing[name], "message": MESSAGES[failing[name]]}
        for name in SERVICES
        if name in failing
    ]
    return {"product": product, **values, "problems": problems}


def ask(api: Api, product: str, **kwargs: Any) -> Any:
    return api.get("/upstream/offers", params={"product": product}, **kwargs)


@pytest.mark.core
@pytest.mark.parametrize("product", ["lamp", "a", "0", "x" * 100, "a.b-c_d", "...", "-"])
def test_an_offer_is_put_together_from_three_services(api: Api, product: str) -> None:
    expect.json(ask(api, product), offer(product))


def test_each_service_hears_who_asks_and_what_may_be_answered(api: Api) -> None:
    product = "lamp_all-introduction"
    expect.json(ask(api, product), offer(product))


@pytest.mark.core
def test_all_services_are_asked_at_the_same_time(api: Api) -> None:
    """The stand-in answers none of the three before it has been asked for the last."""
    product = "lamp_all-meet"
    expect.json(ask(api, product), offer(product))


def test_an_offer_takes_the_time_of_the_slowest_service(api: Api) -> None:
    product = "lamp_all-wait-500"
    began = time.monotonic()
    expect.json(ask(api, product), offer(product))
    assert 0.5 <= time.monotonic() - began < 1.2, "one after the other they take 1.5 s"


@pytest.mark.parametrize(
    ("product", "field", "value"),
    [
        ("lamp_price-value-0", "price", "0"),
        ("lamp_price-value-0.00", "price", "0.00"),
        ("lamp_price-value-999999999999.1234567890", "price", "999999999999.1234567890"),
        ("lamp_stock-number-0", "stock", 0),
        ("lamp_stock-number-9223372036854775807", "stock", 2**63 - 1),
        ("lamp_delivery-number-0", "delivery_days", 0),
        ("lamp_delivery-number-365", "delivery_days", 365),
    ],
)
def test_what_a_service_says_is_in_the_offer(
    api: Api, product: str, field: str, value: object
) -> None:
    expect.json(ask(api, product), {**offer(product), field: value})


@pytest.mark.core
@pytest.mark.parametrize("service", SERVICES)
def test_an_offer_lacks_what_a_service_fails_to_say(api: Api, service: str) -> None:
    product = f"lamp_{service}-status-500"
    expect.json(ask(api, product), offer(product, **{service: "status"}))


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("status-201", "status"),
        ("status-204", "status"),
        ("status-400", "status"),
        ("status-401", "status"),
        ("status-404", "unknown"),
        ("status-410", "status"),
        ("status-429", "status"),
        ("status-503", "status"),
        ("status-599", "status"),
        ("redirect", "status"),
        ("text-", "malformed"),
        ("text-null", "malformed"),
        ("text-12.50", "malformed"),
        ("text-price", "malformed"),
        ("deep", "malformed"),
        ("latin", "malformed"),
        ("size-65537", "malformed"),
        ("size-1048576", "malformed"),
        ("endless", "malformed"),
        ("garbage", "connection"),
        ("close", "connection"),
        ("cut", "connection"),
    ],
)
def test_it_is_said_how_a_service_fails(api: Api, told: str, code: str) -> None:
    product = f"lamp_stock-{told}"
    expect.json(ask(api, product), offer(product, stock=code))


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ("price", "value-"),
        ("price", "value-1e400"),
        ("price", "value--0.01"),
        ("price", "value-nan"),
        ("price", "value-1234567890123"),
        ("price", "value-0.12345678901"),
        ("price", "number-12.50"),
        ("price", "number-12"),
        ("price", "number-null"),
        ("price", "number-true"),
        ("stock", "value-7"),
        ("stock", "number--1"),
        ("stock", "number-7.0"),
        ("stock", "number-7.5"),
        ("stock", "number-9223372036854775808"),
        ("stock", "number-true"),
        ("stock", "number-null"),
        ("delivery", "number-366"),
        ("delivery", "number--1"),
        ("delivery", "number-false"),
        ("delivery", "value-2"),
    ],
)
def test_a_value_that_makes_no_sense_is_left_out(api: Api, service: str, told: str) -> None:
    product = f"lamp_{service}-{told}"
    expect.json(ask(api, product), offer(product, **{service: "malformed"}))


def test_an_answer_may_have_64_kibibytes(api: Api) -> None:
    product = "lamp_stock-size-65536"
    expect.json(ask(api, product), offer(product))


def test_one_service_is_enough(api: Api) -> None:
    product = "lamp_price-close_delivery-status-404"
    expect.json(ask(api, product), offer(product, price="connection", delivery="unknown"))


@pytest.mark.core
def test_a_service_that_is_silent_is_left_out(api: Api) -> None:
    product = "lamp_price-silent"
    began = time.monotonic()
    expect.json(ask(api, product), offer(product, price="timeout"))
    assert time.monotonic() - began < 1.9, "each may be silent for 1 s"


@pytest.mark.core
def test_without_any_answer_in_time_there_is_a_gateway_timeout(api: Api) -> None:
    """One falls silent in its body, one is never done with its headers, one never with its body."""
    began = time.monotonic()
    expect.problem(ask(api, "lamp_price-stall_stock-drip_delivery-trickle"), 504)
    assert time.monotonic() - began < 4, "all together have 2 s"


@pytest.mark.core
@pytest.mark.parametrize(
    "product",
    [
        "lamp_all-status-500",
        "lamp_all-close",
        "lamp_all-text-",
        "lamp_all-redirect",
        "lamp_price-status-404_stock-close_delivery-text-x",
        "lamp_price-silent_stock-status-500_delivery-status-404",
    ],
)
def test_without_any_usable_answer_there_is_a_bad_gateway(api: Api, product: str) -> None:
    expect.problem(ask(api, product), 502)


@pytest.mark.core
def test_a_product_that_no_service_knows_is_not_found(api: Api) -> None:
    expect.problem(ask(api, "lamp_all-status-404"), 404)


def test_nothing_of_a_failing_service_is_told(api: Api) -> None:
    for product in ("lamp_all-status-500", "lamp_price-status-500"):
        answer = ask(api, product)
        assert "as told" not in answer.text
        assert "127.0.0.1" not in answer.text


def test_a_service_that_failed_is_asked_again(api: Api) -> None:
    product = "lamp_stock-cut"
    for _ in range(3):
        expect.json(ask(api, product), offer(product, stock="connection"))
        expect.json(ask(api, "lamp"), offer("lamp"))


def test_connections_to_the_services_are_kept(api: Api) -> None:
    """Each process of a server has connections of its own; among 24 requests some meet again."""
    reason = "which connection carries a request is for the client of the services to choose"
    order = "connection"
    answers = [ask(api, f"lamp_stock-{order}", uncompared=reason) for _ in range(24)]
    assert max(answer.json()["stock"] for answer in answers) > 1


def test_a_cookie_of_a_service_is_not_kept_for_the_next_visitor(api: Api) -> None:
    product = "lamp_stock-cookie-1"
    for _ in range(3):
        expect.json(ask(api, product), {**offer(product), "stock": 0})


def test_what_a_client_sends_is_not_passed_on(api: Api) -> None:
    product = "lamp_stock-cookie-1"
    answer = ask(api, product, headers={"Cookie": "visitor1=1", "Authorization": "Bearer x"})
    expect.json(answer, {**offer(product), "stock": 0})


def test_answers_are_not_mixed_up(api: Api) -> None:
    """20 at a time: each with numbers, and a delay, of its own."""
    address = address_of(api)
    products = [
        f"p{n}_stock-wait-{n * 37 % 100}_stock-number-{n}_delivery-number-{n * 3}"
        for n in range(100)
    ]

    def stock_and_days(product: str) -> tuple[int, int]:
        (answer,) = converse(
            address,
            wire.request("GET", f"/upstream/offers?product={product}"),
            answers=1,
            finish=False,
            wait=10,
        )
        document = answer.json()
        return document["stock"], document["delivery_days"]

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(stock_and_days, products)) == [(n, n * 3) for n in range(100)]


def address_of(api: Api) -> tuple[str, int]:
    host, _, port = api.url.partition("://")[2].partition(":")
    return host, int(port)


@pytest.mark.core
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "required"),
        ("product", "pattern"),
        ("product=", "pattern"),
        ("Product=lamp", "required"),
        ("product=Lamp", "pattern"),
        ("product=lamp%20", "pattern"),
        ("product=lamp%0A", "pattern"),
        ("product=lamp%00", "pattern"),
        ("product=lamp/..", "pattern"),
        ("product=lamp%26x=1", "pattern"),
        ("product=l%C3%A1mp", "pattern"),
        ("product=%D9%A3", "pattern"),
        ("product=http://127.0.0.1", "pattern"),
        (f"product={'x' * 101}", "maxLength"),
    ],
)
def test_a_product_that_is_none_is_invalid(api: Api, query: str, code: str) -> None:
    expect.problem(api.get(f"/upstream/offers?{query}"), 422, errors=[("query", "product", code)])


def test_a_query_that_is_not_utf_8_cannot_be_parsed(api: Api) -> None:
    expect.problem(api.get("/upstream/offers?product=%FF"), 400)


def test_the_first_of_two_products_counts(api: Api) -> None:
    expect.json(api.get("/upstream/offers?product=lamp&product=chair"), offer("lamp"))


def test_other_parameters_are_ignored(api: Api) -> None:
    expect.json(api.get("/upstream/offers?product=lamp&timeout=99"), offer("lamp"))


def test_head_asks_as_get_does(api: Api) -> None:
    answer = api.head("/upstream/offers?product=lamp")
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_offer_is_only_read(api: Api, method: str) -> None:
    answer = api.request(method, "/upstream/offers?product=lamp")
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "OPTIONS"])


@pytest.mark.parametrize(
    "path", ["/upstream", "/upstream/", "/upstream/offers/", "/upstream/offers/lamp"]
)
def test_there_is_nothing_else(api: Api, path: str) -> None:
    expect.problem(api.get(f"{path}?product=lamp"), 404)
