"""What has a name that people look for."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column, validates

from shared.database import Text, folded
from shared.formats import LONGEST_NAME


class Named:
    """A part of a model: its name, and the name as searches look at it, which follows by itself."""

    name: Mapped[str] = mapped_column(Text(LONGEST_NAME), index=True)
    # Of no fixed length: one character may become 18, and an index would not hold them.
    folded_name: Mapped[str] = mapped_column(Text())

    @validates("name")
    def _fold(self, _: str, name: str) -> str:
        self.folded_name = folded(name)
        return name

    @classmethod
    def has_in_name(cls, term: str) -> ColumnElement[Any]:
        """Whether `term` is a part of the name, in any case. No character of it is a wildcard."""
        return cls.folded_name.contains(folded(term), autoescape=True)
