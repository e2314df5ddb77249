"""How much memory a server holds, with all the processes it started."""

from __future__ import annotations

import subprocess

from contract_tests.targets import Target


def used(target: Target) -> int:
    """Resident memory in MiB of a server that was started here; 0 where that is not known.

    Pages that processes share are counted for each.
    """
    if target.server is None:
        return 0
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=", "-o", "rss="],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    pairs = (line.split() for line in listed.stdout.splitlines())
    group = str(target.server.process.pid)
    return sum(int(size) for leader, size in pairs if leader == group) // 1024


def told(targets: list[Target]) -> str:
    """The memory of each target in words."""
    sizes = [(target.name, used(target)) for target in targets]
    return ", ".join(f"{name} {size} MiB" if size else f"{name} ? MiB" for name, size in sizes)
