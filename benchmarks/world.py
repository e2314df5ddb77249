"""The database that every subject of a measurement reads: customers, one account, one product."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from compat.sessions import serializer
from shared import accounts, products
from shared.customers import Customer
from shared.database import Database, transaction
from shared.products import MOST_STOCK
from shared.schema import create_schema
from shared.seed import seed
from shared.settings import Settings

EMAIL, PASSWORD = "ada@bench.test", "correct horse battery staple"
ROWS = 100


@dataclass(frozen=True)
class World:
    """The settings of an app that serves it, and what a request has to name."""

    settings: Settings
    user_id: int
    product_id: int
    login: str

    @classmethod
    def make(cls, folder: Path) -> "World":
        """A new database in `folder`."""
        settings = Settings(
            database_url=f"sqlite:///{folder / 'bench.db'}",
            log_level="WARNING",
            secret_key="a key for benchmarks, and for nothing else",  # noqa: S106
        )
        database = Database(settings.database_url)
        create_schema(database)
        seed(database)
        with database.session() as session:
            user = accounts.sign_up(session, EMAIL, PASSWORD)
            login = accounts.log_in(session, EMAIL, PASSWORD)
            values = {"sku": "BENCH-1", "name": "Bench", "price": Decimal("2.50")}
            product = products.create(session, {**values, "stock": MOST_STOCK, "categories": []})
            with transaction(session):
                session.add_all(map(_customer, range(ROWS)))
            made = cls(settings, user.id, product.id, login.text)
        database.close()
        return made

    @property
    def environ(self) -> Mapping[str, str]:
        """The settings for a server of this world."""
        return {
            "DATABASE_URL": self.settings.database_url,
            "SECRET_KEY": self.settings.secret_key,
            "LOG_LEVEL": self.settings.log_level,
        }


def _customer(number: int) -> Customer:
    return Customer(
        name=f"Customer {number}",
        email=f"customer-{number}@bench.test",
        phone=None,
        country="FR",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def session_cookie(world: World) -> str:
    """The cookie of a browser that is logged in."""
    value = serializer(world.settings.secret_key).dumps({"login": world.login})
    return f"{world.settings.session_cookie_name}={value}"
