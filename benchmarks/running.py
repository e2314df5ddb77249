"""One run of the whole benchmark, part by part."""

from __future__ import annotations

import datetime
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import budgets, claims, cross, experiments, inprocess, machine, wire
from benchmarks.budgets import Verdict
from benchmarks.cross import Row, Waited
from benchmarks.endpoints import ENDPOINTS
from benchmarks.inprocess import APPS, Found
from benchmarks.items import PLACES
from benchmarks.serving import SERVERS, USUAL, command, serve
from benchmarks.wire import Wire
from benchmarks.world import World

FORMAT = 1
PARTS = ("judge", "budgets", "wire", "cross", "claims")
OF_SERVERS = ("waiting", "readers", "cores", "start", "memory")  # budgets that need a whole server


@dataclass(frozen=True)
class Effort:
    """How long is measured: everything within ten minutes, or what matters within one."""

    parts: tuple[str, ...] = PARTS
    rounds: int = 20
    turns: int = 3
    block: float = 0.02
    budgets: tuple[str, ...] = OF_SERVERS
    # On the wire a route's place makes no difference that could be seen.
    wire: tuple[str, ...] = tuple(name for name in ENDPOINTS if name not in PLACES)
    wire_rounds: int = 2
    wire_seconds: float = 0.3
    rate_rounds: int = 4
    rate_seconds: float = 1.0
    starts: int = 3
    cross_rounds: int = 3
    cross_seconds: float = 0.5
    connections: tuple[int, ...] = cross.CONNECTIONS
    waiters: tuple[int, ...] = cross.WAITERS


QUICK = Effort(
    parts=("judge", "budgets", "wire", "cross"),
    rounds=10,
    turns=1,
    block=0.008,
    budgets=("waiting", "start"),
    wire=("hello",),
    wire_rounds=1,
    wire_seconds=0.25,
    rate_rounds=2,
    rate_seconds=0.3,
    starts=1,
    cross_rounds=1,
    cross_seconds=0.2,
    connections=(32,),
    waiters=(),
)


@dataclass
class Results:
    """All that a run found; `as_json` is what is stored."""

    date: str
    quick: bool
    machine: dict[str, Any]
    commands: dict[str, str]
    endpoints: dict[str, dict[str, Found]] = field(default_factory=dict)
    apps: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    wire: dict[str, dict[str, Wire]] = field(default_factory=dict)
    cross: list[Row] = field(default_factory=list)
    waiting: list[Waited] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    load_after: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}


Step = tuple[str, Callable[[], None]]


def empty(quick: bool) -> Results:
    """A result with its date, machine and command lines."""
    now = datetime.datetime.now(datetime.UTC).isoformat("T", "seconds")
    words = {name: _readable(command(name, 8000)) for name in SERVERS}
    return Results(now, quick, machine.describe(), words)


def steps(
    results: Results, effort: Effort, parts: tuple[str, ...], stack: ExitStack
) -> Iterator[Step]:
    """What is to be done, in its order; each step fills in `results`."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    world = World.make(folder)
    if "judge" in parts:
        yield from _judge(results, effort, world, stack)
    if {"budgets", "wire"} & set(parts):
        whole = {
            app: stack.enter_context(serve(server, "app", world.environ, folder))
            for app, server in USUAL.items()
        }
        for server in whole.values():
            server.wait()
        if "budgets" in parts:
            yield from _budgets(results, effort, world, folder, whole)
        if "wire" in parts:
            yield from _wire(results, effort, world, folder, whole)
    if "cross" in parts:
        yield from _cross(results, effort, folder)
    if "claims" in parts:
        yield from _claims(results, effort, world, folder)


def _judge(results: Results, effort: Effort, world: World, stack: ExitStack) -> Iterator[Step]:
    whole = stack.enter_context(inprocess.apps(world))
    for name, endpoint in ENDPOINTS.items():

        def judge(name: str = name, kind: str = endpoint.budget) -> None:
            results.endpoints[name], results.apps[name] = inprocess.judge(
                name,
                world,
                whole,
                rounds=effort.rounds,
                turns=effort.turns,
                block=effort.block,
                is_sure=lambda found: budgets.is_sure(kind, found),
            )

        yield f"in process: {endpoint.title}", judge

    def places() -> None:
        kinds = {name: endpoint.budget for name, endpoint in ENDPOINTS.items()}
        results.verdicts += budgets.of_ratios(results.endpoints, kinds)
        found = inprocess.judge_places(world, rounds=2 * effort.rounds, block=effort.block)
        results.verdicts += [budgets.of_worst("places", app, found[app]) for app in APPS]

    yield "in process: the place of a route", places


def _budgets(
    results: Results, effort: Effort, world: World, folder: Path, whole: dict[str, Any]
) -> Iterator[Step]:
    rounds, seconds = effort.rate_rounds, effort.rate_seconds
    works: dict[str, tuple[str, Callable[[], dict[str, experiments.Measured]]]] = {
        "waiting": (
            "64 visitors who wait",
            lambda: experiments.waiting(whole, world, folder, rounds=rounds, seconds=2 * seconds),
        ),
        "readers": (
            "256 readers",
            lambda: experiments.readers(whole, world, rounds=2 * rounds, seconds=seconds / 2),
        ),
        "cores": (
            "one worker on two cores",
            # These rates scatter most; many short rounds tell more than few long ones.
            lambda: experiments.two_cores(world, folder, rounds=2 * rounds, seconds=seconds / 2),
        ),
        "start": ("start", lambda: experiments.start_up(world, folder, rounds=effort.starts)),
        "memory": ("10,000 requests", lambda: experiments.memory(world, folder)),
    }
    for budget in effort.budgets:
        title, work = works[budget]

        def step(budget: str = budget, work: Callable[[], Any] = work) -> None:
            for app, measured in work().items():
                results.verdicts.append(budgets.of_measured(budget, app, measured))

        yield title, step


def _wire(
    results: Results, effort: Effort, world: World, folder: Path, whole: dict[str, Any]
) -> Iterator[Step]:
    for name in effort.wire:

        def step(name: str = name) -> None:
            results.wire[name] = wire.measure(
                name,
                world,
                whole,
                folder,
                rounds=effort.wire_rounds,
                seconds=effort.wire_seconds,
            )

        yield f"over the wire: {ENDPOINTS[name].title}", step


def _cross(results: Results, effort: Effort, folder: Path) -> Iterator[Step]:
    def table() -> None:
        results.cross = cross.table(
            folder,
            rounds=effort.cross_rounds,
            seconds=effort.cross_seconds,
            connections=effort.connections,
        )

    def waiting() -> None:
        results.waiting = cross.waiting(
            folder, seconds=effort.rate_seconds, connections=effort.waiters
        )

    yield "FastAPI against Flask", table
    if effort.waiters:
        yield "waiting, on every server", waiting


def _claims(results: Results, effort: Effort, world: World, folder: Path) -> Iterator[Step]:
    def code() -> None:
        results.claims["lines"] = claims.lines()
        results.claims["dependencies"] = claims.dependencies()
        results.claims["fresh"] = claims.fresh(world, rounds=effort.starts)

    def validation() -> None:
        found = claims.validated(rounds=effort.rounds, block=effort.block)
        results.claims["validation"] = found

    def runtimes() -> None:
        results.claims["runtimes"] = claims.runtimes(
            folder, rounds=effort.cross_rounds, seconds=effort.cross_seconds
        )

    yield "lines, dependencies, start", code
    yield "what validation costs", validation
    yield "other runtimes", runtimes


def _readable(words: list[str]) -> str:
    return shlex.join(["python" if word == sys.executable else word for word in words])
