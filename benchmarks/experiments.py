"""What a budget asks of a whole server: waiting, many readers, two cores, start and memory."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import load, processes
from benchmarks.calling import Request
from benchmarks.endpoints import ENDPOINTS
from benchmarks.items import WAIT
from benchmarks.judging import Spread
from benchmarks.serving import USUAL, Server, serve
from benchmarks.wire import Cell, cell, in_turns
from benchmarks.world import World

WAITERS = 64
ENOUGH = 0.93  # share of the ideal rate
BUSY = 0.75  # of the ideal rate without a framework: less, and nothing can be told of one
READERS = (32, 256)
REQUESTS = 10_000
WARMUP = 1_000
TWIN = "bare twin"


@dataclass(frozen=True)
class Measured:
    """A figure for a budget, what else came of it, and the errors on the way.

    `too_busy` says that the machine itself kept it from being better.
    """

    value: Spread
    facts: dict[str, float] = field(default_factory=dict)
    errors: int = 0
    too_busy: bool = False


def waiting(
    servers: Mapping[str, Server], world: World, folder: Path, *, rounds: int, seconds: float
) -> dict[str, Measured]:
    """The best share of the ideal rate, where each of 64 visitors is served in 50 ms.

    The ideal is that of a server without a framework that does nothing but wait, in the same round:
    a busy machine lowers both. The best round counts, and no more are needed once one is good
    enough for any budget. The bare twin of each app takes its turns in the same rounds.
    """
    request, ideal = Request(path="/benchmark/wait"), WAITERS / WAIT
    allowed = 0.0  # the best rate that the machine lets the reference have
    with ExitStack() as stack:
        asked = dict(servers)
        for app, name in USUAL.items():
            asked[_twin(app)] = stack.enter_context(serve(name, "wait", world.environ, folder))
        reference = stack.enter_context(serve("uvicorn", "waiting", {}, folder))
        reference.wait()
        for app in servers:
            asked[_twin(app)].wait(request.path)
        shares: dict[str, list[float]] = {name: [] for name in asked}
        rates: dict[str, list[float]] = {name: [] for name in asked}
        errors = dict.fromkeys(asked, 0)
        for _ in range(rounds):
            best = load.closed(reference.port, request, WAITERS, seconds).rate
            allowed = max(allowed, best)
            for name, server in asked.items():
                if max(shares[name], default=0) < ENOUGH:
                    done = load.closed(server.port, request, WAITERS, seconds)
                    shares[name].append(done.rate / min(ideal, max(best, 1)))
                    rates[name].append(done.rate)
                    errors[name] += done.failed
    return {
        app: Measured(
            Spread(max(shares[app]), min(shares[app]), max(shares[app]), len(shares[app])),
            {
                TWIN: max(shares[_twin(app)]),
                "answers/s": max(rates[app]),
                "without framework": allowed,
                "ideal": ideal,
            },
            errors[app],
            too_busy=allowed < BUSY * ideal,
        )
        for app in servers
    }


def readers(
    servers: Mapping[str, Server], world: World, *, rounds: int, seconds: float
) -> dict[str, Measured]:
    """The rate of 256 visitors who read rows against that of 32."""
    request = ENDPOINTS["rows"].request(world)
    few, many = READERS
    found = {}
    for app, server in servers.items():
        works = {n: _loop(server, request, n, seconds) for n in READERS}
        cells = in_turns({str(n): work for n, work in works.items()}, rounds)
        values = _ratios(cells[str(many)], cells[str(few)])
        rates = {f"{n} connections": median(c.load.rate for c in cells[str(n)]) for n in READERS}
        errors = sum(c.load.failed for done in cells.values() for c in done)
        found[app] = Measured(Spread.of(values), rates, errors)
    return found


def two_cores(world: World, folder: Path, *, rounds: int, seconds: float) -> dict[str, Measured]:
    """The rate of a free worker that reads rows against that of one bound to a core.

    The same of the bare twin stands beside it. Empty where a process cannot be bound (macOS).
    """
    if not processes.can_pin():
        return {}
    request = ENDPOINTS["rows"].request(world)
    kinds = {"free": "app", "bound": "app", "free twin": "rows", "bound twin": "rows"}
    found = {}
    for app, name in USUAL.items():
        with ExitStack() as stack:
            servers = {
                kind: stack.enter_context(serve(name, served, world.environ, folder))
                for kind, served in kinds.items()
            }
            for server in servers.values():
                server.wait(request.path)
            works = {kind: _loop(server, request, 32, seconds) for kind, server in servers.items()}
            in_turns(works, 1)  # the threads that are to be bound start with the first requests
            for kind in ("bound", "bound twin"):
                processes.pin(servers[kind].pid, processes.cores()[:1])
            cells = in_turns(works, rounds)
        twin = Spread.of(_ratios(cells["free twin"], cells["bound twin"]))
        rates = {kind: median(c.load.rate for c in cells[kind]) for kind in ("free", "bound")}
        work = {f"{kind}, CPU ms": 1000 * _cpu(cells[kind]) for kind in ("free", "bound")}
        errors = sum(c.load.failed for kind in ("free", "bound") for c in cells[kind])
        values = _ratios(cells["free"], cells["bound"])
        found[app] = Measured(Spread.of(values), {TWIN: twin.median} | rates | work, errors)
    return found


def start_up(world: World, folder: Path, *, rounds: int) -> dict[str, Measured]:
    """Processor time from exec to the first 200, of the app against a bare server."""
    spent: dict[str, list[float]] = {}
    clock: dict[str, list[float]] = {}
    for _ in range(rounds):
        for app, name in USUAL.items():
            for kind in ("app", "bare"):
                with serve(name, kind, world.environ, folder) as server:
                    seconds, cpu = server.wait("/")
                spent.setdefault(f"{app} {kind}", []).append(cpu)
                clock.setdefault(f"{app} {kind}", []).append(seconds)
    found = {}
    for app in USUAL:
        pairs = zip(spent[f"{app} app"], spent[f"{app} bare"], strict=True)
        facts = {
            f"{kind}, {what}": median(values[f"{app} {kind}"])
            for what, values in (("CPU s", spent), ("s", clock))
            for kind in ("app", "bare")
        }
        found[app] = Measured(Spread.of([one / other for one, other in pairs]), facts)
    return found


def memory(world: World, folder: Path) -> dict[str, Measured]:
    """Memory after 10,000 requests of all light kinds, and some rows, against that before them.

    Before them stand a thousand requests, in which what is loaded or cached once has its turn.
    """
    kinds = ["hello", "path", "query", "json", "form", "cookie", "rows"]
    found = {}
    for app, name in USUAL.items():
        with serve(name, "app", world.environ, folder) as server:
            server.wait()
            fresh = processes.memory(server.pid)
            sent = {"answers": 0, "errors": 0}
            _send(server, world, kinds, WARMUP, sent)
            idle = processes.memory(server.pid)
            _send(server, world, kinds, REQUESTS, sent)
            after = processes.memory(server.pid)
        mebibyte = 1024 * 1024
        facts = {"MiB fresh": fresh / mebibyte, "MiB idle": idle / mebibyte}
        facts |= {"MiB after": after / mebibyte, "requests": float(sent["answers"])}
        found[app] = Measured(Spread.of([after / idle]), facts, sent["errors"])
    return found


def _twin(app: str) -> str:
    return f"{TWIN} of {app}"


def _send(
    server: Server, world: World, kinds: list[str], requests: int, sent: dict[str, int]
) -> None:
    for kind in kinds:
        share = requests // 50 if kind == "rows" else requests // (len(kinds) - 1)
        done = load.closed(
            server.port, ENDPOINTS[kind].request(world), 8, load.PATIENCE * 6, answers=share
        )
        sent["answers"] += done.answers
        sent["errors"] += done.failed


def _loop(server: Server, request: Request, connections: int, seconds: float) -> Callable[[], Cell]:
    return lambda: cell(server, request, connections, seconds)


def _ratios(cells: list[Cell], reference: list[Cell]) -> list[float]:
    pairs = zip(cells, reference, strict=True)
    return [one.load.rate / max(other.load.rate, 1e-9) for one, other in pairs]


def _cpu(cells: list[Cell]) -> float:
    return median(cell.per_answer for cell in cells)
