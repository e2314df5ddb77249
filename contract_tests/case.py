"""A test with one set of parameters, on all of its targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from contract_tests import account, explanations
from contract_tests.comparison import Volatile, differing
from contract_tests.differences import Difference
from contract_tests.exchange import Exchange, Run


@dataclass(slots=True, eq=False)
class Case:
    """The first run is what later ones are compared with; it is kept until the last has ended.

    `tally` is shared by all cases: exchanges made, pairs compared, pairs not compared,
    tests that ran on one target alone.
    """

    topic: str
    test: str
    tally: Counter[str]
    differences: Sequence[Difference] = ()
    to_come: int = 0
    runs: int = 0
    first: Run | None = None
    first_report: pytest.TestReport | None = None
    findings: list[str] = field(default_factory=list)

    def end(self, run: Run, *, failed: bool) -> str:
        """Compare a run whose function has ended; returns why the run fails, "" if it does not.

        A run does not fail for differing from one that failed by its own asserts.
        """
        run.failed = failed
        self.runs += 1
        self.tally["made"] += len(run.exchanges)
        described = list(self._undescribed(run))
        compared = [] if self.first is None else list(self._differences(self.first, run))
        self.findings = described + compared
        if self.first is None:
            self.first = run
        return "\n\n".join(described if self.first.failed else self.findings)

    def explain(self, run: Run, report: pytest.TestReport) -> None:
        """Add to a failure what its traceback does not show."""
        if run is self.first:
            self.first_report = report
        elif self.first_report is not None and self.first_report.failed:
            self._tell(self.first_report, f"compared with {run.target.name}")
        if report.failed and run.failed:
            self._tell(report, "compared")
            if run.exchanges and not self.findings:
                last = account.of_one(run.exchanges[-1], run, self.topic)
                _add(report, "the last exchange", last)
        if report.failed and (pages := explanations.of_test(self.topic, self.test)):
            _add(report, "what explains it", "\n".join(pages))
        if report.failed and (log := run.target.log_since(run.log_starts)):
            _add(report, f"log of {run.target.name}", log)

    def leave(self) -> None:
        """Forget the first run once nothing is left to be compared with it."""
        self.to_come -= 1
        if self.to_come == 0:
            self.tally["alone"] += self.runs == 1
            self.first = self.first_report = None

    def _tell(self, report: pytest.TestReport, title: str) -> None:
        for text in self.findings:
            _add(report, title, text)

    def _differences(self, first: Run, run: Run) -> Iterator[str]:
        for pair in zip(first.exchanges, run.exchanges, strict=False):
            if pair[1].uncompared or pair[1].refusal:
                self.tally["refusals" if pair[1].refusal else "uncompared"] += 1
                continue
            self.tally["compared"] += 1
            names = differing(*pair, Volatile((first, run), pair))
            apps = {first.asked(pair[0]).app, run.asked(pair[1]).app}
            for difference in self._intended(pair[1]):
                if not names and apps == {"flask", "fastapi"}:
                    yield f"{difference.id} no longer differs: remove it"
                names = [name for name in names if name not in difference.covers]
            if names:
                what = ", ".join(name.rstrip(":") for name in names)
                told = account.of_two(pair, (first, run), self.topic)
                statuses = [each.answer.status_code for each in pair if each.answer is not None]
                pages = "\n".join(["", *explanations.of_parts(names, statuses)])
                yield f"different answers ({what})\n{told}{pages}"
        ours, theirs = len(first.exchanges), len(run.exchanges)
        if ours != theirs and not (first.failed or run.failed):
            yield f"{ours} exchanges with {first.target.name}, {theirs} with {run.target.name}"

    def _undescribed(self, run: Run) -> Iterator[str]:
        for difference in self.differences:
            named = [each for each in run.exchanges if difference in self._intended(each)]
            if not named:
                yield f"{difference.id}: the test made no request {difference.request}"
            for exchange in named:
                if missed := difference.missed(exchange, run.asked(exchange).app):
                    told = account.of_one(exchange, run, self.topic)
                    yield f"{difference.id}: {', '.join(missed)} not as the file says\n{told}"

    def _intended(self, exchange: Exchange) -> list[Difference]:
        if not self.differences:
            return []
        line = account.request_line(exchange)
        return [difference for difference in self.differences if difference.request == line]


def _add(report: pytest.TestReport, title: str, text: str) -> None:
    """Add a section, to the failure itself where possible, so that JUnit has it too."""
    add = getattr(report.longrepr, "addsection", None)
    if add:
        add(title, text)
    else:
        report.sections.append((title, text))
