"""The pages docs/how-fast.md and docs/claims.md, written from a stored result."""

import re
from pathlib import Path
from typing import Any

from benchmarks.budgets import BUDGETS
from benchmarks.endpoints import ENDPOINTS
from benchmarks.plots import Bar, bars, number_text
from servers.running import ROOT

NAMES = {"flask": "Flask", "fastapi": "FastAPI"}
Result = dict[str, Any]


def written(result: Result, name: str) -> dict[Path, str]:
    """Each page's text; `name` is that of the file in `benchmarks/results/`."""
    docs = ROOT / "docs"
    return {docs / "how-fast.md": how_fast(result, name), docs / "claims.md": claims(result, name)}


def how_fast(result: Result, name: str) -> str:
    return (
        "\n\n".join(
            [
                "# How fast each app is",
                "Both apps against what their frameworks allow, and against each other. All figures are from one run of"
                " `make bench WRITE=1`; `make bench QUICK=1` measures the main ones anew in a minute.",
                _machine(result, name),
                "## In short",
                _short(result),
                "## Endpoint by endpoint",
                "Processor time of one request in microseconds, called in the process, without a server. The **bare twin** is the"
                " same handler in an app of its own, one route and no layers, and answers the same bytes. Ratios are"
                " taken inside each of many short rounds and are medians; behind them is the range in which the median lies"
                " with 95 % of certainty.",
                _endpoint_plot(result),
                _endpoint_table(result),
                "## Over the wire",
                "Each app on its usual server, one process, 32 connections. *CPU* is the processor time of all of the server's"
                " processes for each answer, in microseconds. The rate is that of a closed loop. The times are those of an open loop: requests"
                " are sent at moments fixed beforehand, at a rate that none of the four has to queue for, and a time counts from that"
                " moment, so a visitor who waits for a free connection waits in these figures too. *Lag* is how late the generator itself was.",
                _wire_table(result),
                _peaks(result),
                "## FastAPI against Flask, each bare",
                "A JSON greeting without any app around it: what the framework and its server give. Much of the difference on the usual"
                " servers is the server, not the framework; on the same server, Granian, it shrinks. Ratios are to"
                " Flask on the same line of servers and with as many connections.",
                _cross_plot(result),
                _cross_table(result),
                "## Waiting",
                "Each request sleeps 50 ms, as one that asks another service. 64 connections could have 1,280 answers a second, 512 connections 10,240.",
                _waiting_plot(result),
                _waiting_table(result),
                "## Budgets",
                "What each app may cost. `benchmarks/budgets.py` holds the limits. One is missed where the whole range of the figure lies"
                " beyond it, so that chance makes no verdict; *barely* means that the range reaches over the limit.",
                _budget_table(result),
                NOTES,
                "## Where an endpoint's time goes",
                "`make profile ENDPOINT=order APP=flask` asks a profiler, prints a tree, and writes a page and a flame graph to the folder reports.",
                "## How it is measured",
                METHOD,
                "The command lines were:",
                _commands(result),
            ]
        )
        + "\n"
    )


NOTES = (Path(__file__).parent / "notes.md").read_text(encoding="utf-8").strip()
METHOD = (Path(__file__).parent / "method.md").read_text(encoding="utf-8").strip()


def _machine(result: Result, name: str) -> str:
    machine = result["machine"]
    versions = ", ".join(f"{package} {number}" for package, number in machine["versions"].items())
    busy = " The machine was busy: ratios of processor time hold all the same, rates do not."
    return (
        f"Measured on {result['date'][:10]}, {'a short run, ' if result['quick'] else ''}in {result['seconds'] / 60:.0f} minutes: {machine['system']}, {machine['cores']} cores,"
        f" {machine['python']}, load {machine['load']} before and {result['load_after']} after."
        f"{busy if max(machine['load'], result['load_after']) > machine['cores'] else ''}"
        f" {versions}. Stored as `benchmarks/results/{name}`."
    )


