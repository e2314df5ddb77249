"""The real browser in which the tests open pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Without these, a headless Chromium looks up hosts of its maker at every start.
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--disable-quic", "--no-sandbox"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Where there is none the tests are skipped, but not in CI."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        missing = "no Chromium on PATH (Debian: apt install chromium; macOS: brew install chromium)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


def faults_of(page: Page) -> list[str]:
    """A list that grows by each error that the page tells, and each request to another host."""
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else faults.append(f"another host: {request.url}")
        ),
    )
    return faults
