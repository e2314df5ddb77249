"""What each app may cost, and whether it does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks.experiments import TWIN, Measured
from benchmarks.inprocess import APPS, Found
from benchmarks.judging import Spread


@dataclass(frozen=True)
class Budget:
    """A limit for each app; a ratio is to stay below it, a share above."""

    name: str
    title: str
    limits: Mapping[str, float]
    at_least: bool = False

    def is_met(self, app: str, value: float) -> bool:
        limit = self.limits[app]
        return value >= limit if self.at_least else value <= limit

    def is_missed(self, app: str, value: Spread) -> bool:
        """Whether all of the range lies beyond the limit, so that no chance made it miss."""
        return not any(self.is_met(app, end) for end in (value.low, value.high))

    def worst(self, app: str, values: Mapping[str, Spread]) -> str:
        """The name of the value that misses it most; if none does, that is nearest to it."""
        choose = min if self.at_least else max
        missing = [name for name, value in values.items() if self.is_missed(app, value)]
        return choose(missing or values, key=lambda name: values[name].median)


@dataclass(frozen=True)
class Verdict:
    """`met` is None where the machine was too busy to tell; `sure` says whether the range of the
    value lies on one side of the limit. What is not sure is not missed, or two runs would disagree
    by chance."""

    budget: str
    app: str
    limit: float
    value: Spread
    met: bool | None
    sure: bool
    note: str = ""


def _both(flask: float, fastapi: float) -> dict[str, float]:
    return {"flask": flask, "fastapi": fastapi}


BUDGETS = {
    budget.name: budget
    for budget in (
        Budget("light", "light endpoint, wherever its route stands", _both(1.4, 1.5)),
        Budget("rows", "list of 100; database rows", _both(1.5, 1.1)),
        Budget("places", "slowest-placed route against the only route", _both(1.05, 1.3)),
        Budget(
            "waiting", "sleep 50 ms, 64 connections: share of the ideal rate", _both(0.9, 0.9), True
        ),
        Budget(
            "readers", "256 concurrent database reads against 32, all 2xx", _both(0.9, 0.9), True
        ),
        Budget(
            "cores", "one free worker on two cores against a bound one", _both(0.85, 0.85), True
        ),
        Budget("start", "exec to first 200 against a bare server", _both(3.5, 4.2)),
        Budget("memory", "memory after 10,000 requests against idle", _both(1.05, 1.05)),
    )
}


def of_worst(name: str, app: str, values: Mapping[str, Spread]) -> Verdict:
    """The verdict on the worst of some values; the note tells all of them."""
    budget = BUDGETS[name]
    worst = budget.worst(app, values)
    note = ", ".join(f"{which} {value.median:.2f}" for which, value in values.items())
    return _verdict(budget, app, values[worst], f"{worst} counts: {note}")


def of_ratios(judged: Mapping[str, Mapping[str, Found]], kinds: Mapping[str, str]) -> list[Verdict]:
    """The verdicts on endpoints; `kinds` says which budget each falls under, if any."""
    verdicts = []
    for budget in ("light", "rows"):
        for app in APPS:
            values = {n: judged[n][app].ratio for n in judged if kinds[n] == budget}
            if values:
                verdicts.append(of_worst(budget, app, values))
    return verdicts


def of_measured(name: str, app: str, measured: Measured) -> Verdict:
    """The verdict on a figure; one error misses the budget."""
    note = ", ".join(f"{what} {_short(value)}" for what, value in measured.facts.items())
    verdict, twin = _verdict(BUDGETS[name], app, measured.value, note), measured.facts.get(TWIN)
    if not verdict.met and twin is not None and not BUDGETS[name].is_met(app, twin):
        told = f"no app can meet it here: its bare twin misses it too; {note}"
        verdict = replace(verdict, note=told)
    if measured.too_busy and not verdict.met and not measured.errors:
        return replace(verdict, met=None, sure=False, note=note)
    if not measured.errors:
        return verdict
    return replace(verdict, met=False, sure=True, note=f"{measured.errors} errors; {note}")


def is_sure(kind: str, found: Mapping[str, Found]) -> bool:
    """Whether no more rounds are needed for the verdicts on an endpoint."""
    if kind not in BUDGETS:
        return True
    limits = BUDGETS[kind].limits
    return all(found[app].ratio.is_sure_of(limits[app]) for app in found)


def _verdict(budget: Budget, app: str, value: Spread, note: str) -> Verdict:
    limit, met = budget.limits[app], not budget.is_missed(app, value)
    return Verdict(budget.name, app, limit, value, met, value.is_sure_of(limit), note)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
