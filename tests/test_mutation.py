"""`make mutants`: what is changed, what is kept of a run, and a sample of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

import pytest

from mutation import run
from mutation.coverage import function_at
from mutation.mutants import Mutant, files, mutants, sample
from mutation.results import (
    Equivalent,
    Result,
    Results,
    equivalents,
    gone,
    killers_hash,
    listed,
)
from mutation.run import LIMIT, PATIENCE, pending, trial
from mutation.trial import Job, Outcome, Verdict, first_failing

SAMPLE = 40
SEED = 1
SOURCE = '''"""A docstring."""

from typing import Annotated


def limit(
    size: Annotated[int, "at least 1"],
    most: int = 3,
) -> int:
    return min(
        size,
        most,
    )
'''


@pytest.fixture(scope="module")
def every() -> list[Mutant]:
    return [mutant for file in files() for mutant in mutants(file)]


def of_source(folder: Path, file: str) -> list[Mutant]:
    path = folder / file
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE, encoding="utf-8")
    return mutants(file, folder)


def changes(found: list[Mutant]) -> list[tuple[str, str]]:
    return [(mutant.before.strip(), mutant.after.strip()) for mutant in found]


def result(mutant: Mutant, outcome: Outcome, *, suite: str = "") -> Result:
    by = "contract_tests/test_hello.py::test_a" if outcome == "killed" else ""
    return Result(mutant.key, suite or killers_hash(by), mutant.file, outcome, by, 1.0)


def test_numbers_and_arguments_are_changed(tmp_path: Path) -> None:
    found = changes(of_source(tmp_path, "compat/a.py"))
    assert ("most: int = 3,", "most: int = 4,") in found
    assert any("size" not in after for before, after in found if before.startswith("return min"))


def test_annotations_are_changed_where_they_are_read(tmp_path: Path) -> None:
    flask, fastapi = (
        changes(of_source(tmp_path, f"{app}/a.py")) for app in ("flask_app", "fastapi_app")
    )
    line = 'size: Annotated[int, "at least 1"],'
    assert not [after for before, after in flask if before == line]
    assert [after for before, after in fastapi if before == line]


def test_a_mutant_is_python_and_differs_in_the_lines_that_it_names(tmp_path: Path) -> None:
    for mutant in of_source(tmp_path, "compat/a.py"):
        path = tmp_path / mutant.file
        path.write_text(SOURCE, encoding="utf-8")
        mutant.apply(tmp_path)
        text = path.read_text(encoding="utf-8")
        assert text != SOURCE and text.replace(mutant.after, mutant.before) == SOURCE
        ast.parse(text)


def test_a_mutant_of_other_code_is_refused(tmp_path: Path) -> None:
    mutant = of_source(tmp_path, "compat/a.py")[-1]
    (tmp_path / mutant.file).write_text("\n" + SOURCE, encoding="utf-8")
    with pytest.raises(ValueError, match="no longer reads"):
        mutant.apply(tmp_path)


@pytest.mark.slow
def test_each_mutant_of_the_repository_has_a_key_of_its_own(every: list[Mutant]) -> None:
    assert len({mutant.key for mutant in every}) == len(every) > 1000


def test_a_sample_stays_when_other_mutants_come(tmp_path: Path) -> None:
    found = of_source(tmp_path, "compat/a.py")
    chosen = sample(found, 3, SEED)
    others = [mutant for mutant in found if mutant not in chosen]
    assert sample([*others[2:], *chosen], 3, SEED) == chosen
    assert sample(found, 3, SEED + 1) != chosen


def test_a_line_belongs_to_the_innermost_function_that_runs_it() -> None:
    source = "x = 1\n\n@a\ndef f(\n    y=2,\n):\n    def g():\n        return y\n    return g\n"
    assert [function_at(source, line) for line in (1, 3, 5, 7, 8, 9)] == [None, None, None, 3, 7, 3]


def test_what_was_tried_by_these_tests_is_not_tried_again(tmp_path: Path) -> None:
    killed, survived, new = mutants("flask_app/routes/hello.py")[:3]
    results = Results(tmp_path / "results.jsonl")
    results.add(result(killed, "killed"))
    results.add(result(survived, "survived"))
    again = Results(results.path)
    assert pending([killed, survived, new], again, {}, only_new=False) == [new]


def test_what_other_tests_tried_is_tried_again(tmp_path: Path) -> None:
    killed, survived = mutants("flask_app/routes/hello.py")[:2]
    results = Results(tmp_path / "results.jsonl")
    results.add(result(killed, "killed", suite="another"))
    results.add(result(survived, "survived", suite="another"))
    assert pending([killed, survived], results, {}, only_new=False) == [killed, survived]
    assert pending([killed, survived], results, {}, only_new=True) == [survived]


def test_what_was_killed_elsewhere_counts_with_the_kills_that_are_kept(tmp_path: Path) -> None:
    killed, survived, new = every = mutants("flask_app/routes/hello.py")[:3]
    here = Results(tmp_path / "results.jsonl", tmp_path / "killed.txt")
    here.add(result(killed, "killed"))
    here.add(result(survived, "survived"))
    here.keep(every)
    elsewhere = Results(tmp_path / "other.jsonl", here.killed)
    assert pending(every, elsewhere, {}, only_new=True) == [survived, new]
    assert pending(every, elsewhere, {}, only_new=False) == every
    elsewhere.add(result(killed, "survived"))
    elsewhere.keep(every)
    assert here.killed.read_text() == ""


def test_what_is_listed_is_nothing_new(tmp_path: Path) -> None:
    explained, new = mutants("flask_app/routes/hello.py")[:2]
    places = (explained.file, explained.before.strip(), explained.after.strip(), explained.nth)
    known = {places: Equivalent(*places, reason="a reason")}
    results = Results(tmp_path / "results.jsonl", tmp_path / "killed.txt")
    assert pending([explained, new], results, known, only_new=True) == [new]
    assert pending([explained, new], results, known, only_new=False) == [explained, new]


def test_what_nobody_notices_soon_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = mutants("flask_app/routes/hello.py")[:2]
    asked: list[tuple[Mutant, float]] = []

    def work(jobs: Connection) -> None:
        jobs.send(Verdict("survived"))
        for _ in range(3):
            job: Job = jobs.recv()
            asked.append((job.mutant, job.limit))
            late = job.mutant == slow and job.limit == PATIENCE
            jobs.send(Verdict("timed out") if late else Verdict("killed", "a test"))

    @contextmanager
    def workers(count: int, *, noting: bool) -> Iterator[list[Connection]]:
        ours, theirs = Pipe()
        thread = Thread(target=work, args=(theirs,))
        thread.start()
        yield [ours]
        thread.join()

    monkeypatch.setattr(run, "_workers", workers)
    results = Results(tmp_path / "results.jsonl", tmp_path / "killed.txt")
    tried = [mutant for mutant, _ in trial([slow, quick], results)]
    assert tried == [quick, slow]
    assert asked == [(slow, PATIENCE), (quick, PATIENCE), (slow, LIMIT)]


def test_a_mutant_that_no_test_runs_is_not_killed(request: pytest.FixtureRequest) -> None:
    assert first_failing(request.session, []) == ""


def test_a_kill_rests_on_the_tests_of_one_topic() -> None:
    kills = {killers_hash(f"contract_tests/test_{topic}.py::test_a") for topic in ("form", "cors")}
    assert len({killers_hash(""), *kills}) == 3


@pytest.mark.slow
def test_each_listed_mutant_is_one_of_the_code_and_has_a_reason(every: list[Mutant]) -> None:
    known = equivalents()
    assert gone(every, known) == []
    assert all(len(entry.reason) > 20 for entry in known.values())


@pytest.mark.slow
def test_the_contract_notices_a_sample_of_mutants(every: list[Mutant], tmp_path: Path) -> None:
    known = equivalents()
    apps = [mutant for mutant in every if "_app/" in mutant.file]
    noticeable = [mutant for mutant in apps if not listed(mutant, known)]
    tried = list(trial(sample(noticeable, SAMPLE, SEED), Results(tmp_path / "results.jsonl")))
    assert len(tried) == SAMPLE
    alive = [mutant.diff() for mutant, result in tried if result.outcome == "survived"]
    assert not alive, "\n\n".join(alive)
