"""The pages in a real browser: they open, whole, without asking another host, and can be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Page

from servers.running import Running, start
from tests.browser import chromium, faults_of

pytestmark = pytest.mark.slow
PASSWORD = "correct horse battery staple"
WHITE = "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    logs = tmp_path_factory.mktemp("logs")
    environ = {"DATABASE_URL": f"sqlite:///{logs / 'shop.db'}"}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(start(name, log_path=logs / name, environ=environ))
            for name in ("flask", "fastapi")
        }
        for server in servers.values():
            server.wait_ready(30)
        yield servers


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose errors, and requests to other hosts, fail the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults = faults_of(page)
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
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
def test_swagger_ui_logs_in_by_its_authorize_button(
    page: Page, apps: dict[str, Running], app: str, tmp_path: Path
) -> None:
    email, password = f"{uuid4().hex}@example.com", "correct horse battery staple"
    account = {"email": email, "password": password}
    requests.post(f"{apps[app].url}/accounts", json=account, timeout=10).raise_for_status()
    page.goto(f"{apps[app].url}/docs")
    page.locator(".auth-wrapper .authorize").first.click(timeout=20_000)
    form = page.locator(".auth-container", has_text="OAuth2")
    form.locator("#oauth_username").fill(email)
    form.locator("#oauth_password").fill(password)
    form.get_by_text("select all", exact=True).click()
    form.locator("button", has_text="Authorize").click()
    form.locator("button", has_text="Logout").wait_for(timeout=20_000)
    page.screenshot(path=tmp_path / f"{app}-authorized.png")
    page.locator(".modal-ux .close-modal").click()
    operation = page.locator(".opblock", has_text="/tokens/me")
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response-col_description .microlight").first
    answer.wait_for(timeout=20_000)
    assert f'"email": "{email}"' in answer.inner_text()
    page.screenshot(path=tmp_path / f"{app}.png")


@pytest.mark.parametrize("app", ["flask", "fastapi"])
def test_redoc_shows_the_operations(
    page: Page, apps: dict[str, Running], app: str, tmp_path: Path
) -> None:
    page.goto(f"{apps[app].url}/redoc")
    page.get_by_role("heading", name="Lowercase").wait_for(timeout=20_000)
    assert page.get_by_role("heading", name="Upload Many").count() == 1
    page.screenshot(path=tmp_path / f"{app}.png")


@pytest.mark.parametrize("app", ["flask", "fastapi"])
def test_one_signs_up_logs_in_and_logs_out(
    page: Page, apps: dict[str, Running], app: str, tmp_path: Path
) -> None:
    page.goto(f"{apps[app].url}/account")
    assert page.url == f"{apps[app].url}/login?next=/account"
    page.get_by_role("link", name="Sign up").click()
    sign_up(page, f"{app}@example.com")
    assert page.get_by_role("status").inner_text() == "Your account is ready. Please log in."
    log_in(page, f"{app}@example.com", "wrong password")
    assert page.get_by_role("status").inner_text() == "The email address or the password is wrong."
    page.screenshot(path=tmp_path / f"{app}-login.png")
    log_in(page, f"{app}@example.com")
    assert page.url == f"{apps[app].url}/account"
    assert page.locator("main strong").inner_text() == f"{app}@example.com"
    assert page.get_by_role("button").evaluate("b => getComputedStyle(b).color") == WHITE
    page.screenshot(path=tmp_path / f"{app}-account.png")
    press(page, "Log out")
    assert page.get_by_role("status").inner_text() == "You are logged out."
    page.goto(f"{apps[app].url}/account")
    assert page.url == f"{apps[app].url}/login?next=/account"


@pytest.mark.parametrize(("here", "there"), [("flask", "fastapi"), ("fastapi", "flask")])
def test_a_login_at_one_app_is_a_login_at_the_other(
    page: Page, apps: dict[str, Running], here: str, there: str
) -> None:
    """A browser sends a cookie to every port of a host, and both apps have one secret here."""
    email = f"{here}-{there}@example.com"
    page.goto(f"{apps[here].url}/signup")
    sign_up(page, email)
    log_in(page, email)
    page.goto(f"{apps[there].url}/account")
    assert page.locator("main strong").inner_text() == email
    press(page, "Log out")
    page.goto(f"{apps[here].url}/account")
    assert page.url == f"{apps[here].url}/login?next=/account"


def sign_up(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign up")


def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    press(page, "Log in")


def press(page: Page, button: str) -> None:
    """Send a form, and see the answer: what comes next would stop a page that is on its way."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()
