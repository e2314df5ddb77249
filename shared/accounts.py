"""Accounts: who may log in."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Id, Text, Utc


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text(254), unique=True)
    password_hash: Mapped[str] = mapped_column(Text(200))
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Utc)
