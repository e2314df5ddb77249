"""What the routes of the benchmark answer with."""

from dataclasses import dataclass
from decimal import Decimal

WAIT = 0.05  # seconds
# Where the light route stands: behind all others, and behind most others that begin alike.
PLACES = {"last": "/benchmark/last", "crowded": "/headers/benchmark"}


@dataclass(frozen=True)
class Item:
    id: int
    sku: str
    name: str
    price: Decimal
    stock: int


ITEMS = [Item(n, f"SKU-{n}", f"Item {n}", Decimal(n) / 4, n % 7) for n in range(1, 101)]
