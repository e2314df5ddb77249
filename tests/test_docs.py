"""The documentation is true: its code, paths, names, commands and numbers are the files' own."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat import limits
from contract_tests.targets import ENVIRON, SECRET_KEY
from reading import topics
from reading.topics import ROOT
from shared import accounts, form_data, json_text, product_import
from shared.settings import DAY, Settings

TOPICS = topics.load()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
HEADINGS = [
    "What differs",
    "What clients would notice in a naive port",
    "The contract",
    "History",
    "Further reading",
]
each_page = pytest.mark.parametrize(
    "page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES]
)
FENCE = re.compile(
    r"^```(?P<kind>\w*)[ ]?(?P<file>\S*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
# `flask_app/routes/cookies.py`, `flask_app/routes/cookies.py:show_profile`, `docs/`
PATH = re.compile(
    r"`((?:[\w.-]+/)*[\w.-]+(?:/|\.(?:py|toml|md|yml|in|txt)))(?::([A-Za-z_][\w.]*))?`"
)
COMMAND = re.compile(r"(?:^|`|run: )make((?: -C \S+| (?!\w+=)[\w-]+)*)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)")


def fences(page: Path) -> Iterator[tuple[str, str, str]]:
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        yield found["kind"], found["file"], found["code"]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def defined(file: Path) -> set[str]:
    """The functions, classes and names at the top of a module, and `Class.method`."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{part.name}" for part in node.body if hasattr(part, "name")}
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@each_page
def test_code_that_is_taken_from_a_file_is_in_it(page: Path) -> None:
    for _, file, code in fences(page):
        if file:
            assert code in (ROOT / file).read_text(encoding="utf-8"), file


@each_page
def test_python_in_a_page_is_python(page: Path) -> None:
    for kind, _, code in fences(page):
        if kind == "python":
            ast.parse(code)


# What the servers make, and git ignores.
MADE = ("data/", "wheelhouse/", "workshop/my_app/")


@each_page
def test_every_path_and_name_exists(page: Path) -> None:
    for path, name in PATH.findall(prose(page)):
        if path.startswith(MADE):
            continue
        places = [ROOT / path, ROOT / "docs" / path, page.parent / path]
        file = next((place for place in places if place.exists()), None)
        assert file is not None, path
        assert not name or name in defined(file), f"{path}:{name}"


@each_page
def test_every_command_is_a_target(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = re.findall(r"`[^`]*`", prose(page))
    shown += [code for kind, _, code in fences(page) if kind in ("sh", "yaml")]
    for words in COMMAND.findall("\n".join(shown)):
        assert set(re.sub("-C \\S+", "", words).split()) <= targets, f"make{words}"


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_a_topic_page_is_short_and_names_both_handlers(topic: topics.Topic) -> None:
    text = (ROOT / topic.page).read_text(encoding="utf-8")
    assert text.startswith(f"# {topic.title}\n\n{topic.idea.removesuffix('.')}")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert 15 <= len(text.splitlines()) <= 45
    assert any(f"`{path}:" in text for path in topic.routes)


def test_the_readme_shows_a_whole_pair_in_its_first_screen() -> None:
    found = [(file, code) for _, file, code in fences(ROOT / "README.md") if file]
    paths = [str(path) for path in TOPICS["json_body"].routes]
    assert found == [(path, (ROOT / path).read_text(encoding="utf-8")) for path in paths]
    first = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:60]
    assert {line.partition("#")[0].strip() for line in first} >= {"make serve", "make test"}


