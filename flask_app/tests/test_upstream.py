"""The services are replaced by a function; nothing is sent anywhere."""

import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from httpx2 import ByteStream, Client, ConnectError, MockTransport, Request, Response

from flask_app.app import create_app
from shared.settings import Settings

BASE = "http://services.test"
GOOD: dict[str, Any] = {
    "/price": {"price": "9.99"},
    "/stock": {"stock": 3},
    "/delivery": {"days": 1},
}


class Services:
    """Answers as the three services do, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.down: set[str] = set()

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        if request.url.path in self.down:
            raise ConnectError("refused")
        # A stream, since an answer that is made with `json=` has been read already.
        return Response(200, stream=ByteStream(json.dumps(GOOD[request.url.path]).encode()))


@pytest.fixture
def services(app: Flask) -> Services:
    services = Services()
    app.extensions["upstream"] = Client(base_url=BASE, transport=MockTransport(services))
    return services


def test_an_offer_is_put_together(client: FlaskClient, services: Services) -> None:
    offer = client.get("/upstream/offers?product=lamp").get_json()
    assert offer == {
        "product": "lamp",
        "price": "9.99",
        "stock": 3,
        "delivery_days": 1,
        "problems": [],
    }


def test_each_service_is_asked_once_for_the_product(
    client: FlaskClient, services: Services
) -> None:
    client.get("/upstream/offers?product=lamp")
    asked = sorted(str(request.url) for request in services.asked)
    assert asked == [f"{BASE}/{name}?product=lamp" for name in ("delivery", "price", "stock")]


def test_a_service_that_is_down_is_left_out(client: FlaskClient, services: Services) -> None:
    services.down.add("/stock")
    offer = client.get("/upstream/offers?product=lamp").get_json()
    assert offer["stock"] is None
    assert [problem["code"] for problem in offer["problems"]] == ["connection"]


def test_an_invalid_product_is_not_asked_for(client: FlaskClient, services: Services) -> None:
    assert client.get("/upstream/offers?product=Lamp").status_code == 422
    assert services.asked == []


def test_where_nobody_listens_there_is_a_bad_gateway(settings: Settings) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # the port is taken, and refuses
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = create_app(replace(settings, upstream_url=url)).test_client()
        assert client.get("/upstream/offers?product=lamp").status_code == 502
