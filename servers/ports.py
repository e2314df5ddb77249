"""Is a port free, and if not, who holds it?"""

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path

AIRPLAY = (5000, 7000)
LISTENING = "0A"  # the state's number in /proc/net/tcp


def is_busy(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could not listen on `port`, or somebody answers there already.

    The connection is tried too: macOS lets a second server take 127.0.0.1 while another one
    listens on all addresses.
    """
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, port)) == 0:
            return True
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def holder(port: int) -> str:
    """One sentence on who listens on `port`, as far as this user may know."""
    processes = _holders(port)
    if not processes:
        guess = (
            "macOS's AirPlay receiver listens there" if port in AIRPLAY else "it is another user's"
        )
        return f"its process cannot be seen from here (perhaps {guess})"
    pid, command = next(iter(processes.items()))
    if "servers." in command:
        return f"held by another `make serve` or test run, process {pid}"
    return f"held by process {pid}, {command[:120]}"


def _holders(port: int) -> dict[int, str]:
    """The process ids that listen on `port` and their command lines, lowest id first."""
    found = _from_proc(port) if Path("/proc/net/tcp").exists() else _from_lsof(port)
    return {pid: _command_line(pid) for pid in sorted(found)}


def _from_proc(port: int) -> set[int]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    return {pid for pid in _processes() if inodes & _open_files(pid)}


def _processes() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def _open_files(pid: int) -> set[str]:
    files = set()
    with contextlib.suppress(OSError):  # another user's process, or one that has just ended
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                files.add(os.readlink(entry.path))
    return files


def _from_lsof(port: int) -> set[int]:
    lsof = shutil.which("lsof") or shutil.which("lsof", path="/usr/sbin:/usr/bin")
    if lsof is None:
        return set()
    answer = _output([lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"])
    return {int(pid) for pid in answer.split() if pid.isdigit()}


def _command_line(pid: int) -> str:
    return _output(["ps", "-o", "command=", "-p", str(pid)]).strip() or "unknown"


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
