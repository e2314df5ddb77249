"""The reading site in a real browser: every page opens, fits, and can be used by anybody."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize

from reading import topics
from reading.examples import load
from reading.record import serve_both
from reading.topics import ROOT
from servers.running import ServerError, free_port
from servers.site import Site
from tests.browser import chromium, faults_of

pytestmark = pytest.mark.slow
TOPICS = list(topics.load())
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 800}
SERIOUS = ("serious", "critical")
PATIENCE = 60_000  # milliseconds
COLUMNS = 76
# Whatever stands out of the window, but for what a reader can scroll to. A blank at which a line of
# code is wrapped does so, unseen.
STANDS_OUT = """() => [...document.body.querySelectorAll("*")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.right > innerWidth + 9 && !element.closest(".wide, pre, .skip, .hidden");
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with both apps beside it, each with a database of its own, as `make serve` does."""
    port = free_port()
    origins = f"http://127.0.0.1:{port},http://localhost:{port}"
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("apps")
        running = serve_both(folder, stack, {"CORS_ORIGINS": origins})
        ports = {name: server.port for name, server in running.items()}
        site = stack.enter_context(Site(port, ports))
        site.wait()
        yield site


@contextmanager
def opened(browser: Browser, viewport: ViewportSize = WIDE, **options: Any) -> Iterator[Page]:
    """A page whose errors, and requests off 127.0.0.1, fail the test."""
    context = browser.new_context(viewport=viewport, **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults = faults_of(page)
    yield page
    context.close()
    assert [fault for fault in faults if not is_answer(fault)] == []


def is_answer(fault: str) -> bool:
    """A browser reports every answer of 400 and more as an error; the examples ask for them."""
    return fault.startswith("Failed to load resource: the server responded with a status of")


def addresses(site: Site) -> list[str]:
    folder = Path(site.folder.name)
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.html"))


def test_every_page_opens_and_fits_at_both_widths_in_both_schemes(
    browser: Browser, site: Site
) -> None:
    standing_out = {}
    for viewport in (WIDE, PHONE):
        with opened(browser, viewport) as page:
            for address in addresses(site):
                page.emulate_media(color_scheme="light")
                page.goto(f"{site.url}/{address}")
                if found := page.evaluate(STANDS_OUT):
                    standing_out[address, viewport["width"]] = found[:3]
                light = page.evaluate("getComputedStyle(document.body).backgroundColor")
                page.emulate_media(color_scheme="dark")
                dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (light, dark) == ("rgb(255, 255, 255)", "rgb(20, 24, 31)"), address
                width = page.evaluate("document.documentElement.scrollWidth")
                assert width <= viewport["width"], address
    assert standing_out == {}


EXAMINED = [
    *("index.html", "contents.html", "search.html?q=cookie", "contributing.html"),
    *("docs/at-a-glance.html", "docs/your-extensions.html", "docs/databases.html"),
    *("pairs/errors.html", "compat/routing.html", "contract/hello.html"),
    *(f"topics/{slug}.html" for slug in TOPICS),
]


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")]
)
def test_an_accessibility_checker_finds_no_serious_fault(
    browser: Browser, site: Site, viewport: ViewportSize, scheme: Any
) -> None:
    examined = EXAMINED if (viewport, scheme) == (WIDE, "light") else EXAMINED[:18:2]
    faults = []
    with opened(browser, viewport, color_scheme=scheme) as page:
        for address in examined:
            page.goto(f"{site.url}/{address}")
            for fault in Axe().run(page).response["violations"]:
                if fault["impact"] in SERIOUS:
                    node = fault["nodes"][0]
                    faults.append(f"{address}: {fault['id']}: {node['html'][:150]}")
    assert faults == []


def test_a_side_of_a_pair_shows_whole_lines_at_a_readable_size(
    browser: Browser, site: Site
) -> None:
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/orders.html")
        for side in ("flask", "fastapi"):
            room, character, size = page.locator(f"#{side}-1").evaluate(
                """(cell) => {
                  const style = getComputedStyle(cell);
                  const canvas = document.createElement("canvas").getContext("2d");
                  canvas.font = `${style.fontSize} ${style.fontFamily}`;
                  const text = document.createRange();
                  text.selectNodeContents(cell);
                  const start = cell.querySelector("a").nextSibling;
                  text.setStartBefore(start);
                  const right = cell.getBoundingClientRect().right - parseFloat(style.paddingRight);
                  const left = text.getBoundingClientRect().left;
                  return [right - left, canvas.measureText("0").width, parseFloat(style.fontSize)];
                }"""
            )
            assert room / character >= COLUMNS
            assert size >= 12


@pytest.mark.parametrize("slug", TOPICS)
def test_each_example_gets_the_same_answer_from_both_apps(
    examples_page: Page, site: Site, slug: str
) -> None:
    examples_page.goto(f"{site.url}/topics/{slug}.html")
    own = [example for example in load() if example.topic == slug]
    for example in own:
        trial = examples_page.locator(f"#try-{example.name}")
        if example.recorded:
            assert "Recorded" in trial.locator(".badge").inner_text()
            continue
        verdict, shown = send(trial)
        assert verdict == "Same", f"{example.key}: {shown}"
        assert "x-served-by: flask" in shown
        assert "x-served-by: fastapi" in shown
        assert shown.count(" ms") == 2


@pytest.fixture(scope="module")
def examples_page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


def send(trial: Locator) -> tuple[str, str]:
    """What the badge says after sending, and all that is shown."""
    trial.get_by_role("button", name="Send to both").click()
    badge = trial.locator(".badge b:not(.was)")
    badge.wait_for(timeout=PATIENCE)
    return badge.inner_text(), trial.locator(".answers").inner_text()


def test_an_edited_request_is_the_one_that_is_sent(browser: Browser, site: Site) -> None:
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/json_body.html")
        trial = page.locator("#try-valid")
        trial.get_by_label("Body").fill('{"text": "SOMETHING ELSE"}')
        verdict, shown = send(trial)
        assert verdict == "Same"
        assert shown.count('"text": "something else"') == 2


def test_a_file_of_one_s_own_is_uploaded(browser: Browser, site: Site, tmp_path: Path) -> None:
    (tmp_path / "own.bin").write_bytes(bytes(range(256)))
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/file_upload.html")
        trial = page.locator("#try-one")
        trial.get_by_label("or a file of yours").set_input_files(tmp_path / "own.bin")
        verdict, shown = send(trial)
        assert verdict == "Same"
        assert shown.count('"name": "own.bin"') == shown.count('"size": 256') == 2


def test_an_answer_that_differs_is_told_with_the_lines_that_do(
    browser: Browser, site: Site
) -> None:
    def spoil(route: Route) -> None:
        answer = route.fetch()
        if "fastapi" in answer.headers.get("x-served-by", ""):
            headers = {**answer.headers, "x-total-count": "3"}
            route.fulfill(response=answer, headers=headers, body='{"hello":"moon"}')
        else:
            route.fulfill(response=answer)

    with opened(browser) as page:
        page.route(lambda url: url.endswith("/") and url != f"{site.url}/", spoil)
        page.goto(f"{site.url}/topics/hello.html")
        trial = page.locator("#try-hello")
        verdict, shown = send(trial)
        assert verdict == "Differs"
        assert "the header x-total-count, the body" in shown
        marked = trial.locator(".differs:not(b)").all_inner_texts()
        assert {line.strip() for line in marked} >= {'"hello": "world"', '"hello": "moon"'}
        assert any("x-total-count: 3" in line for line in marked)


@pytest.mark.parametrize("on", [False, True], ids=["published elsewhere", "apps that are off"])
def test_without_the_apps_the_recorded_answer_is_shown_and_said_to_be(
    browser: Browser, site: Site, on: bool
) -> None:
    told = {"flask": free_port(), "fastapi": free_port()} if on else {}
    context = browser.new_context()
    page = context.new_page()
    page.route("**/servers.json", lambda route: route.fulfill(json=told))
    page.goto(f"{site.url}/topics/cookies.html")
    trial = page.locator("#try-set")
    assert "Recorded" in trial.locator(".badge").inner_text()
    verdict, shown = send(trial)
    assert verdict == "Recorded"
    assert "recorded when the site was built" in shown
    assert 'set-cookie: name="Ada \\303\\251"' in shown
    context.close()


def test_the_pages_can_be_read_without_javascript(browser: Browser, site: Site) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{site.url}/topics/cookies.html")
        assert "set_cookie" in page.locator("table.pair").inner_text()
        assert page.get_by_role("button", name="Send to both").count() == 0
        assert 'set-cookie: name="Ada' in page.locator("#try-set .answers").inner_text()
        page.goto(f"{site.url}/search.html?q=set_cookie")
        assert page.get_by_role("link", name="The contents").is_visible()


def test_a_line_lights_up_with_its_counterpart(browser: Browser, site: Site) -> None:
    """`show_profile`, whose counterpart stands at another number."""
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/cookies.html")
        one, other = (
            page.locator(f"td[id^={side}-]", has_text="def show_profile")
            for side in ("flask", "fastapi")
        )
        before = background(other)
        one.hover()
        assert background(one) == background(other) != before
        page.mouse.move(0, 0)
        assert background(other) == before
        one.get_by_role("link").focus()
        assert background(one) == background(other) != before


def background(locator: Locator) -> str:
    return str(locator.evaluate("(element) => getComputedStyle(element).backgroundColor"))


def test_a_link_leads_to_a_line(browser: Browser, site: Site) -> None:
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/orders.html#fastapi-70")
        line = page.locator("#fastapi-70")
        assert line.evaluate("(cell) => cell.matches(':target')")
        box = line.bounding_box()
        assert box is not None and 0 < box["y"] < WIDE["height"]


def test_the_copy_button_copies_the_file_as_it_is(browser: Browser, site: Site) -> None:
    with opened(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{site.url}/topics/cookies.html")
        for side, app in enumerate(("flask_app", "fastapi_app")):
            page.locator(".copy").nth(side).click()
            page.locator(".copy", has_text="Copied").nth(0).wait_for()
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == (ROOT / app / "routes" / "cookies.py").read_text(encoding="utf-8")
            page.reload()


def test_on_a_phone_one_side_follows_the_other_and_a_tap_shows_one_alone(
    browser: Browser, site: Site
) -> None:
    with opened(browser, PHONE, has_touch=True) as page:
        page.goto(f"{site.url}/topics/json_body.html")
        flask, fastapi = (page.locator(f"#{side}-1") for side in ("flask", "fastapi"))
        last = page.locator("td[id^=flask-]").last.bounding_box()
        first = fastapi.bounding_box()
        assert last is not None and first is not None and first["y"] > last["y"]
        page.get_by_label("FastAPI", exact=True).tap()
        assert fastapi.is_visible() and not flask.is_visible()
        page.get_by_label("Flask", exact=True).tap()
        assert flask.is_visible() and not fastapi.is_visible()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("set_cookie", "flask_app/routes/cookies.py:"),
        ("Depends", "fastapi_app/routes/hello.py:"),
        ("422", "Flask to FastAPI at a glance: errors"),
        ("idempotency", "Orders"),
    ],
)
def test_the_search_finds_names_and_numbers(
    browser: Browser, site: Site, query: str, title: str
) -> None:
    with opened(browser) as page:
        page.goto(site.url)
        page.keyboard.press("/")
        page.keyboard.type(query)
        page.keyboard.press("Enter")
        result = page.locator("#results a", has_text=title).first
        result.wait_for()
        result.click()
        page.wait_for_load_state()
        if "#" in page.url:
            anchor = page.url.partition("#")[2]
            assert page.locator(f"[id='{anchor}']").count() == 1
        assert query.lower() in page.content().lower()


@pytest.mark.parametrize("address", ["index.html", "topics/hello.html", "search.html?q=lifespan"])
def test_the_tab_key_reaches_everything_that_can_be_used(
    browser: Browser, site: Site, address: str
) -> None:
    with opened(browser) as page:
        page.goto(f"{site.url}/{address}")
        wanted = page.evaluate(
            """() => {
              const usable = "a[href], button, input, select, textarea, summary, [tabindex]";
              window.left = new Set([...document.querySelectorAll(usable)].filter(
                (element) => element.tabIndex >= 0 && element.checkVisibility()));
              document.addEventListener("focusin", (event) => left.delete(event.target));
              return left.size;
            }"""
        )
        assert wanted > 10
        for _ in range(wanted + 5):
            page.keyboard.press("Tab")
        assert page.evaluate("[...left].map((element) => element.outerHTML.slice(0, 100))") == []


def test_the_keyboard_alone_sends_an_example_and_walks_through_a_pair(
    browser: Browser, site: Site
) -> None:
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/hello.html")
        page.locator("#flask-1 a").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        focused = page.evaluate("document.activeElement.closest('td').id")
        assert focused.startswith("fastapi-")
        page.locator("#try-hello input[name=path]").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        badge = page.locator("#try-hello .badge b:not(.was)")
        badge.wait_for(timeout=PATIENCE)
        assert badge.inner_text() == "Same"


def test_a_page_can_be_printed(browser: Browser, site: Site, tmp_path: Path) -> None:
    with opened(browser) as page:
        page.goto(f"{site.url}/topics/cookies.html")
        page.pdf(path=tmp_path / "cookies.pdf", format="A4")
        page.emulate_media(media="print")
        assert page.locator(".pair").is_visible()
        assert not page.locator("header.top").is_visible()
    assert (tmp_path / "cookies.pdf").stat().st_size > 10_000


def test_a_site_that_cannot_be_built_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("servers.site.BUILDER", "reading.no_such_builder")
    with Site(free_port(), {}) as broken, pytest.raises(ServerError, match="could not be built"):
        broken.wait()
