"""Customers of the shop."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Id, Text, Utc


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text(254), unique=True)
    name: Mapped[str] = mapped_column(Text(100))
    phone: Mapped[str | None] = mapped_column(Text(30))
    folded_name: Mapped[str] = mapped_column(Text(400), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc)
