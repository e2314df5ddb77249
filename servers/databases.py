"""Databases for servers that are started here, each new and empty, and gone with the folder."""

import re
from pathlib import Path

from servers import postgresql

KINDS = ("sqlite", "postgresql")


class Databases:
    """Creates databases; a PostgreSQL is started for the first that has to be one of it.

    `folder` takes the files of SQLite, and the log of PostgreSQL.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster: postgresql.Cluster | None = None

    def create(self, kind: str, name: str) -> str:
        """Create a database of one of KINDS and return its URL. Raises ServerError."""
        plain = re.sub(r"\W+", "_", name)
        if kind == "sqlite":
            return f"sqlite:///{self.folder / plain}.db"
        if self.cluster is None:
            self.cluster = postgresql.start(self.folder / "postgresql.log")
        return self.cluster.create(plain)

    def close(self) -> None:
        """Stop the PostgreSQL, if there is one. The servers that use it come first."""
        if self.cluster is not None:
            self.cluster.stop()
