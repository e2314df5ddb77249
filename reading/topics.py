"""The topics as topics.toml lists them, and where the files of each lie."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("flask_app", "fastapi_app")


@dataclass(frozen=True)
class Topic:
    """One entry of topics.toml; `article` is empty where the article has no such section."""

    slug: str
    title: str
    idea: str
    article: str = ""

    @property
    def routes(self) -> tuple[Path, Path]:
        """The two route files, Flask's first, relative to the repository."""
        flask, fastapi = (Path(app, "routes", f"{self.slug}.py") for app in APPS)
        return flask, fastapi

    @property
    def contract(self) -> Path:
        """The file of its contract tests, relative to the repository."""
        return Path("contract_tests", f"test_{self.slug}.py")

    @property
    def page(self) -> Path:
        """Its page of the documentation, relative to the repository."""
        return Path("docs", "topics", f"{self.slug}.md")


def load(root: Path = ROOT) -> dict[str, Topic]:
    """Every topic by its slug, in reading order."""
    entries = tomllib.loads((root / "topics.toml").read_text(encoding="utf-8"))["topic"]
    return {entry["slug"]: Topic(**entry) for entry in entries}
