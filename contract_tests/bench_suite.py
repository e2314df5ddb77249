"""What the suite costs beside what it cannot do without: `python -m contract_tests.bench_suite`.

The floor is an empty pytest run of as many tests, plus the same requests sent by a bare
`requests.Session` for each target, plus the start of both servers together. Floor and suite are
measured in turn, round after round. Arguments that are not known here go to pytest, in place of
`contract_tests`.
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import requests

from contract_tests import raw, targets
from contract_tests.exchange import RUN, Run

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 1.25
PARTS = ("empty pytest", "requests", "start", "floor", "suite", "suite / floor")


class Recorder:
    """A pytest plugin that keeps every run of the suite, and how many tests each file has."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.files: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        self.files[item.path.name] += 1
        if RUN in item.stash:
            self.runs.append(item.stash[RUN])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    options, pytest_options = parser.parse_known_args()
    suite = ["-q", *(pytest_options or ["contract_tests"])]
    recorder = Recorder()
    if status := pytest.main([*suite, "--no-header"], plugins=[recorder]):
        print(f"the suite must pass before it is measured (exit status {status})")
        return int(status)
    print(
        "\nThe floor: an empty pytest run, the same requests by a bare session, the servers' start."
    )
    print(f"{sum(recorder.files.values())} tests, seconds in each round")
    print(*(part.rjust(13) for part in PARTS))
    ratios = [_round(recorder, suite) for _ in range(options.rounds)]
    middle = statistics.median(ratios)
    print(f"\nsuite / floor: {middle:.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")
    print(f"at most {LIMIT} is wanted: {_verdict(ratios)}")
    return 0


def _verdict(ratios: Sequence[float]) -> str:
    if min(ratios) <= LIMIT < max(ratios):
        held = "kept" if statistics.median(ratios) <= LIMIT else "missed"
        return f"{held} by the middle of the rounds, on a machine too noisy to be sure"
    return "kept" if max(ratios) <= LIMIT else "missed"


def _round(recorder: Recorder, suite: Sequence[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        for name, count in recorder.files.items():
            Path(folder, name).write_text(
                "import pytest\n\n\n"
                f'@pytest.mark.parametrize("number", range({count}))\n'
                "def test_nothing(number):\n    pass\n"
            )
        empty = _timed(lambda: _pytest([folder, "-q", "--confcutdir", folder]))
    start, sent = _floor(recorder.runs)
    whole = _timed(lambda: _pytest(suite))
    floor = empty + sent + start
    row = (empty, sent, start, floor, whole, whole / floor)
    print(*(f"{value:13.2f}" for value in row))
    return whole / floor


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _pytest(arguments: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _floor(runs: Sequence[Run]) -> tuple[float, float]:
    """The seconds that the servers take to start, and the recorded requests to be answered."""
    urls = {run.target.name: run.target.url for run in runs}
    again = targets.served(list(urls))
    with tempfile.TemporaryDirectory() as logs, contextlib.ExitStack() as stack:
        before = time.perf_counter()
        targets.start(again, Path(logs), stack)
        targets.wait(again)
        start = time.perf_counter() - before
        sessions = {each.name: (each, stack.enter_context(requests.Session())) for each in again}
        before = time.perf_counter()
        for run in runs:
            _replay(run, *sessions[run.target.name])
        return start, time.perf_counter() - before


def _replay(run: Run, target: targets.Target, session: requests.Session) -> None:
    """Send a run's requests again. Streamed bodies are spent and left out: the floor is lower."""
    for exchange in run.exchanges:
        request = exchange.request
        if isinstance(request, bytes):
            raw.converse(target.address, request, answers=1, finish=False, wait=10)
        elif request is not None and isinstance(request.body, (bytes, str, type(None))):
            session.request(
                request.method or "",
                target.url + request.path_url,
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            )


if __name__ == "__main__":
    sys.exit(main())
