"""The workshop: `python -m workshop` watches and judges; `make help` lists the other commands."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from servers.running import ServerError
from workshop import board, course, hints, installing, progress, starters, watching
from workshop.course import MY_APP, Step, UnknownStep
from workshop.judge import Judge, JudgeError, State
from workshop.progress import Progress
from workshop.watching import PortError

ENOUGH_HINTS = 2  # after so many the solution is shown


def main(arguments: Sequence[str] | None = None) -> int:
    """0; 1 if a step is not done or something is not shown yet; 2 for a name that is none."""
    parser = argparse.ArgumentParser(prog="python -m workshop", description=__doc__)
    parser.add_argument("command", nargs="?", default="watch", choices=["watch", *COMMANDS])
    parser.add_argument("step", nargs="?", default="")
    options = parser.parse_args(arguments)
    # What was started has to be stopped. A shell's background job is told to ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    made = installing.create()
    if len(made) > 1:
        print(f"made {MY_APP}/, {len(made)} files")
    elif made:
        print(f"made {made[0]}")
    try:
        if options.command == "watch":
            return watching.watch()
        if options.command == "status":
            return status()
        return COMMANDS[options.command](course.find(options.step), progress.load())
    except UnknownStep as error:
        board.show([str(error), *board.steps(progress.load())])
        return 2
    except (JudgeError, PortError, ServerError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def status() -> int:
    known = progress.load()
    board.show([*board.grid(known), "", *board.next_step(known)])
    return 0


def check(step: Step, known: Progress) -> int:
    """Judge one step."""
    port = watching.wanted_port()
    with Judge() as judge:
        verdict = judge.check(step, known)
    watching.note(verdict)
    known = progress.load()
    # The app has ended; that of `make workshop` can be asked again.
    lasting = verdict.detail.replace(judge.url, f"http://127.0.0.1:{port}")
    board.show(board.verdict(replace(verdict, detail=lasting)))
    if lasting != verdict.detail:
        board.show(["", "To send that request, let `make workshop` run in another terminal."])
    if verdict.state is State.DONE:
        board.show(["", *board.next_step(known)])
    return 0 if verdict.state is State.DONE else 1


def hint(step: Step, known: Progress) -> int:
    """One hint more than before; after the last, the last again."""
    number = min(known.hints.get(step.slug, 0) + 1, hints.COUNT)
    known.hints[step.slug] = number
    known.save()
    board.show([f"{step.slug}, hint {number} of {hints.COUNT}: {hints.load(step)[number - 1]}"])
    after = "solution" if number >= ENOUGH_HINTS else "hint"
    board.show(["", f"More: make {'hint' if number < hints.COUNT else after} STEP={step.slug}"])
    return 0


def solution(step: Step, known: Progress) -> int:
    """The twin file, against what the reader wrote."""
    seen = known.hints.get(step.slug, 0)
    if not known.over(step) and seen < ENOUGH_HINTS:
        print(f"After {ENOUGH_HINTS} hints, or a pass: make hint STEP={step.slug}")
        return 1
    board.show(board.difference(step, course.read(step.file), starters.solution(step)))
    return 0


def reset(step: Step, known: Progress) -> int:
    """The starter again; the reader's file is kept."""
    kept = installing.install(step, starters.starter(step))
    known.forget(step)
    known.save()
    where = f"; yours is kept as {kept}" if kept else ""
    print(f"{step.file} is the starter again{where}")
    board.show(["", *board.next_step(known)])
    return 0


def skip(step: Step, known: Progress) -> int:
    """The solutions of a step and of all before it that are not done."""
    for each in course.load().values():
        if each.number > step.number or known.over(each):
            continue
        kept = installing.install(each, starters.solution(each))
        known.skip(each)
        where = f"; yours is kept as {kept}" if kept else ""
        print(f"skipped {each.slug}{where}")
    known.save()
    board.show(["", *board.next_step(known)])
    return 0


COMMANDS: dict[str, Callable[[Step, Progress], int]] = {
    "check": check,
    "hint": hint,
    "solution": solution,
    "reset": reset,
    "skip": skip,
    "status": lambda *_: status(),
}

if __name__ == "__main__":
    sys.exit(main())
