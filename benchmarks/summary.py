"""A result in the terminal: who is faster for what, by how much, and what the budgets say."""

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.budgets import BUDGETS, Verdict
from benchmarks.endpoints import ENDPOINTS
from benchmarks.judging import Spread
from benchmarks.machine import load
from benchmarks.running import Results

NAMES = {"flask": "Flask", "fastapi": "FastAPI"}


def show(console: Console, results: Results) -> None:
    """Print all that was measured."""
    _head(console, results)
    if results.endpoints:
        console.print(_endpoints(results))
        console.print(in_words(results.apps), soft_wrap=True)
    if results.wire:
        console.print(_wire(results))
        for who, found in results.wire.get("hello", {}).items():
            if found.peak is not None:
                console.print(f"peak rate of hello by wrk, {who}: {found.peak:.0f} answers/s")
    if results.cross:
        console.print(_cross(results))
    if results.waiting:
        console.print(_waiting(results))
    if results.claims:
        _claims(console, results.claims)
    if results.verdicts:
        _budgets(console, results.verdicts)
    if results.quick:
        console.print("In ten minutes make bench measures the other budgets and claims too.")
    told = f"{results.seconds:.0f} s, load {results.machine['load']} before, {load()} after"
    console.print(f"{told}. The claims, one by one: docs/claims.md")


def in_words(apps: dict[str, Spread]) -> str:
    """Who is faster for what: FastAPI's processor time against Flask's."""
    faster = {n: s for n, s in apps.items() if s.high < 1}
    slower = {n: s for n, s in apps.items() if s.low > 1}
    even = [ENDPOINTS[n].title for n in apps if n not in faster and n not in slower]
    parts = []
    if faster:
        told = ", ".join(
            f"{ENDPOINTS[n].title} {1 / s.median:.1f} times" for n, s in faster.items()
        )
        parts.append(f"FastAPI's app takes less processor time for: {told}.")
    if slower:
        told = ", ".join(f"{ENDPOINTS[n].title} {s.median:.1f} times" for n, s in slower.items())
        parts.append(f"Flask's takes less for: {told}.")
    if even:
        parts.append(f"No difference that can be told: {', '.join(even)}.")
    return " ".join(parts)


def verdict(found: Verdict) -> str:
    if found.met is None:
        return "too busy to tell"
    word = "met" if found.met else "missed"
    return word if found.sure else f"{word}, barely"


def _head(console: Console, results: Results) -> None:
    machine = results.machine
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    console.print(f"{machine['system']}, {machine['cores']} cores, {machine['python']}")
    console.print(versions, soft_wrap=True, highlight=False)
    for name in ("gunicorn", "uvicorn"):
        console.print(f"{name}: {results.commands[name]}", soft_wrap=True, highlight=False)
    if machine["load"] > machine["cores"]:
        console.print(
            "The machine is busy: trust the ratios of processor time, not the rates.",
            style="yellow",
        )


def _endpoints(results: Results) -> Table:
    table = Table(title="In process: microseconds of CPU, and the app against its bare twin")
    for column in ("", "Flask", "to twin", "FastAPI", "to twin", "FastAPI to Flask"):
        table.add_column(column, justify="left" if not column else "right")
    for name, found in results.endpoints.items():
        cells = [ENDPOINTS[name].title]
        for one in found.values():
            cells += [_us(one.app.median), _range(one.ratio)]
        table.add_row(*cells, _range(results.apps[name]))
    return table


def _wire(results: Results) -> Table:
    table = Table(title="Over the wire, 32 connections; times from the scheduled start")
    columns = (
        "",
        "who",
        "CPU µs",
        "answers/s",
        "offered/s",
        "p50 ms",
        "p99 ms",
        "lag p99",
        "errors",
    )
    for column in columns:
        table.add_column(column, justify="left" if column in {"", "who"} else "right")
    for name, found in results.wire.items():
        for who, one in found.items():
            times = (f"{1000 * value:.1f}" for value in (one.p50, one.p99, one.lag))
            errors = str(sum(one.errors.values()))
            rates = (f"{one.rate:.0f}", f"{one.offered:.0f}")
            table.add_row(ENDPOINTS[name].title, who, _us(one.cpu), *rates, *times, errors)
    return table


def _cross(results: Results) -> Table:
    table = Table(title="Bare FastAPI against bare Flask: a JSON greeting")
    for column in ("", "", "connections", "answers/s", "rate ratio", "CPU ratio", "errors"):
        table.add_column(column, justify="right" if column else "left")
    for row in results.cross:
        ratios = (_range(row.rate_ratio), _range(row.cpu_ratio))
        number = str(row.connections)
        table.add_row(row.servers, row.what, number, f"{row.rate:.0f}", *ratios, str(row.errors))
    return table


def _waiting(results: Results) -> Table:
    table = Table(title="Each request sleeps 50 ms: answers a second, and share of the ideal")
    for column in ("", "connections", "answers/s", "share", "errors"):
        table.add_column(column, justify="right" if column else "left")
    for row in results.waiting:
        share = f"{row.rate / row.ideal:.2f}"
        table.add_row(row.what, str(row.connections), f"{row.rate:.0f}", share, str(row.errors))
    return table


def _claims(console: Console, claims: dict[str, Any]) -> None:
    for name, one in claims["runtimes"].items():
        ratio = _range(one["cpu_ratio"])
        console.print(f"{name}: {one['rate']:.0f} answers/s, CPU {ratio} of FastAPI's")
    for app, one in claims["validation"].items():
        console.print(f"{NAMES[app]}: a validated body takes {_range(one)} of a parsed one")


def _budgets(console: Console, verdicts: list[Verdict]) -> None:
    console.print("\nBudgets", style="bold")
    for found in verdicts:
        budget = BUDGETS[found.budget]
        limit = f"{'at least' if budget.at_least else 'at most'} {found.limit:g}"
        style = {True: "green", False: "red", None: "yellow"}[found.met]
        told = f"[{style}]{verdict(found):17}[/]{NAMES[found.app]:9}{budget.title}: "
        console.print(f"{told}{_range(found.value)}, {limit}", highlight=False, soft_wrap=True)
        console.print(f"{'':26}{found.note}", highlight=False, soft_wrap=True, style="dim")


def _us(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f}"


def _range(value: Spread) -> str:
    return f"{value.median:.2f} ({value.low:.2f}-{value.high:.2f})"
