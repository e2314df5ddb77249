"""What the reader has done so far: a small file in their app, which survives a restart."""

import json
import os
from dataclasses import asdict, dataclass, field
from hashlib import sha256

from workshop import course
from workshop.course import MY_APP, ROOT, Step

FILE = MY_APP / "progress.json"


@dataclass
class Progress:
    """`done` has the digest of each file that passed; `hints` how many were shown; `contract` the
    digests of what judges."""

    done: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    contract: dict[str, str] = field(default_factory=dict)

    def over(self, step: Step) -> bool:
        """Whether the reader need not come back to it."""
        return step.slug in self.done or step.slug in self.skipped

    def changed(self, step: Step) -> bool:
        """Whether a step that was done is no longer what passed."""
        return step.slug in self.done and self.done[step.slug] != digest(step)

    def current(self) -> Step | None:
        """The first step that is neither done nor skipped."""
        return next((step for step in course.load().values() if not self.over(step)), None)

    def pass_(self, step: Step) -> None:
        self.done[step.slug] = digest(step)
        self.skipped = [slug for slug in self.skipped if slug != step.slug]

    def skip(self, step: Step) -> None:
        self.forget(step)
        self.skipped.append(step.slug)

    def forget(self, step: Step) -> None:
        self.done.pop(step.slug, None)
        self.skipped = [slug for slug in self.skipped if slug != step.slug]

    def save(self) -> None:
        """Write the file as a whole or not at all."""
        path = ROOT / FILE
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        new.replace(path)


def load() -> Progress:
    """The progress so far; none where the file is not there, or is of no use."""
    try:
        found = json.loads((ROOT / FILE).read_text(encoding="utf-8"))
        known = course.load()
        progress = Progress(**found)
        progress.done = {slug: text for slug, text in progress.done.items() if slug in known}
        progress.skipped = [slug for slug in progress.skipped if slug in known]
        return progress
    except (OSError, ValueError, TypeError, AttributeError):
        return Progress()


def digest(step: Step) -> str:
    """What a file is recognised by; "" for one that is not there."""
    path = ROOT / step.file
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
