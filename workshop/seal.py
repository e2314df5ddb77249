"""What judges must be what it was: a test that is deleted, or changed, proves nothing."""

import subprocess
from hashlib import sha256
from pathlib import Path

from workshop.course import ROOT
from workshop.progress import Progress

JUDGES = ("contract_tests", "flask_app", "fastapi_app", "shared", "compat", "topics.toml")


def digests() -> dict[str, str]:
    """The digest of each file that has a say in whether a step is done."""
    files = [
        file
        for name in JUDGES
        for file in sorted([ROOT / name, *(ROOT / name).rglob("*")])
        if file.is_file() and not _is_litter(file)
    ]
    return {str(f.relative_to(ROOT)): sha256(f.read_bytes()).hexdigest() for f in files}


def broken(progress: Progress) -> list[str]:
    """The files that are not as they were when the reader began.

    Where git says that all of them are as committed, the repository was updated: that counts from
    now on, as does what is there at the beginning.
    """
    found = digests()
    if not progress.contract or (found != progress.contract and _as_committed()):
        progress.contract = found
        progress.save()
    before = progress.contract
    return sorted(n for n in {*before, *found} if before.get(n) != found.get(n))


def _as_committed() -> bool:
    command = ["git", "-C", str(ROOT), "status", "--porcelain", "--", *JUDGES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    changed = [name for line in done.stdout.splitlines() if not _is_litter(Path(name := line[3:]))]
    return done.returncode == 0 and not changed and (ROOT / ".git").exists()


def _is_litter(file: Path) -> bool:
    """What Python, editors and desktops leave behind."""
    return "__pycache__" in file.parts or file.name.startswith(".") or file.name.endswith("~")
