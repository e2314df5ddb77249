"""What a server's processes take: processor time and memory of the whole tree."""

import contextlib
import os
from collections.abc import Iterator

import psutil


def tree(pid: int) -> Iterator[psutil.Process]:
    """The process and all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        yield parent
        yield from parent.children(recursive=True)


def cpu(pid: int) -> float:
    """Seconds of processor time that the tree has taken; a process that has ended counts with the
    parent that waited for it."""
    spent = 0.0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            times = process.cpu_times()
            spent += times.user + times.system
            if process.pid == pid:
                spent += times.children_user + times.children_system
    return spent


def memory(pid: int) -> int:
    """Bytes that the tree keeps in memory. Pages that processes share count once for each."""
    kept = 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            kept += process.memory_info().rss
    return kept


def can_pin() -> bool:
    """Whether a process can be bound to a core here: Linux can, macOS cannot."""
    return hasattr(os, "sched_setaffinity") and len(cores()) > 1


def cores() -> list[int]:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(pid: int, chosen: list[int]) -> None:
    """Bind all threads of the tree to these cores. Linux only."""
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            for thread in process.threads():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(thread.id, chosen)
