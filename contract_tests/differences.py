"""The intended differences: where the apps are meant to answer differently, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract_tests.comparison import Part, parts
from contract_tests.exchange import Exchange

FILE = Path(__file__).with_name("intended_differences.toml")


@dataclass(frozen=True)
class Difference:
    """One entry of the file. `answers` holds, for each app, only the parts that differ."""

    id: str
    request: str
    reason: str
    answers: Mapping[str, Mapping[str, Part]]

    @property
    def covers(self) -> set[str]:
        return {name for answer in self.answers.values() for name in answer}

    def missed(self, exchange: Exchange, app: str) -> list[str]:
        """The parts of an answer that are not as the file says; none for an app it is silent on."""
        said = self.answers.get(app, {})
        found = parts(exchange.answer)
        return [name for name, value in said.items() if found.get(name) != value]


def load() -> dict[str, Difference]:
    """Every entry by its id."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8")).get("difference", [])
    return {
        entry["id"]: Difference(
            entry["id"],
            entry["request"],
            entry["reason"],
            {app: _parts(entry[app]) for app in ("flask", "fastapi")},
        )
        for entry in entries
    }


def _parts(answer: Mapping[str, Any]) -> dict[str, Part]:
    said = dict(answer)
    headers = said.pop("headers", {})
    return {**said, **{f"{name.lower()}:": values for name, values in headers.items()}}
