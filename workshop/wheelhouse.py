"""A room without network: `python -m workshop.wheelhouse` puts the locked wheels into wheelhouse/.

For Linux and macOS, both processors, and the Python of .venv. Variables of the environment say
otherwise: PYTHONS="3.11 3.12", PLATFORMS="linux-x86_64 macos-arm64". `make setup` takes its
packages from there whenever the folder exists.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement

from reading.topics import ROOT

LOCK = Path("requirements/development.txt")
FOLDER = Path("wheelhouse")
OLDEST_GLIBC, NEWEST_GLIBC = 5, 28  # the second number; Debian 10, Ubuntu 20.04 and newer have it
LEGACY = {"x86_64": ("manylinux1", "manylinux2010", "manylinux2014"), "aarch64": ("manylinux2014",)}
NEWEST_MACOS = "14_0"


@dataclass(frozen=True)
class Platform:
    """One kind of machine: how pip calls it, and what the markers of a lock ask about it."""

    name: str
    tags: tuple[str, ...]
    system: str
    machine: str

    def environment(self, python: str) -> dict[str, str]:
        """The values of a lock's markers there."""
        return {
            "sys_platform": self.system.lower(),
            "platform_system": self.system,
            "platform_machine": self.machine,
            "os_name": "posix",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "python_version": python,
            "python_full_version": f"{python}.0",
        }


def _linux(machine: str) -> Platform:
    glibc = [f"manylinux_2_{n}_{machine}" for n in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)]
    legacy = [f"{name}_{machine}" for name in LEGACY[machine]]
    return Platform(f"linux-{machine}", (*glibc, *legacy), "Linux", machine)


def _macos(machine: str) -> Platform:
    return Platform(f"macos-{machine}", (f"macosx_{NEWEST_MACOS}_{machine}",), "Darwin", machine)


PLATFORMS = {
    each.name: each
    for each in (_linux("x86_64"), _linux("aarch64"), _macos("x86_64"), _macos("arm64"))
}


class WheelhouseError(Exception):
    """The wheels of a platform could not be had."""


def main() -> int:
    """0; 1 if there is no wheel of a package; 2 for an unknown platform, and without network."""
    try:
        platforms, pythons = chosen(os.environ)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    (ROOT / FOLDER).mkdir(exist_ok=True)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        pip = find_pip(Path(folder))
        for python in pythons:
            for platform in platforms:
                try:
                    lacking = download(platform, python, pip, Path(folder))
                except WheelhouseError as error:
                    print(error, file=sys.stderr)
                    return 2
                failures += bool(lacking)
                told = f"without {', '.join(lacking)}: no such wheel" if lacking else "complete"
                print(f"{platform.name}, Python {python}: {told}", flush=True)
    size = sum(file.stat().st_size for file in (ROOT / FOLDER).iterdir())
    print(f"{FOLDER}/ has {size / 1e6:.0f} MB. Next: put it on a stick beside the repository.")
    return 1 if failures else 0


def chosen(environ: Mapping[str, str]) -> tuple[list[Platform], list[str]]:
    """The platforms and Pythons wanted. Raises ValueError for one that is none."""
    names = environ.get("PLATFORMS", "").split() or list(PLATFORMS)
    if unknown := [name for name in names if name not in PLATFORMS]:
        raise ValueError(f"no platform {unknown[0]!r}; there are: {', '.join(PLATFORMS)}")
    pythons = environ.get("PYTHONS", "").split() or ["{}.{}".format(*sys.version_info)]
    if unknown := [text for text in pythons if not re.fullmatch(r"3\.\d+", text)]:
        raise ValueError(f"a Python is written 3.12, not {unknown[0]!r}")
    return [PLATFORMS[name] for name in names], pythons


def find_pip(folder: Path) -> list[str]:
    """A command line for pip; uv makes environments without it."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    venv.create(folder / "pip", with_pip=True)
    return [str(folder / "pip/bin/python"), "-m", "pip"]


def download(platform: Platform, python: str, pip: list[str], folder: Path) -> list[str]:
    """Fetch what the lock names for a platform; returns what has no wheel for it. Raises
    WheelhouseError."""
    wanted = list(locked((ROOT / LOCK).read_text("utf-8"), platform.environment(python)))
    lacking: list[str] = []
    while missing := fetch(wanted, platform, python, pip, folder / "wanted.txt"):
        lacking.append(missing)
        wanted = [line for line in wanted if line.split()[0] != missing]
    return lacking


def fetch(wanted: list[str], platform: Platform, python: str, pip: list[str], file: Path) -> str:
    """Fetch wheels; returns the first requirement that has none, "" if all have."""
    file.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    command = [
        *(*pip, "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--dest", str(ROOT / FOLDER), "--requirement", str(file)),
        *("--implementation", "cp", "--python-version", python),
        *(f"--platform={tag}" for tag in platform.tags),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    missing = re.search(r"No matching distribution found for (\S+)", done.stderr)
    if missing is None or not any(line.split()[0] == missing[1] for line in wanted):
        raise WheelhouseError(done.stderr.strip())
    return missing[1]


def locked(text: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The requirements of a lock that hold in an environment, each with its hashes and without
    its marker: pip would judge that by its own machine."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in joined.splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        named, *hashes = re.split(r"\s+(?=--hash=)", line.strip())
        requirement = Requirement(named)
        if holds(requirement.marker, environment):
            yield " ".join([f"{requirement.name}{requirement.specifier}", *hashes])


def holds(marker: Marker | None, environment: Mapping[str, str]) -> bool:
    return marker is None or marker.evaluate({**environment, "extra": ""})


if __name__ == "__main__":
    sys.exit(main())
