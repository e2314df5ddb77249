"""The documentation pages in a real browser: they open, whole, without asking another host."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from servers.running import Running, start

pytestmark = pytest.mark.slow
CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Without these, a headless Chromium looks up hosts of its maker at every start.
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--disable-quic", "--no-sandbox"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        missing = "no Chromium on PATH (Debian: apt install chromium; macOS: brew install chromium)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    logs = tmp_path_factory.mktemp("logs")
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(start(name, log_path=logs / name))
            for name in ("flask", "fastapi")
        }
        for server in servers.values():
            server.wait_ready(30)
        yield servers


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose errors, and requests to other hosts, fail the test."""
    faults: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else faults.append(f"another host: {request.url}")
        ),
    )
    yield page
    page.close()
    assert faults == []


@pytest.mark.parametrize("app", ["flask", "fastapi"])
def test_swagger_ui_shows_the_operations_and_sends_one(
    page: Page, apps: dict[str, Running], app: str, tmp_path: Path
) -> None:
    page.goto(f"{apps[app].url}/docs")
    operation = page.locator(".opblock", has_text="/lowercase")
    operation.wait_for(timeout=20_000)
    assert page.locator(".opblock").count() > 30
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill('{"text": "HELLO"}')
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response-col_description .microlight").first
    answer.wait_for(timeout=20_000)
    assert '"text": "hello"' in answer.inner_text()
    page.screenshot(path=tmp_path / f"{app}.png")


@pytest.mark.parametrize("app", ["flask", "fastapi"])
def test_redoc_shows_the_operations(
    page: Page, apps: dict[str, Running], app: str, tmp_path: Path
) -> None:
    page.goto(f"{apps[app].url}/redoc")
    page.get_by_role("heading", name="Lowercase").wait_for(timeout=20_000)
    assert page.get_by_role("heading", name="Upload Many").count() == 1
    page.screenshot(path=tmp_path / f"{app}.png")