def _short(result: Result) -> str:
    light = [n for n, e in ENDPOINTS.items() if e.budget == "light" and n in result["apps"]]
    ratios = [1 / result["apps"][n]["median"] for n in light]
    cross = {(row["servers"], row["what"], row["connections"]): row for row in result["cross"]}

    def rate(servers: str, what: str) -> float:
        found: float = cross[servers, what, 32]["rate_ratio"]["median"]
        return found

    def app(name: str) -> str:
        value = result["apps"][name]["median"]
        if 0.95 <= value <= 1.05:
            return "takes the same"
        return f"takes {value:.2f} of Flask's" if value < 1 else f"takes {value:.2f} times Flask's"

    waits = {(row["what"], row["connections"]): row for row in result["waiting"]}

    def share(what: str) -> str:
        return _share(waits, what, 64)

    blocked = waits["FastAPI async def that blocks, uvicorn", 64]["rate"]
    lines = [
        f"**Light requests** (a greeting, a query, a small JSON body): Flask's app takes {min(ratios):.1f} to {max(ratios):.1f} times the processor time"
        " of FastAPI's.",
        f"**Rows from the database**: FastAPI's processor time {app('rows')}; an **order**: {app('order')}; a **login**: {app('login')},"
        " for hashing a password costs the same everywhere. The database and the hash are the cost, not the framework.",
        f"**The bare frameworks**, a greeting at 32 connections: FastAPI with `async def` on uvicorn gives {rate('usual servers', 'FastAPI async def'):.1f} times"
        f" the answers of Flask on gunicorn; with `def` {rate('usual servers', 'FastAPI def'):.1f} times. On the same server"
        f" {rate('both on Granian', 'FastAPI async def'):.1f} and {rate('both on Granian', 'FastAPI def'):.1f} times.",
        f"**Waiting**, 64 visitors: Flask with threads gives {share('Flask, gunicorn with threads')} of the ideal rate, FastAPI with `async def`"
        f" {share('FastAPI async def, uvicorn')}, with `def` {share('FastAPI def, uvicorn')}. An `async def` that blocks gives {blocked:.0f} answers a second,"
        " and holds up everybody else.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _endpoint_plot(result: Result) -> str:
    values = [
        Bar(f"{ENDPOINTS[name].title}, {NAMES[app]}", found[app]["ratio"]["median"], number)
        for name, found in result["endpoints"].items()
        for number, app in enumerate(NAMES)
    ]
    text = "; ".join(f"{bar.label}: {number_text(bar.value)}" for bar in values)
    title = "Processor time of each app's endpoint, its bare twin being 1"
    return bars("twins", title, text, values, legend=list(NAMES.values()), limit=1.0)


def _endpoint_table(result: Result) -> str:
    rows = [
        [
            ENDPOINTS[name].title,
            *(
                cell
                for app in NAMES
                for cell in (
                    _us(found[app]["app"]["median"]),
                    _us(found[app]["twin"]["median"]),
                    _range(found[app]["ratio"]),
                )
            ),
            _range(result["apps"][name]),
        ]
        for name, found in result["endpoints"].items()
    ]
    heads = ["", "Flask", "twin", "ratio", "FastAPI", "twin", "ratio", "FastAPI to Flask"]
    return _table(heads, rows)


def _wire_table(result: Result) -> str:
    rows = [
        [
            ENDPOINTS[name].title,
            _who(who),
            _us(one["cpu"]),
            f"{one['rate']:,.0f}",
            f"{one['offered']:,.0f}",
            *(f"{1000 * one[key]:.1f}" for key in ("p50", "p99", "lag")),
            str(sum(one["errors"].values())),
        ]
        for name, found in result["wire"].items()
        for who, one in found.items()
    ]
    heads = ["", "", "CPU", "rate", "offered", "p50 ms", "p99 ms", "lag p99", "errors"]
    return _table(heads, rows)


def _peaks(result: Result) -> str:
    peaks = {
        who: one["peak"] for who, one in result["wire"].get("hello", {}).items() if one["peak"]
    }
    if not peaks:
        return "`wrk` was not on PATH, so no peak rate was measured by it."
    told = ", ".join(f"{_who(who)} {peak:,.0f}" for who, peak in peaks.items())
    return f"Peak rate of the greeting by `wrk`, answers a second: {told}."


def _cross_plot(result: Result) -> str:
    values = [
        Bar(f"{row['servers']}, {row['what']}", row["rate_ratio"]["median"], number % 3)
        for number, row in enumerate(r for r in result["cross"] if r["connections"] == 32)
    ]
    text = "; ".join(f"{bar.label}: {number_text(bar.value)}" for bar in values)
    return bars(
        "cross", "Answers a second at 32 connections, Flask being 1", text, values, limit=1.0
    )


def _cross_table(result: Result) -> str:
    rows = [
        [
            row["servers"],
            re.sub("(async )?def", r"`\g<0>`", row["what"]),
            str(row["connections"]),
            f"{row['rate']:,.0f}",
            _range(row["rate_ratio"]),
            _us(row["cpu"]),
            _range(row["cpu_ratio"]),
            str(row["errors"]),
        ]
        for row in result["cross"]
    ]
    heads = ["servers", "", "connections", "answers/s", "ratio", "CPU", "CPU ratio", "errors"]
    return _table(heads, rows)


def _waiting_plot(result: Result) -> str:
    values = [
        Bar(row["what"], row["rate"] / row["ideal"])
        for row in result["waiting"]
        if row["connections"] == 64
    ]
    text = "; ".join(f"{bar.label}: {number_text(bar.value)}" for bar in values)
    return bars("waiting", "Share of the ideal rate at 64 connections", text, values, limit=1.0)


def _waiting_table(result: Result) -> str:
    rows = [
        [
            row["what"],
            str(row["connections"]),
            f"{row['rate']:,.0f}",
            f"{row['rate'] / row['ideal']:.2f}",
            str(row["errors"]),
        ]
        for row in result["waiting"]
    ]
    return _table(["", "connections", "answers/s", "share of the ideal", "errors"], rows)


def _budget_table(result: Result) -> str:
    rows = []
    for found in result["verdicts"]:
        budget = BUDGETS[found["budget"]]
        word = {True: "met", False: "**missed**", None: "machine too busy to tell"}[found["met"]]
        rows.append(
            [
                budget.title,
                NAMES[found["app"]],
                f"{'at least' if budget.at_least else 'at most'} {found['limit']:g}",
                _range(found["value"]),
                word if found["sure"] or found["met"] is None else f"{word}, barely",
                found["note"],
            ]
        )
    return _table(["budget", "app", "limit", "found", "verdict", "how"], rows)


def _commands(result: Result) -> str:
    lines = [f"{name}: {command}" for name, command in result["commands"].items()]
    return "```text\n" + "\n".join(lines) + "\n```"


def claims(result: Result, name: str) -> str:
    """The page of the claims."""
    rows = [[claim, told, when, f"`{command}`"] for claim, told, when, command in _claims(result)]
    return (
        "\n\n".join(
            [
                "# What is claimed, and what was measured",
                "What comparisons of the two frameworks usually say, each with a measurement of the two apps or of the bare frameworks."
                f" Written by `make bench WRITE=1` from `benchmarks/results/{name}`; [how fast each app is](how-fast.md) has the tables and the machine."
                " Another machine and another version give other figures: run it on yours.",
                _table(["claim", "measured", "when it is true", "command"], rows),
            ]
        )
        + "\n"
    )


def _claims(result: Result) -> list[tuple[str, str, str, str]]:
    cross = {(r["servers"], r["what"], r["connections"]): r for r in result["cross"]}
    waits = {(r["what"], r["connections"]): r for r in result["waiting"]}
    figures, machine = result["claims"], result["machine"]
    fast, slow = figures["fresh"]["fastapi"], figures["fresh"]["flask"]
    full = "make bench"
    return [
        (
            "“One of the fastest Python frameworks”",
            f"Bare FastAPI takes {result['endpoints']['hello']['fastapi']['floor']['median']:.0f} times the processor time of a bare ASGI function, "
            f"bare Flask {result['endpoints']['hello']['flask']['floor']['median']:.0f} times that of a bare WSGI function. On the same server FastAPI gives"
            f" {cross['both on Granian', 'FastAPI async def', 32]['rate_ratio']['median']:.2f} times Flask's answers with `async def`,"
            f" {cross['both on Granian', 'FastAPI def', 32]['rate_ratio']['median']:.2f} with `def`.",
            "Of the frameworks that validate and document: yes. With `def` handlers, or once a database is asked, no.",
            full,
        ),
        (
            "“On par with Node.js”",
            _node(figures["runtimes"], machine["node"]),
            "Not for a small answer: most of the time is Python's own.",
            full,
        ),
        ("“On par with Go”", _go(machine["go"]), "Not judged here.", full),
        (
            "“Flask is slow because it is synchronous”",
            f"64 requests that wait 50 ms: Flask with 256 threads reaches {_share(waits, 'Flask, gunicorn with 256 threads', 64)} of the ideal, FastAPI with `async def`"
            f" {_share(waits, 'FastAPI async def, uvicorn', 64)}; Flask's `sync` worker {_share(waits, 'Flask, gunicorn sync', 64)}.",
            "With a worker that takes one request at a time. Threads wait as well as tasks do, as long as there are enough of them.",
            full,
        ),
        (
            "“Handles thousands of concurrent calls”",
            f"512 requests that wait 50 ms: FastAPI with `async def` {waits['FastAPI async def, uvicorn', 512]['rate']:,.0f} answers a second"
            f" with {waits['FastAPI async def, uvicorn', 512]['errors']} errors, with `def` {waits['FastAPI def, uvicorn', 512]['rate']:,.0f}, with an `async def` that blocks"
            f" {waits['FastAPI async def that blocks, uvicorn', 64]['rate']:,.0f}; Flask with 256 threads {waits['Flask, gunicorn with 256 threads', 512]['rate']:,.0f}.",
            "For `async def` that never blocks, and as far as the processor carries.",
            full,
        ),
        (
            "“Validation is free”",
            f"A small order, validated, takes {figures['validation']['fastapi']['median']:.2f} times what it takes only parsed in FastAPI (pydantic),"
            f" and {figures['validation']['flask']['median']:.2f} times in Flask (marshmallow).",
            "Never free. With pydantic it is cheap beside the rest of a request, with marshmallow it is most of it.",
            full,
        ),
        (
            "“Automatic documentation costs nothing”",
            f"FastAPI's document takes {1000 * fast['document s']:.0f} ms and {fast['document MiB'] - fast['app MiB']:.0f} MiB when it is first asked for;"
            f" flask-smorest's is made with the app, which takes {1000 * slow['app s']:.0f} ms against FastAPI's {1000 * fast['app s']:.0f}.",
            "For a request: yes, both make it once. For the start of a process: no.",
            full,
        ),
        (
            "“Less code”",
            f"Lines of code of all topics: Flask {figures['lines']['flask']['routes']}, FastAPI {figures['lines']['fastapi']['routes']}. App-wide modules:"
            f" {figures['lines']['flask']['app-wide']} and {figures['lines']['fastapi']['app-wide']}; and {figures['lines']['fastapi']['compat']} in `compat/`,"
            " which keep Flask's promises.",
            "For handlers and schemas, by a little. Not while old clients have to be kept.",
            full,
        ),
        (
            "“Few dependencies”",
            f"With what they bring: Flask's set {figures['dependencies']['flask']} packages, FastAPI's {figures['dependencies']['fastapi']}"
            " (`benchmarks/claims.py:DEPENDENCIES`).",
            "About the same for both, once Flask validates and documents too.",
            full,
        ),
        (
            "“Starts at once”",
            f"Processor time in a new process: imports {1000 * slow['imports s']:.0f} ms (Flask) and {1000 * fast['imports s']:.0f} ms (FastAPI), the app {1000 * slow['app s']:.0f} and"
            f" {1000 * fast['app s']:.0f} ms. To the first answer: {_start(result, 'flask')} and {_start(result, 'fastapi')} times a bare server.",
            "For neither, if a start must take less than half a second.",
            full,
        ),
        (
            "“Light in memory”",
            f"After the imports {slow['imports MiB']:.0f} MiB (Flask) and {fast['imports MiB']:.0f} MiB (FastAPI). {_memory(result)}",
            "For either; neither grows.",
            full,
        ),
    ]


def _node(runtimes: Result, version: str | None) -> str:
    if version is None or "Node, http" not in runtimes:
        return "Not measured: `node` is not on PATH."
    node, bare = runtimes["Node, http"], runtimes["no framework, uvicorn"]
    return (
        f"Node {version} with its `http` module: {node['rate']:,.0f} answers a second, {node['cpu_ratio']['median']:.2f} of FastAPI's processor time for each."
        f" uvicorn without a framework: {bare['rate']:,.0f}, {bare['cpu_ratio']['median']:.2f}. FastAPI: {runtimes['FastAPI, uvicorn']['rate']:,.0f};"
        f" Flask on gunicorn: {runtimes['Flask, gunicorn']['rate']:,.0f}."
    )


def _go(version: str | None) -> str:
    if version is None:
        return "Not measured: `go` is not on PATH."
    return f"Not measured: {version} is here, but there is no program in Go to compare with."


def _share(waits: dict[tuple[str, int], Result], what: str, connections: int) -> str:
    row = waits[what, connections]
    return f"{row['rate'] / row['ideal']:.2f}"


def _start(result: Result, app: str) -> str:
    found = [v for v in result["verdicts"] if v["budget"] == "start" and v["app"] == app]
    return f"{found[0]['value']['median']:.1f}" if found else "?"


def _memory(result: Result) -> str:
    found = [v for v in result["verdicts"] if v["budget"] == "memory"]
    told = ", ".join(f"{NAMES[v['app']]} {v['value']['median']:.2f} ({v['note']})" for v in found)
    return f"Whole servers after 10,000 requests, against before: {told}."


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _who(who: str) -> str:
    app, kind = who.split()
    return NAMES[app] if kind == "app" else f"{NAMES[app]}, bare twin"


def _us(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f}"


def _range(value: Result) -> str:
    return f"{value['median']:.2f} ({value['low']:.2f} to {value['high']:.2f})"
