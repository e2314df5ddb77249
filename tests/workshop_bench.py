"""A workshop in a copy of the repository: `python -m tests.workshop_bench`, in the copy's root.

Each line of its input is a list, the name of a function below and its arguments; each line of its
output is the answer. One process for all, so that Flask starts once.
"""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from typing import Any

from workshop import __main__ as commands
from workshop import course, installing, progress, starters
from workshop.course import ROOT
from workshop.judge import Judge, JudgeError


class Bench:
    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def solve(self, *slugs: str) -> None:
        for slug in slugs:
            step = course.find(slug)
            installing.install(step, starters.solution(step))

    def restore(self, *slugs: str) -> None:
        for slug in slugs or course.load():
            step = course.find(slug)
            (ROOT / step.file).write_text(starters.starter(step), encoding="utf-8")

    def check(self, slug: str, part: str = "all") -> dict[str, Any]:
        try:
            verdict = self.judge.check(course.find(slug), progress.load(), core=part == "core")
        except JudgeError as error:
            return {"state": "no verdict", "reason": str(error)}
        report = self.judge.report()
        return {
            **vars(verdict),
            "step": verdict.step.slug,
            "whole": [slug for slug, ported in report.topics.items() if not ported.missing],
            "begun": [slug for slug, ported in report.topics.items() if ported.mine],
            "flask": report.has_flask,
        }

    def run(self, *words: str) -> tuple[int, str]:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            status = commands.main(list(words))
        return status, out.getvalue()


def main() -> None:
    installing.create()
    with Judge() as judge:
        bench = Bench(judge)
        for line in sys.stdin:
            name, *words = json.loads(line)
            act: Callable[..., Any] = getattr(bench, name)
            sys.stdout.write(json.dumps(act(*words)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
