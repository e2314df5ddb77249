"""Tries mutants: each gets a server of its own, and tests until one fails.

A worker is one long pytest run. It imports and collects the suite once; for each mutant it forks,
and the child runs the tests that it is told to, the likely killers first.
"""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import py_compile
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import pytest

from contract_tests.case import Case
from contract_tests.conftest import CASE, MATRIX, TARGET
from contract_tests.exchange import RUN, Run
from contract_tests.targets import ENVIRON, bare_session
from mutation.coverage import Clock, Coverage
from mutation.mutants import ROOT, Mutant
from mutation.nursery import Child, NotStarted, Nursery

APPS = ("flask", "fastapi")
PARTS = ("flask_app", "fastapi_app", "shared", "compat", "servers")
Outcome = Literal["killed", "timed out", "not started", "survived"]


@dataclass(frozen=True)
class Job:
    """A mutant and how to try it.

    `first` are tests to begin with, `topics` those whose tests come next; `limit` is in seconds.
    """

    mutant: Mutant
    topics: Sequence[str]
    first: Sequence[str]
    limit: float


@dataclass(frozen=True)
class Verdict:
    """What became of a job; `by` is the test that failed, `told` the end of a server's log."""

    outcome: Outcome
    by: str = ""
    told: str = ""
    seconds: float = 0


def work(jobs: Connection, noting: bool) -> None:
    """The main function of a worker process.

    Sends the verdict on the suite without a mutant, then answers each Job with a Verdict, until
    None comes. With `noting` the first run notes which test calls what; else any test may notice
    any mutant.
    """
    os.chdir(ROOT)
    # Nobody reads pytest's own report.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        stand_in() as url,
        Nursery({**ENVIRON, "UPSTREAM_URL": url}) as nursery,
    ):
        bench = Bench(Path(folder), nursery, noting=noting)
        options = ["contract_tests", "-q", "-p", "no:cacheprovider", "--tb=no"]
        for name, server in bench.untouched.items():
            options += ["--target", f"{name}={server.url}"]
        pytest.main(options, plugins=[Trials(jobs, bench)])


@contextlib.contextmanager
def stand_in() -> Iterator[str]:
    """The services that the apps ask, in a process of their own: one that forks has no threads."""
    command = [sys.executable, "-m", "servers.upstream", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class Bench:
    """The copy of the repository that is changed, and the servers of the untouched apps."""

    def __init__(self, folder: Path, nursery: Nursery, *, noting: bool) -> None:
        self.folder, self.nursery, self.noting = folder, nursery, noting
        for part in PARTS:
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=skipped)
            # By their text, not by their time: a change may come within the same second.
            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            compileall.compile_dir(folder / part, quiet=2, invalidation_mode=mode)
        self.clock = Clock(folder / "clock")
        trace = (str(self.clock.path), str(folder / "notes")) if noting else ()
        self.untouched = {name: self._start(name, trace) for name in APPS}

    def coverage(self) -> Coverage | None:
        """What the first run called, if it was noted; the untouched servers end here."""
        for server in self.untouched.values():
            server.kill()
        return Coverage(self.folder, self.folder / "notes") if self.noting else None

    @contextlib.contextmanager
    def changed(self, mutant: Mutant) -> Iterator[dict[str, str]]:
        """The URLs of the servers that serve a mutant, where they are not the untouched ones."""
        path = self.folder / mutant.file
        before = path.read_bytes()
        children: list[Child] = []
        # What the tests of earlier mutants have left must kill none: failed logins add up.
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        try:
            mutant.apply(self.folder)
            urls = {}
            for name in concerned(mutant.file):
                children.append(self._start(name))
                urls[name] = children[-1].url
            yield urls
        finally:
            for child in children:
                child.kill()
            path.write_bytes(before)

    def _start(self, name: str, trace: Sequence[str] = ()) -> Child:
        return self.nursery.start(name, self.folder, self.folder / f"{name}.log", trace=trace)


def concerned(file: str) -> tuple[str, ...]:
    """The apps that a file belongs to."""
    if file.startswith("shared/"):
        return APPS
    return ("flask",) if file.startswith("flask_app/") else ("fastapi",)