def test_the_readme_shows_the_matrix_of_all_topics_green() -> None:
    """What is wrong here is mended with the last lines of `make contract`."""
    (matrix,) = [code for kind, _, code in fences(ROOT / "README.md") if kind == "text"]
    rows = [re.split(r"\s{2,}", line) for line in matrix.splitlines()]
    assert rows[0] == ["topic", "flask", "fastapi"]
    assert [row[0] for row in rows[1:]] == [*TOPICS, "all"]
    for name, flask, fastapi in rows[1:]:
        assert re.fullmatch(r"\d+ passed", flask), name
        assert flask == fastapi
    shown = {name: int(flask.split()[0]) for name, flask, _ in rows[1:]}
    collect = [sys.executable, "-m", "pytest", "contract_tests", "--collect-only", "-qq"]
    listed = subprocess.run(
        [*collect, "-p", "no:cacheprovider", "--serving", "flask"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.findall(r"^contract_tests/test_(\w+)\.py: (\d+)$", listed, re.MULTILINE)
    counts = {topic: int(count) for topic, count in found}
    assert shown == {**counts, "all": sum(counts.values())}


def test_the_readme_links_every_topic_in_reading_order() -> None:
    linked = re.findall(
        r"\[([^\]]*)\]\(docs/topics/(\w+)\.md\)", " ".join(prose(ROOT / "README.md").split())
    )
    assert linked == [(topic.title, topic.slug) for topic in TOPICS.values()]


def test_the_table_at_a_glance_leads_to_every_topic() -> None:
    text = (ROOT / "docs" / "at-a-glance.md").read_text(encoding="utf-8")
    assert {*re.findall(r"\(topics/(\w+)\.md\)", text)} == {*TOPICS}


def test_every_dependency_is_named_with_a_reason() -> None:
    wanted: list[str] = []
    for file in ("runtime.in", "development.in"):
        for line in (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines():
            if found := re.match(r"[A-Za-z][\w-]*", line):
                wanted.append(found[0])
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Dependencies")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([\w-]+) \| (.*) \|$", table, re.MULTILINE))
    del rows["package"]
    assert sorted(rows) == sorted(wanted)
    assert all(len(reason) > 5 for reason in rows.values())


def test_the_settings_for_a_third_implementation_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "contract-in-your-ci.md").read_text(encoding="utf-8")
    settings = Settings.from_environ(ENVIRON)
    own = Settings(secret_key=SECRET_KEY, password_memory=settings.password_memory)
    assert settings == own, "the tests need settings of their own other than these two"
    rows = dict(re.findall(r"^\| (.*?) \| (.*?) \|", text, re.MULTILINE))
    numbers = {
        "largest body": settings.max_body_size,
        "request line": limits.REQUEST_LINE,
        "header fields": limits.FIELDS,
        "one header, name and line end included": limits.FIELD_SIZE,
        "failed logins": accounts.MOST_FAILURES,
        "parts of a multipart body": form_data.MOST_PARTS,
        "nesting of JSON": json_text.DEEPEST,
    }
    for name, number in numbers.items():
        assert rows[name].startswith(f"{number:,}"), name
    assert f"{settings.password_memory} KiB" in rows["hashing a password"]
    assert f"`{SECRET_KEY}`" == rows["secret that signs sessions and tokens"]
    for origin in settings.cors_origins:
        assert f"`{origin}`" in rows["origins whose pages may read the answers"]
    for path in settings.credential_paths:
        assert f"`{path}`" in rows["where these may also send cookies"]
    megabytes = product_import.LARGEST_FILE // (1024 * 1024)
    assert rows["body of `POST /products/import`"].startswith(f"{megabytes} MiB")
    assert rows["environment"].startswith(settings.environment)
    assert f"`{settings.session_cookie_name}`" in rows["session cookie"]
    assert f"for {settings.session_lifetime // DAY} days" in rows["session cookie"]


def test_the_page_on_porting_tests_names_each_test_of_the_clients() -> None:
    text = (ROOT / "docs" / "porting-a-test-suite.md").read_text(encoding="utf-8")
    named = re.findall(r"^\|.*\| `(test_\w+)` \|$", text, re.MULTILINE)
    tests = ROOT / "flask_app" / "tests"
    of_clients, of_topic = (
        {name for name in defined(tests / file) if name.startswith("test_")}
        for file in ("test_client.py", "test_testing.py")
    )
    assert len(named) == len({*named})
    assert of_clients <= {*named} <= of_clients | of_topic


def test_actions_are_pinned_as_in_our_own_workflow() -> None:
    text = (ROOT / "docs" / "contract-in-your-ci.md").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)@(\S+) # (v\S+)", text)
    assert len(used) == text.count("uses:")
    own = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    pins = {name: pin for name, pin, _ in re.findall(r"uses: (\S+)@(\S+) # (v\S+)", own)}
    for name, pin, _ in used:
        assert re.fullmatch(r"[0-9a-f]{40}", pin)
        assert pins.get(name, pin) == pin


def test_the_licence_is_the_one_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (
        (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{project['license']} License")
    )
