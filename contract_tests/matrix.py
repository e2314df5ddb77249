"""The result of a run: topics down, targets across."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract_tests.targets import Target

TOPICS = Path(__file__).resolve().parent.parent / "topics.toml"
OUTCOMES = ("passed", "failed", "skipped")
PAIRS = ("compared", "uncompared", "refusals")


@dataclass
class Matrix:
    """Counts of outcomes for each topic and target, and what was compared."""

    targets: Sequence[Target]
    cells: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    exchanges: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, pytest.TestReport]] = field(default_factory=list)
    title: str = "contract"

    def count(self, topic: str, target: str, report: pytest.TestReport) -> None:
        """Count one run's outcome, and keep what it says if it failed."""
        self.cells.setdefault(topic, {}).setdefault(target, Counter())[report.outcome] += 1
        if report.failed:
            self.failures.append((topic, target, report))

    @property
    def red_topics(self) -> set[str]:
        return {topic for topic, _, _ in self.failures}

    def lines(self) -> list[str]:
        """The matrix as text, and a line on what was compared."""
        names = [target.name for target in self.targets]
        rows = [["topic", *names]]
        for topic in self._topics():
            rows.append([topic, *(_cell(self.cells[topic].get(name)) for name in names)])
        rows.append(["all", *(_cell(self._total(name)) for name in names)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return [*table, "", self._compared()]

    def document(self) -> dict[str, Any]:
        """The same for machines."""
        titles = _titles()
        return {
            "targets": [
                {
                    "name": target.name,
                    "url": target.url,
                    "app": target.app or None,
                    "database": target.database or None,
                }
                for target in self.targets
            ],
            "topics": [
                {
                    "slug": topic,
                    "title": titles.get(topic, topic),
                    "targets": {
                        name: {outcome: counts[outcome] for outcome in OUTCOMES}
                        for name, counts in self.cells[topic].items()
                    },
                }
                for topic in self._topics()
            ],
            "exchanges": {key: self.exchanges[key] for key in ("made", *PAIRS, "alone")},
            "failures": [
                {"topic": topic, "target": target, "test": report.nodeid, "text": _text(report)}
                for topic, target, report in self.failures
            ],
        }

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            json.dumps(self.document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    def _topics(self) -> list[str]:
        """The topics that ran: those of topics.toml in its order, then the others."""
        known = [topic for topic in _titles() if topic in self.cells]
        return known + sorted(self.cells.keys() - set(known))

    def _total(self, name: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for cells in self.cells.values():
            total.update(cells.get(name, {}))
        return total

    def _compared(self) -> str:
        made = f"{self.exchanges['made']} exchanges"
        if len(self.targets) == 1:
            return f"{made}; one target: nothing was compared"
        alone = self.exchanges["alone"]
        return (
            "{}, {} pairs compared; {} exempt by their tests, {} refused by the servers{}"
        ).format(
            made,
            *(self.exchanges[key] for key in PAIRS),
            f"; {alone} tests ran on one target alone" if alone else "",
        )


def _cell(counts: Counter[str] | None) -> str:
    if not counts:
        return "-"
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])


def _text(report: pytest.TestReport) -> str:
    sections = [f"{title}:\n{text}" for title, text in report.sections]
    return "\n\n".join([report.longreprtext, *sections])


def _titles() -> dict[str, str]:
    if not TOPICS.is_file():
        return {}
    listed = tomllib.loads(TOPICS.read_text(encoding="utf-8"))["topic"]
    return {topic["slug"]: topic["title"] for topic in listed}