class Trials:
    """A pytest plugin: it runs the suite once, then answers jobs.

    Of the first run it keeps what was asked and answered, so that a mutant is compared with the
    other app without asking that one again.
    """

    def __init__(self, jobs: Connection, bench: Bench) -> None:
        self.jobs, self.bench = jobs, bench
        self.known: dict[tuple[str, str], Run] = {}
        self.names: dict[int, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        if TARGET in item.stash:
            self.names[self.bench.clock.tick()] = test_name(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Iterator[None]:
        run = pyfuncitem.stash.get(RUN, None)
        result = yield
        if run is not None:
            self.known[test_name(pyfuncitem), run.target.name] = run
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = [item for item in session.items if CASE in item.stash]
        if session.testsfailed or (name := first_failing(session, items)):
            self.jobs.send(Verdict("killed", name or "the suite cannot be collected"))
            return True
        coverage = self.bench.coverage()
        self.jobs.send(Verdict("survived"))
        while (job := self.jobs.recv()) is not None:
            began = time.monotonic()
            verdict = self._try(session, job, coverage)
            spent = round(time.monotonic() - began, 2)
            self.jobs.send(Verdict(verdict.outcome, verdict.by, verdict.told, spent))
        return True

    def _try(self, session: pytest.Session, job: Job, coverage: Coverage | None) -> Verdict:
        apps = concerned(job.mutant.file)
        items = [item for item in chosen(session.items, job) if item.stash[TARGET].name in apps]
        mutant = job.mutant
        able = coverage.tests(mutant.file, mutant.line, self.names) if coverage else None
        if able is not None:
            items = [item for item in items if test_name(item) in able]
        try:
            with self.bench.changed(mutant) as urls:
                return self._forked(session, items, urls, job.limit)
        except NotStarted as error:
            return Verdict("not started", told=str(error))

    def _forked(
        self,
        session: pytest.Session,
        items: Sequence[pytest.Item],
        urls: dict[str, str],
        limit: float,
    ) -> Verdict:
        """Run the tests in a child process until one fails; the parent stays as it is."""
        reading, writing = os.pipe()
        if not (pid := os.fork()):
            name = ""
            try:
                os.close(reading)
                name = self._in_child(session, items, urls)
            except BaseException as error:
                name = f"{type(error).__name__}: {error}"
            finally:
                os.write(writing, json.dumps(name[:2000]).encode())
                os._exit(0)
        os.close(writing)
        with open(reading, "rb") as pipe:
            ready = select.select([pipe], [], [], limit)[0]
            if not ready:
                os.kill(pid, signal.SIGKILL)
            answer = pipe.read() if ready else b""
        os.waitpid(pid, 0)
        if not ready:
            return Verdict("timed out")
        by = json.loads(answer) if answer else "the process of the tests died"
        return Verdict("killed", by) if by else Verdict("survived")

    def _in_child(
        self, session: pytest.Session, items: Sequence[pytest.Item], urls: dict[str, str]
    ) -> str:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for target in session.config.stash[MATRIX].targets:
            target.url = urls.get(target.name, target.url)
            target.session = bare_session()  # the parent's connections are the parent's
        for item in items:
            self._recall(item.stash[CASE], item, urls)
        return first_failing(session, items)

    def _recall(self, case: Case, item: pytest.Item, urls: dict[str, str]) -> None:
        """Put a case into the state after the run on the app that is not changed."""
        case.first, case.runs, case.to_come = None, 0, len(urls)
        for app in APPS:
            if app not in urls:
                case.first, case.runs, case.to_come = self.known[test_name(item), app], 1, 1


def test_name(item: pytest.Item) -> str:
    """A test with its parameters, without the target: what is run together on both."""
    return item.nodeid.removesuffix(f"{item.stash[TARGET].name}]")


def chosen(items: Sequence[pytest.Item], job: Job) -> list[pytest.Item]:
    """The job's tests, those to begin with first, then one of each topic in turn.

    The two runs of a test stay together.
    """
    topics = {topic: place for place, topic in enumerate(job.topics)}
    ranks = {name: place for place, name in enumerate(job.first)}
    found = [item for item in items if CASE in item.stash]
    turns: dict[str, dict[str, int]] = defaultdict(dict)  # of each topic, its tests' places
    for item in found:
        turn = turns[item.stash[CASE].topic]
        turn.setdefault(test_name(item), len(turn))

    def key(item: pytest.Item) -> tuple[int, int, int]:
        name, topic = test_name(item), item.stash[CASE].topic
        first, near = ranks.get(name, len(ranks)), topics.get(topic, len(topics))
        return first, near, turns[topic][name]

    return sorted(found, key=key)


def first_failing(session: pytest.Session, items: Sequence[pytest.Item]) -> str:
    """Run tests until one fails; its name, "" if none does."""
    for item, following in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed or session.shouldfail:
            return test_name(item)
    return ""
