"""The catalogue: products in categories."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from shared.database import Base, Id, Money, Text, transaction
from shared.faults import error, fault
from shared.names import Named
from shared.pagination import Page, page_of
from shared.problems import Conflict, NotFound, Unprocessable

SKU = "^[A-Z0-9][A-Z0-9-]{0,29}$"
SLUG = "^[a-z0-9][a-z0-9-]{0,49}$"
MOST_STOCK = 1_000_000
MOST_CATEGORIES = 10

product_categories = Table(
    "product_categories",
    Base.metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True),
)


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(Text(50), unique=True)
    name: Mapped[str] = mapped_column(Text(100))


class Product(Named, Base):
    """`version` counts every change, also of the stock alone."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint("stock >= 0", name="stock_is_not_negative"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sku: Mapped[str] = mapped_column(Text(30), unique=True)
    price: Mapped[Decimal] = mapped_column(Money, index=True)
    stock: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    listed_in: Mapped[list[Category]] = relationship(
        secondary=product_categories, order_by=Category.slug, lazy="selectin"
    )

    @property
    def categories(self) -> list[str]:
        """The slugs of its categories, in alphabetical order."""
        return sorted(category.slug for category in self.listed_in)

    @property
    def tag(self) -> str:
        """Another one after every change; for an ETag header, to be quoted there."""
        return f"{self.id}-{self.version}"


class SkuTaken(Conflict):
    type = "/problems/sku-taken"


class CategoryExists(Conflict):
    type = "/problems/category-exists"


# A minus sign turns the order round.
class Sort(StrEnum):
    NAME = "name"
    NAME_DOWN = "-name"
    PRICE = "price"
    PRICE_DOWN = "-price"
    SKU = "sku"
    SKU_DOWN = "-sku"


@dataclass(frozen=True)
class Search:
    """Which products, in which order, and which page of them (see `shared.pagination`).

    `q` is a part of the name, compared without case; `category` is a slug.
    """

    page: int
    per_page: int
    q: str | None
    category: str | None
    sort: Sort


def search(session: Session, wanted: Search) -> Page[Product]:
    found = select(Product)
    if wanted.q is not None:
        found = found.where(Product.has_in_name(wanted.q))
    if wanted.category is not None:
        found = found.where(Product.listed_in.any(Category.slug == wanted.category))
    return page_of(
        session, found, Product, sort=wanted.sort, page=wanted.page, per_page=wanted.per_page
    )


def find(session: Session, product_id: int) -> Product:
    """Raises NotFound."""
    return _existing(session.get(Product, product_id))


def create(session: Session, values: Mapping[str, Any]) -> Product:
    """A new product; `values` are its attributes, its categories as slugs.

    Raises SkuTaken, and Unprocessable for a category that there is not.
    """
    with _unique(SkuTaken("Another product has this SKU.")), transaction(session):
        product = Product(version=1, **_with_categories(session, values))
        session.add(product)
    return product


def replace(
    session: Session, product_id: int, values: Mapping[str, Any], check: Callable[[str], None]
) -> Product:
    """Set all attributes, as `create` does. `check` gets the product's present tag, and raises if
    the client had another one in mind.

    Raises NotFound, and what `create` raises.
    """
    with _unique(SkuTaken("Another product has this SKU.")), transaction(session):
        product = _existing(session.get(Product, product_id, with_for_update=True))
        check(product.tag)
        for name, value in _with_categories(session, values).items():
            setattr(product, name, value)
        product.version += 1
    return product


def all_categories(session: Session) -> Sequence[Category]:
    """In the order of their slugs."""
    return session.scalars(select(Category).order_by(Category.slug)).all()


def create_category(session: Session, values: Mapping[str, Any]) -> Category:
    """Raises CategoryExists."""
    category = Category(**values)
    with _unique(CategoryExists("There is such a category already.")), transaction(session):
        session.add(category)
    return category


def _with_categories(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    slugs = values["categories"]
    found = session.scalars(select(Category).where(Category.slug.in_(slugs))).all()
    known = {category.slug for category in found}
    if unknown := [at for at, slug in enumerate(slugs) if slug not in known]:
        raise Unprocessable(
            errors=[error("body", ["categories", at], fault("unknownCategory")) for at in unknown]
        )
    others = {name: value for name, value in values.items() if name != "categories"}
    return {**others, "listed_in": list(found)}


def _existing(product: Product | None) -> Product:
    if product is None:
        raise NotFound
    return product


@contextmanager
def _unique(conflict: Conflict) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise conflict from None
