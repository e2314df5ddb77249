"""Whether a step is done: its contract, on the reader's app and on Flask, every answer compared."""

import ast
import errno
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from contract_tests.targets import ENVIRON
from servers.running import Running, ServerError, free_port, kill_group, start, stop_all
from servers.servings import SERVINGS, UVICORN, Serving
from servers.upstream import StandIn
from workshop import borrowing, course, seal
from workshop.course import ROOT, Step
from workshop.progress import Progress
from workshop.serving import REPORT, Report
from workshop.spare import GO
from workshop.witness import FINDINGS, MINE, REFERENCE

POLL = 0.02  # seconds
PLACE = re.compile(r"^workshop/my_app/\S+:\d+ \w+$", re.MULTILINE)
LOGGED = re.compile(r'File "[^"]*?(workshop/my_app/[^"]+)", line (\d+)')
# Not among those that every user of the servers may name.
SERVINGS[MINE] = Serving(
    MINE,
    "fastapi",
    "the workshop's reader",
    "full",
    ("workshop.spare", "--no-access-log", *UVICORN[1:], "workshop.serving:create_app"),
)


class State(StrEnum):
    NOT_PORTED = "not yet ported"
    BROKEN = "contract broken"
    DONE = "done"
    NO_START = "does not start"


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    `place` is a line of the reader's, `detail` what explains the state, `seconds` how long it took.
    """

    step: Step
    state: State
    reason: str
    place: str = ""
    detail: str = ""
    passed: int = 0
    seconds: float = 0.0


class JudgeError(Exception):
    """No verdict is possible, and it is not the reader's doing."""


