"""The reader's files: made once, kept through updates, set aside before they are replaced."""

from pathlib import Path

from workshop import course, starters
from workshop.course import MY_APP, ROOT, Step

BACKUPS = MY_APP / "backups"


def create() -> list[Path]:
    """Make what is missing of the reader's app, and say what was made. Nothing is overwritten."""
    wanted = {step.file: starters.starter(step) for step in course.load().values()}
    made = [path for path in {**starters.package(), **wanted} if not (ROOT / path).exists()]
    for path in made:
        _write(path, starters.package().get(path) or wanted[path])
    return made


def install(step: Step, text: str) -> Path | None:
    """Replace a step's file; returns where the reader's own one is kept, if it was another."""
    path = ROOT / step.file
    kept = None
    ours = {text, starters.starter(step), starters.solution(step)}
    if path.is_file() and path.read_text(encoding="utf-8") not in ours:
        kept = _backup_path(step)
        _write(kept, path.read_text(encoding="utf-8"))
    _write(step.file, text)
    return kept


def _backup_path(step: Step) -> Path:
    number = 1
    while (ROOT / (path := BACKUPS / f"{step.slug}-{number}.py")).exists():
        number += 1
    return path


def _write(path: Path, text: str) -> None:
    file = ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
