"""A plugin for the contract, `pytest -p workshop.witness`: what the judge has to know of a run.

It waits for the reader's app, points at the reader's lines instead of the twin's, and writes down
the first failure.
"""

import json
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import requests

from contract_tests import handlers
from contract_tests.conftest import CASE, TARGET
from contract_tests.exchange import RUN
from contract_tests.targets import bare_session

FINDINGS = "WORKSHOP_FINDINGS"
MINE, REFERENCE = "my_app", "flask"
WAIT = 60.0  # seconds; the judge ends it at once when the app does not start
POLL = 0.02

_found: dict[str, Any] = {"passed": 0, "failure": None, "finished": False}


def pytest_configure(config: pytest.Config) -> None:
    handlers.APPS = ("flask_app", "workshop/my_app")


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before the suite asks who answers
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    for name in session.config.getoption("--target"):
        wait(name.partition("=")[2])
    return (yield)


def wait(url: str) -> None:
    """Return when somebody answers at all."""
    deadline = time.monotonic() + WAIT
    with bare_session() as session:
        while time.monotonic() < deadline:
            try:
                session.get(url, timeout=WAIT)
                return
            except requests.ConnectionError:
                time.sleep(POLL)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.passed:
        _found["passed"] += 1
    elif report.failed and _found["failure"] is None:
        _found["failure"] = _failure(item, report)
    return report


def _failure(item: pytest.Item, report: pytest.TestReport) -> dict[str, str]:
    case, target = item.stash.get(CASE, None), item.stash.get(TARGET, None)
    sections = dict(getattr(report.longrepr, "sections", []) and _titled(report))
    message = str(getattr(getattr(report.longrepr, "reprcrash", None), "message", ""))
    account = "\n".join(case.findings) if case and case.findings else ""
    return {
        "test": item.nodeid,
        "target": target.name if target else "",
        "message": message or report.longreprtext,
        "account": account or sections.get("the last exchange", ""),
        "asked": str(len(item.stash[RUN].exchanges)) if RUN in item.stash else "",
    }


def _titled(report: pytest.TestReport) -> list[tuple[str, str]]:
    return [(title, text) for title, text, _ in getattr(report.longrepr, "sections", [])]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    _found["finished"] = int(exitstatus) in (0, 1)
    Path(os.environ[FINDINGS]).write_text(json.dumps(_found), encoding="utf-8")
