"""One run of pytest: the contract on some steps, each answer compared with that of Flask alone."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from migration.steps import Step
from reading.topics import ROOT

REFERENCE = "flask"
SHARE = re.compile(rb"\[ *(\d+)%\]")
Key = tuple[Step, str]
Cells = dict[Key, Counter[str]]


class Trial:
    """Keeps what pytest says and reports in a new `folder`. `start` it once.

    `wanted` are the steps and topics to run; all of them if it is None.
    """

    def __init__(
        self, steps: Sequence[Step], folder: Path, wanted: Sequence[Key] | None = None
    ) -> None:
        self.steps, self.folder, self.log = steps, folder, folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        self.log.touch()
        if wanted is not None:
            chosen = [(topic, step.serving) for step, topic in wanted if step in steps]
            compared = [(topic, REFERENCE) for topic, _ in chosen]
            self._only.write_text(json.dumps([*dict.fromkeys(compared), *chosen]), "utf-8")

    def start(self, tests: Sequence[str]) -> None:
        """Start pytest; `tests` are its arguments, and say which tests."""
        names = [REFERENCE, *(step.serving for step in self.steps)]
        options = ["-p", "migration.footprint"]
        choice = f"--only={self._only}" if self._only.is_file() else ""
        options.append(choice or f"--footprints={self._footprints}")
        options += [f"--report-json={self._report}", "-p", "no:cacheprovider"]
        servings = [word for name in names for word in ("--serving", name)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *options, *servings, *tests],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> None:
        """Have it end, if it runs. pytest stops its servers; `wait` for that."""
        if self.running and self.process:
            self.process.terminate()

    def wait(self) -> None:
        if self.process:
            self.process.wait()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def passed(self) -> bool:
        return self.process is not None and self.process.poll() == 0

    @property
    def share(self) -> float:
        """How much of it has run, 0 to 1."""
        shares = SHARE.findall(self.log.read_bytes())
        return int(shares[-1]) / 100 if shares else 0

    def cells(self) -> Cells:
        """How many tests passed and failed at each step in each topic; nothing if none ran."""
        document: dict[str, Any] = _read(self._report) or {"topics": []}
        return {
            (step, topic["slug"]): Counter(topic["targets"][step.serving])
            for topic in document["topics"]
            for step in self.steps
            if step.serving in topic["targets"]
        }

    def footprints(self) -> dict[str, set[str]]:
        """The topics that the tests of each topic turned to, by `migration.footprint`."""
        found: dict[str, list[str]] = _read(self._footprints) or {}
        return {topic: set(touched) for topic, touched in found.items()}

    @property
    def _report(self) -> Path:
        return self.folder / "report.json"

    @property
    def _footprints(self) -> Path:
        return self.folder / "footprints.json"

    @property
    def _only(self) -> Path:
        return self.folder / "only.json"


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8")) if file.is_file() else None