class Judge:
    """Keeps Flask running and starts the reader's app for each check: use it in a `with` block.

    `port` is that of the reader's app. `prepare`, between two checks, makes the next one faster.
    """

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.mine: Running | None = None
        self.spare: Running | None = None
        self._started = 0
        self._folder = TemporaryDirectory(prefix="workshop-")
        self.folder = Path(self._folder.name)
        self.report_path = self.folder / "report.json"
        self.services = StandIn()
        self.environ = {**ENVIRON, "UPSTREAM_URL": self.services.url}
        self.judges = seal.digests()
        self.flask = start(REFERENCE, log_path=self.folder / "flask.log", environ=self.environ)
        self.prepare()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pipe(self) -> Path:
        return self.folder / "go"

    def prepare(self) -> None:
        """Let a server import what the reader does not write, while they write."""
        if self.spare is None:
            self.pipe.unlink(missing_ok=True)
            os.mkfifo(self.pipe)
            self.spare = self._start({GO: str(self.pipe)})

    def restart(self) -> None:
        """Start the reader's app as its files are now, without waiting."""
        self.stop_mine()
        self.report_path.unlink(missing_ok=True)
        self.mine, self.spare = self._released() or self._start({}), None

    def _start(self, environ: dict[str, str]) -> Running:
        self._started += 1
        return start(
            MINE,
            log_path=self.folder / f"my_app-{self._started}.log",
            port=self.port,
            environ={
                **self.environ,
                **environ,
                REPORT: str(self.report_path),
                "DATABASE_URL": f"sqlite:///{self.folder / 'my_app.db'}",
            },
        )

    def _released(self) -> Running | None:
        """The server that was prepared, told to go on; None if there is none to be had."""
        while self.spare is not None and self.spare.process.poll() is None:
            try:
                os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))
            except OSError as error:
                if error.errno != errno.ENXIO:  # it does not listen yet
                    raise
                time.sleep(POLL)
            else:
                return self.spare
        return None

    def stop_mine(self) -> None:
        if self.mine is not None:
            self.mine.kill()

    def check(self, step: Step, progress: Progress, *, core: bool = False) -> Verdict:
        """Run a step's contract, or the `core` of it alone, on the reader's app, started anew.

        The core is also enough where nothing is ported, and for the last step, which has all
        topics. Raises JudgeError.
        """
        began = time.monotonic()
        if changed := seal.broken(progress):
            raise JudgeError(
                f"{', '.join(changed[:5])}: not as when you began, so nothing is judged."
                "\nBring it back: git restore -- " + " ".join(seal.JUDGES)
            )
        if seal.digests() != self.judges:
            raise JudgeError("The repository was updated meanwhile: start this command again.")
        self.restart()
        found = self._run(step, core=core or not step.is_topic or not _begun(step))
        verdict = self._verdict(step, self.report(), found)
        return Verdict(**{**vars(verdict), "seconds": time.monotonic() - began})

    def report(self) -> Report:
        """What the reader's app said of itself when it was started last."""
        return Report.read(self.report_path) if self.report_path.exists() else Report()

    def _run(self, step: Step, *, core: bool) -> dict[str, Any]:
        """What the witness found; {} when the app does not start."""
        findings = self.folder / "findings.json"
        findings.unlink(missing_ok=True)
        log = self.folder / "contract.log"
        with log.open("wb") as output:
            tests = subprocess.Popen(
                self._command(step, core=core),
                cwd=ROOT,
                env={**os.environ, FINDINGS: str(findings)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            while tests.poll() is None:
                if self.mine is None or self.mine.process.poll() is not None:
                    return {}
                time.sleep(POLL)
        finally:
            if tests.poll() is None:
                kill_group(tests)
        if not findings.exists():
            raise JudgeError(f"the contract did not run:\n{log.read_text(errors='replace')}")
        found: dict[str, Any] = json.loads(findings.read_text(encoding="utf-8"))
        if not found["finished"]:
            raise JudgeError(f"the contract did not run:\n{log.read_text(errors='replace')}")
        return found

    def _command(self, step: Step, *, core: bool) -> list[str]:
        targets = [f"{REFERENCE}={self.flask.url}", f"{MINE}={self.url}"]
        return [
            *(sys.executable, "-m", "pytest", str(step.contract), "-p", "workshop.witness"),
            *(f"--target={target}" for target in targets),
            *("-x", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"),
            *(["-m", "core"] if core else []),
        ]

    def _verdict(self, step: Step, report: Report, found: dict[str, Any]) -> Verdict:
        if report.error or not found:
            return self._no_start(step, report)
        if failure := found["failure"]:
            if failure["target"] == REFERENCE:
                raise JudgeError(
                    "the Flask app fails its own contract; that is not your code:\n"
                    f"{failure['test']}\n{failure['message']}"
                )
            return self._broken(step, failure)
        missing = _missing(step, report)
        if missing:
            line, reason = _flasks_path(step) or (0, missing)
            place = f"{step.file}:{line}" if line else ""
            return Verdict(step, State.NOT_PORTED, reason, place, passed=found["passed"])
        for line, reason in borrowing.find(step, course.read(step.file)):
            place = f"{step.file}:{line}"
            return Verdict(step, State.NOT_PORTED, reason, place, passed=found["passed"])
        return Verdict(step, State.DONE, "every answer is Flask's", passed=found["passed"])

    def _no_start(self, step: Step, report: Report) -> Verdict:
        log = self._log()
        reason = report.error or (log.strip().splitlines() or ["the server ended"])[-1]
        return Verdict(step, State.NO_START, reason, report.place, _line(report.place))

    def _broken(self, step: Step, failure: dict[str, str]) -> Verdict:
        account = failure["account"] or failure["message"]
        found = PLACE.search(account)
        test = failure["test"].replace(f"-{MINE}]", "]").replace(f"[{MINE}]", "")
        place = self._raised() or (found[0] if found else "")
        return Verdict(step, State.BROKEN, test, place, account)

    def _raised(self) -> str:
        """The last exception in the app's log that went through a line of the reader's."""
        for line in reversed(self._log().splitlines()):
            text = str(_parsed(line).get("exception", ""))
            if places := LOGGED.findall(text):
                file, number = places[-1]
                return f"{file}:{number} raised {text.strip().splitlines()[-1]}"
        return ""

    def _log(self) -> str:
        path = self.mine.log_path if self.mine is not None else None
        return path.read_text("utf-8", "replace") if path else ""

    def __enter__(self) -> Self:
        try:
            self.flask.wait_ready(60)
        except ServerError as error:
            self.close()
            raise JudgeError(str(error)) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all that was started."""
        self.stop_mine()
        if self.spare is not None:
            self.spare.kill()
        stop_all([self.flask], grace=0)
        self.services.stop()
        self._folder.cleanup()


def _begun(step: Step) -> bool:
    """Whether the reader has added a handler; until then the core of the contract is enough."""
    try:
        tree = ast.parse(course.read(step.file))
    except (OSError, SyntaxError):
        return False
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "router"
        for node in ast.walk(tree)
    )


def _missing(step: Step, report: Report) -> str:
    """What is still Flask's in this step; "" if nothing is."""
    if step.is_topic:
        return _of_flask(report, step.slug)
    for slug in report.topics:
        if missing := _of_flask(report, slug):
            return f"{slug}: {missing}"
    return "Flask is still in the app" if report.has_flask else ""


def _of_flask(report: Report, slug: str) -> str:
    ported = report.topics[slug]
    if not ported.missing:
        return ""
    if not ported.mine:
        return "green, but Flask answered"
    more = f" and {len(ported.missing) - 1} more" * (len(ported.missing) > 1)
    total = len(ported.mine) + len(ported.missing)
    return f"{len(ported.mine)} of {total} are yours; Flask answered {ported.missing[0]}{more}"


def _flasks_path(step: Step) -> tuple[int, str] | None:
    """The line of a path in Flask's spelling, which FastAPI takes literally, and what is wrong."""
    for node in ast.walk(ast.parse(course.read(step.file))):
        match node:
            case ast.Constant(value=str(path)) if re.match(r"/.*<.+>", path):
                theirs = (
                    f"{path} is Flask's spelling, FastAPI writes {{name}} or {{name:converter}}"
                )
                return node.lineno, f"green, but Flask answered: {theirs}"
    return None


def _line(place: str) -> str:
    """The text of a line, from its place."""
    file, _, number = place.rpartition(":")
    path = ROOT / file
    if not file or not number.isdecimal() or not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[int(number) - 1].strip() if int(number) <= len(lines) else ""


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
