"""A room without network: the lock is read for other machines, and setup asks nobody."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from workshop.course import ROOT
from workshop.wheelhouse import LOCK, PLATFORMS, chosen, locked

SETUP = Path("requirements/setup")
LOCKED = """\
# by make lock
here==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via something
mac==2.0 ; sys_platform == 'darwin' \\
    --hash=sha256:cc
arm==3.0 ; platform_machine == 'aarch64' and python_full_version >= '3.12' \\
    --hash=sha256:dd
windows==4.0 ; sys_platform == 'win32' \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(
    ("platform", "python", "names"),
    [
        ("linux-x86_64", "3.11", ["here==1.0"]),
        ("linux-aarch64", "3.11", ["here==1.0"]),
        ("linux-aarch64", "3.13", ["here==1.0", "arm==3.0"]),
        ("macos-arm64", "3.13", ["here==1.0", "mac==2.0"]),
    ],
)
def test_a_lock_is_read_for_another_machine(platform: str, python: str, names: list[str]) -> None:
    found = list(locked(LOCKED, PLATFORMS[platform].environment(python)))
    assert [line.split()[0] for line in found] == names
    assert found[0] == "here==1.0 --hash=sha256:aa --hash=sha256:bb"
    assert all("--hash=sha256:" in line and ";" not in line for line in found)


def test_the_real_lock_is_read_whole() -> None:
    text = (ROOT / LOCK).read_text(encoding="utf-8")
    found = list(locked(text, PLATFORMS["linux-x86_64"].environment("3.12")))
    assert any(line.startswith("fastapi==") for line in found)
    assert any(line.startswith("uvloop==") for line in found)
    assert not any(line.startswith("colorama==") for line in found)


@pytest.mark.parametrize(
    "environ", [{"PLATFORMS": "windows"}, {"PYTHONS": "python3"}, {"PYTHONS": "3.12.1"}]
)
def test_an_unknown_platform_or_python_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"no platform|a Python is written"):
        chosen(environ)


def test_without_a_choice_all_platforms_are_meant() -> None:
    platforms, pythons = chosen({})
    assert [each.name for each in platforms] == list(PLATFORMS)
    assert pythons == [f"{sys.version_info[0]}.{sys.version_info[1]}"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What setup needs, with a lock of one package that no index has."""
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / SETUP, tmp_path / SETUP)
    wheel = tmp_path / "wheelhouse/kept_here-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    info = "kept_here-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("kept_here.py", "WHERE = 'wheelhouse'\n")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: kept-here\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = f"kept-here==1.0 \\\n    --hash=sha256:{digest}\n"
    (tmp_path / "requirements/development.txt").write_text(lock, encoding="utf-8")
    return tmp_path


def set_up(clone: Path) -> subprocess.CompletedProcess[str]:
    """Run setup where every way to an index leads nowhere."""
    nowhere = "http://127.0.0.1:9"
    proxies = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere}
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", "PYTHON": sys.executable}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
    return subprocess.run(
        ["sh", str(SETUP), ".venv"],
        cwd=clone,
        env={**kept, **proxies, **own},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_setup_installs_from_the_wheelhouse_without_network(clone: Path) -> None:
    done = set_up(clone)
    assert done.returncode == 0, done.stderr
    assert "the packages come from wheelhouse/" in done.stdout
    script = "import kept_here; print(kept_here.WHERE)"
    found = subprocess.run([clone / ".venv/bin/python", "-c", script], capture_output=True)
    assert found.stdout == b"wheelhouse\n"


@pytest.mark.slow
def test_setup_says_what_to_do_where_a_wheel_is_missing(clone: Path) -> None:
    next((clone / "wheelhouse").iterdir()).unlink()
    done = set_up(clone)
    assert done.returncode == 1
    assert "wheelhouse/ lacks packages for Python" in done.stderr
    assert "make wheelhouse PYTHONS=" in done.stderr
    assert not (clone / ".venv").exists()
