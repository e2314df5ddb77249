"""What a test of the shop starts from: someone who is logged in, a product to buy."""

from __future__ import annotations

import uuid
from typing import Any

import requests

from contract_tests import logins
from contract_tests.client import Api

# The sessions of buyers by the address of the server and their names; hashing passwords takes time.
_sessions: dict[tuple[str, str], str] = {}


class Buyer:
    """Somebody who is logged in by cookie; `name` tells two apart.

    A buyer who is not `new` may have orders from other tests.
    """

    def __init__(self, api: Api, name: str = "buyer", *, new: bool = False) -> None:
        self.api, self.name = api, name
        if new:
            self.cookie = logins.made(api.url)
        else:
            if (api.url, name) not in _sessions:
                _sessions[api.url, name] = logins.made(api.url)
            self.cookie = _sessions[api.url, name]
        self._orders = 0

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Cookie": self.cookie, **options.pop("headers", {})}
        return self.api.request(method, path, headers=headers, **options)

    def order(
        self, lines: dict[int, int], key: str | None = None, **options: Any
    ) -> requests.Response:
        """Order this quantity of each product id; `key` is the whole Idempotency-Key."""
        wanted = [{"product_id": product, "quantity": n} for product, n in lines.items()]
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = self.request("POST", "/orders", json={"lines": wanted}, headers=headers, **options)
        if answer.status_code == 201:
            self._name(answer.json())
        return answer

    def placed(self, lines: dict[int, int]) -> dict[str, Any]:
        """The order that this makes."""
        answer = self.order(lines)
        assert answer.status_code == 201, answer.text
        order: dict[str, Any] = answer.json()
        return order

    def move(self, order: dict[str, Any], state: str) -> requests.Response:
        """Bring an order into this state."""
        return self.request("PUT", f"/orders/{order['id']}/state", json={"state": state})

    def _name(self, order: dict[str, Any]) -> None:
        self._orders += 1
        self.api.volatile(f"{self.name}'s order {self._orders}", order["id"])
        self.api.volatile(f"when {self.name} placed order {self._orders}", order["placed_at"])


def new_key() -> str:
    """An Idempotency-Key that nobody has sent."""
    return f'"{uuid.uuid4()}"'


def product(api: Api, stock: int = 100, price: str = "1.25", name: str = "product") -> int:
    """The id of a new product; `name` tells two of a test apart."""
    sku = uuid.uuid4().hex[:24].upper()
    answer = api.post(
        "/products",
        json={"sku": sku, "name": "Pin", "price": price, "stock": stock, "categories": []},
    )
    assert answer.status_code == 201, answer.text
    api.volatile(f"{name}'s sku", sku)
    made: int = answer.json()["id"]
    api.volatile(f"{name}'s id", made)
    return made


def stock(api: Api, product_id: int) -> int:
    """How many pieces of a product there are."""
    found: int = api.get(f"/products/{product_id}").json()["stock"]
    return found
