"""nginx as a process: the configuration of `migration.nginx`, in a folder of its own.

`python -m migration.proxy` says whether there is one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

MISSING = "no nginx (Debian, Ubuntu: apt install nginx-light; macOS: brew install nginx)"


def find() -> str | None:
    """Where nginx is. Debian has it in a folder that is not on everybody's PATH."""
    folders = (os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
    return shutil.which("nginx", path=os.pathsep.join(folders))


def start(configuration: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start nginx; it writes its errors to `folder`/log. Raises FileNotFoundError without it."""
    nginx = find()
    if nginx is None:
        raise FileNotFoundError(MISSING)
    (folder / "nginx.conf").write_text(configuration, "utf-8")
    # Its processes would become another user, who may not look into the folder.
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [nginx, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", *user],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


if __name__ == "__main__":
    sys.exit(None if find() else MISSING)
