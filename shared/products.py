"""The catalogue: products in categories."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Id, Money, Text

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


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("stock >= 0", name="stock_is_not_negative"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sku: Mapped[str] = mapped_column(Text(30), unique=True)
    name: Mapped[str] = mapped_column(Text(100))
    price: Mapped[Decimal] = mapped_column(Money)
    stock: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    categories: Mapped[list[Category]] = relationship(
        secondary=product_categories, order_by=Category.slug
    )
