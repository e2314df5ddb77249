"""The contract suite can fail: each app, broken on purpose, turns it red."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.variants import APP_WIDE, FASTAPI, FLASK, Variant

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("flask_app", "fastapi_app", "shared", "compat", "servers", "contract_tests")
TOPICS = [
    topic["slug"]
    for topic in tomllib.loads((ROOT / "topics.toml").read_text(encoding="utf-8"))["topic"]
]


def run_broken(
    variants: Iterable[Variant], folder: Path, *options: str, tests: str = "contract_tests"
) -> dict[str, Any]:
    """The suite's report on a copy of the repository with these variants applied."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)  # compiled files included: it starts sooner
    for name in ("topics.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for variant in variants:
        variant.apply(folder)
    report = folder / "report.json"
    command = [sys.executable, "-m", "pytest", tests, "-q", "--no-header", "--tb=no"]
    command += ["-p", "no:cacheprovider", "--report-json", str(report), *options]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1, f"expected failing tests, got:\n{done.stdout}\n{done.stderr}"
    document: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return document


def red_topics(report: dict[str, Any]) -> set[str]:
    return {failure["topic"] for failure in report["failures"]}


def test_there_is_a_variant_of_each_topic_for_each_app() -> None:
    for variants in (FLASK, FASTAPI):
        found = [variant.topic for variant in variants]
        assert found == TOPICS, "each topic needs a line in FLASK and FASTAPI of tests/variants.py"


@pytest.mark.parametrize("variants", [FLASK, FASTAPI], ids=["flask", "fastapi"])
def test_a_broken_topic_turns_its_tests_red(variants: list[Variant], tmp_path: Path) -> None:
    green = set(TOPICS) - red_topics(run_broken(variants, tmp_path, "--one-per-topic"))
    assert not green, "the suite does not notice what tests/variants.py breaks in these topics"


@pytest.mark.slow
@pytest.mark.parametrize("variant", APP_WIDE, ids=[f"{v.file}-{v.new.strip()}" for v in APP_WIDE])
def test_a_broken_module_turns_the_suite_red(variant: Variant, tmp_path: Path) -> None:
    tests = f"contract_tests/test_{variant.topic}.py"
    assert red_topics(run_broken([variant], tmp_path, "--maxfail=1", tests=tests))
