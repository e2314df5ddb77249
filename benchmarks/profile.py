"""Where an endpoint's time goes: `python -m benchmarks.profile order --app flask`.

Prints a tree, and writes it as a page with a flame graph and as a file for speedscope. The profiler
looks at the stack each tenth of a millisecond, in this process and without a server; what runs in a
thread of FastAPI's pool it does not see, so such a handler is called in the event loop instead.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pyinstrument import Profiler
from pyinstrument.renderers import SpeedscopeRenderer

from benchmarks import inprocess
from benchmarks.endpoints import ENDPOINTS
from benchmarks.world import World
from servers.running import ROOT

REPORTS = ROOT / "reports"
INTERVAL = 0.0001  # seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Profile one endpoint of one app, and say where the pictures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("endpoint", nargs="?", default="")
    parser.add_argument("--app", default="flask")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--folder", type=Path, default=REPORTS)
    options = parser.parse_args(arguments)
    if options.endpoint not in ENDPOINTS or options.app not in inprocess.APPS:
        print(
            "Say which: make profile ENDPOINT=order APP=flask (or APP=fastapi). The endpoints are:"
        )
        print(*(f"  {name:12}{endpoint.title}" for name, endpoint in ENDPOINTS.items()), sep="\n")
        return 2
    profiler = profile(options.endpoint, options.app, options.seconds)
    print(profiler.output_text(unicode=True, color=sys.stdout.isatty(), show_all=False))
    for path in write(profiler, options.folder / f"profile-{options.app}-{options.endpoint}"):
        print(f"wrote {path}")
    print("The page opens in a browser; speedscope shows the other file.")
    return 0


def profile(name: str, app: str, seconds: float) -> Profiler:
    """Call the endpoint for so many seconds, and return what was seen."""
    with tempfile.TemporaryDirectory() as folder:
        world = World.make(Path(folder))
        request = ENDPOINTS[name].request(world)
        profiler = Profiler(interval=INTERVAL, async_mode="disabled")
        with inprocess.in_one_thread(), inprocess.apps(world) as callers:
            caller = callers[app]
            answer = caller.call(request)
            if answer.status >= 300:
                raise inprocess.Different(f"{name}: {answer.status} {answer.body[:200]!r}")
            until = time.perf_counter() + seconds
            with profiler:
                while time.perf_counter() < until:
                    caller.repeat(request, 10)
    return profiler


def write(profiler: Profiler, path: Path) -> list[Path]:
    """The page, and the file for speedscope, beside each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page, graph = (path.parent / f"{path.name}{kind}" for kind in (".html", ".speedscope.json"))
    page.write_text(profiler.output_html(), encoding="utf-8")
    told = profiler.output(SpeedscopeRenderer())
    json.loads(told)  # it is read by another program
    graph.write_text(told, encoding="utf-8")
    return [page, graph]


if __name__ == "__main__":
    raise SystemExit(main())
