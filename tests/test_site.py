"""The reading site: it is built from the code that runs, complete, and the same each time."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath

import pytest
import requests
from markupsafe import Markup

from reading import examples, pages, record, search, site, topics
from reading.code import NoSuchCode, cut, definitions, differing
from reading.pages import Twins
from reading.prose import sections
from reading.topics import ROOT
from servers.running import free_port

TOPICS = topics.load()
HEADINGS = [
    "The idea",
    "Flask",
    "FastAPI",
    "What differs",
    "What clients would notice in a naive port",
    "Try it",
    "The contract",
    "Migrate it",
    "History",
    "Further reading",
]
each_topic = pytest.mark.parametrize("slug", TOPICS)
# What makes a browser ask for something, and where it stands.
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "form": "action"}


class Reader(HTMLParser):
    """What a page links, loads, names and says; `inline` is what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.headings: list[str] = []
        self.inline: list[str] = []
        self.open: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in LOADED and LOADED[tag] in values:
            self.loaded.append(values[LOADED[tag]])
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "style" or (tag == "script" and values.get("type") != "application/json"):
            self.inline += [] if "src" in values else [tag]
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        self.open = tag
        if tag == "h2":
            self.headings.append("")

    def handle_data(self, data: str) -> None:
        if self.open == "h2":
            self.headings[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.open = ""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert site.main([str(folder)]) == 0
    return folder


@cache
def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader


def all_pages(out: Path) -> Iterator[tuple[str, Reader]]:
    for file in sorted(out.rglob("*.html")):
        yield file.relative_to(out).as_posix(), read(file)


def test_every_link_leads_to_a_page_and_an_anchor_of_it(out: Path) -> None:
    dead = []
    for page, reader in all_pages(out):
        for link in reader.links:
            if re.match("https?:", link):
                continue
            path, _, anchor = link.partition("#")
            path = path.partition("?")[0]
            there = out / normpath((Path(page).parent / path).as_posix() if path else page)
            if not there.is_file() or (anchor and anchor not in read(there).anchors):
                dead.append(f"{page}: {link}")
    assert dead == []


def test_nothing_is_loaded_from_another_host(out: Path) -> None:
    for page, reader in all_pages(out):
        for address in reader.loaded:
            assert not re.match("[a-z]+:|//", address), f"{page}: {address}"
            assert (out / page).parent.joinpath(address).is_file(), f"{page}: {address}"
    for file in (out / "static").glob("*.[cj]s*"):
        assert not re.search(r"url\(|@import|https://", file.read_text(encoding="utf-8")), file.name


def test_a_strict_content_security_policy_refuses_nothing(out: Path) -> None:
    for page, reader in all_pages(out):
        assert reader.inline == [], page


def test_the_site_is_smaller_than_two_megabytes(out: Path) -> None:
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    assert size < 2_000_000


def test_the_same_commit_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    environ = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    subprocess.run(
        [sys.executable, "-m", "reading.site", tmp_path], cwd=ROOT, env=environ, check=True
    )
    names = [
        sorted(f.relative_to(d) for d in [folder] for f in d.rglob("*"))
        for folder in (out, tmp_path)
    ]
    assert names[0] == names[1]
    for name in names[0]:
        if (out / name).is_file():
            assert (out / name).read_bytes() == (tmp_path / name).read_bytes(), name


@each_topic
def test_a_topic_page_has_the_headings_of_all_others(out: Path, slug: str) -> None:
    assert read(out / "topics" / f"{slug}.html").headings == HEADINGS


def test_every_row_of_a_table_has_as_many_cells_as_its_head(out: Path) -> None:
    """A `|` in code ends a cell of Markdown, unless it is escaped."""
    for page in (out / "docs").glob("*.html"):
        for table in re.findall(r"<table>.*?</table>", page.read_text("utf-8"), re.DOTALL):
            rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
            assert len({len(re.findall("<t[hd]", row)) for row in rows}) == 1, page.name
            assert not re.search(r"<td>[^<]*`", table), page.name


@each_topic
def test_a_pair_shows_every_line_of_both_files_at_its_number(out: Path, slug: str) -> None:
    html = (out / "topics" / f"{slug}.html").read_text(encoding="utf-8")
    for side, code in zip(("flask", "fastapi"), Twins(f"routes/{slug}.py").cuts, strict=True):
        for number, line in enumerate(code.lines, 1):
            if line.strip():
                found = re.search(
                    rf"<td id={side}-{number}[ >].*?</a>(.*?)(?=<td|<tr|</tbody)", html
                )
                assert found, f"{side}-{number}"
                assert Markup(found[1]).striptags() == " ".join(line.split())


@each_topic
def test_a_topic_has_examples_and_each_is_recorded(slug: str) -> None:
    own = pages.trials()[slug]
    assert own
    assert any(not trial.example.recorded for trial in own), "one at least can be sent by a script"


def test_nothing_is_recorded_that_is_no_example() -> None:
    assert list(examples.recorded()) == [example.key for example in examples.load()]


def test_what_is_volatile_is_not_recorded() -> None:
    for trial in (trial for own in pages.trials().values() for trial in own):
        for name in trial.example.volatile:
            assert not re.search(rf'"{name}":(?!"{examples.MASK}")', trial.answer.body)
        for name, value in trial.answer.headers:
            assert name != "server-timing" or value == examples.MASK


@pytest.mark.parametrize(
    "place",
    [
        "flask_app/app.py:nope",
        "flask_app/nope.py",
        "compat/responses.py:Response.nope",
        "topics.toml:hello",
    ],
)
def test_code_that_is_not_there_cannot_be_cut(place: str) -> None:
    with pytest.raises(NoSuchCode, match="there is no"):
        cut(place)


def test_code_is_cut_by_the_name_of_a_function_a_class_a_method_or_a_constant() -> None:
    handler = cut("flask_app/routes/cookies.py:show_profile")
    assert handler.lines[0] == '@bp.get("/profile")'
    assert handler.lines[-1] == '    return {"name": name}'
    whole = (ROOT / handler.path).read_text(encoding="utf-8").splitlines()
    assert whole[handler.first - 1] == handler.lines[0]
    assert cut("reading/code.py:Cut.place").lines[0] == "    @property"
    assert cut("reading/code.py:SIDES").lines == ('SIDES = ("flask", "fastapi")',)


def test_code_is_cut_by_the_name_of_a_region(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one = 1\n# region: two\ntwo = 2\n# endregion\nthree = 3\n")
    assert cut("a.py:two", tmp_path) == cut("a.py:two", tmp_path)
    assert cut("a.py:two", tmp_path).lines == ("two = 2",)
    assert cut("a.py:two", tmp_path).first == 3


@pytest.mark.parametrize(
    "directive", ["pair: cookies:nope", "pair: nope:x", "code: shared/nope.py"]
)
def test_a_page_that_includes_code_which_is_not_there_ends_the_build(
    tmp_path: Path, directive: str
) -> None:
    (tmp_path / "page.md").write_text(f"# Page\n\n<!-- {directive} -->\n")
    built = site.Site(tmp_path / "out")
    with pytest.raises(NoSuchCode):
        sections(
            tmp_path / "page.md", tmp_path, lambda *_: "", lambda at: built.pair(at, "page.html")
        )


def test_a_name_that_is_not_there_is_told_by_the_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(site, "FRONT", ("Message", "uppercase"))
    assert site.main([str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert said == (
        "The site cannot be built: there is no 'uppercase' in flask_app/routes/json_body.py.\n"
    )


def test_the_side_of_a_column_is_no_inline_style(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(
        '# Page\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n\n<svg style="max-width: 9rem"></svg>\n'
    )
    (page,) = sections(tmp_path / "page.md", tmp_path, lambda *_: "", lambda _: Markup(""))
    assert '<td class="right">2</td>' in page.html
    assert "<svg " in page.html
    assert "style" not in page.html


def test_words_that_differ_are_marked_and_almost_touching_ones_together() -> None:
    assert differing("a = one(b)", "a = two(b)") == ([(4, 7)], [(4, 7)])
    one, other = "return f(first_value, x.y)", "return f(first_value, z.w)"
    assert differing(one, other) == ([(22, 25)], [(22, 25)])


def test_a_line_that_differs_in_most_of_its_words_has_no_marks() -> None:
    assert differing("a = Text(required=True)", "a: str | None") == ([], [])


def test_definitions_are_found_with_their_decorators() -> None:
    first, last = definitions(ROOT / "flask_app/routes/hello.py")["hello"]
    lines = (ROOT / "flask_app/routes/hello.py").read_text(encoding="utf-8").splitlines()
    assert lines[first - 1].startswith("@bp.get")
    assert lines[last - 1].startswith("    return")


def test_the_tests_of_a_topic_are_told_in_words() -> None:
    words = [case.words for case in pages.cases(TOPICS["cookies"])]
    assert "the cookie is read" in words


def test_the_matrix_is_the_readme_s() -> None:
    rows = pages.matrix()
    assert [row[0] for row in rows] == ["topic", *TOPICS, "all"]


def found(out: Path, word: str) -> list[str]:
    script = (out / "static" / "index.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("const index = ").removesuffix(";\n"))
    places = (place.partition(":") for place in index["words"].get(word, "").split())
    return [f"{index['places'][int(number)]}{line}" for number, _, line in places]


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("set_cookie", "flask_app/routes/cookies.py"),
        ("set_cookie", "fastapi_app/routes/cookies.py"),
        ("depends", "fastapi_app/routes/hello.py"),
        ("blueprint", "flask_app/routes/hello.py"),
    ],
)
def test_an_identifier_is_found_at_the_line_that_has_it(out: Path, word: str, path: str) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if word in line.lower())
    slug, side = Path(path).stem, path.partition("_")[0]
    assert f"topics/{slug}.html#{side}-{number}" in found(out, word)


def test_a_number_is_found_where_a_page_has_it(out: Path) -> None:
    assert "docs/at-a-glance.html#errors" in found(out, "422")


def test_the_index_leaves_out_what_nobody_looks_for() -> None:
    index = search.Index()
    index.add_text("a.html", "the import of Depends")
    assert index.words == {"depends": {0: 0}}


@pytest.mark.slow
def test_the_recording_is_what_both_apps_answer(tmp_path: Path) -> None:
    with ExitStack() as stack:
        running = record.serve_both(tmp_path, stack)
        answers = record.record_all({name: server.port for name, server in running.items()})
    assert answers == json.loads(examples.RECORDED.read_text(encoding="utf-8")), "see make record"


def test_a_busy_port_of_the_site_is_reported_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        environ = {
            "FLASK_PORT": str(free_port()),
            "FASTAPI_PORT": str(free_port()),
            "SITE_PORT": str(port),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}",
        }
        done = subprocess.run(
            [sys.executable, "-m", "servers.serve", "--site"],
            cwd=ROOT,
            env=os.environ | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert f"port {port} is busy: held by process {os.getpid()}, " in done.stderr
    assert "another port with SITE_PORT=" in done.stderr


@pytest.mark.slow
def test_serving_says_where_the_site_is_first_and_lets_its_pages_read_the_answers(
    tmp_path: Path,
) -> None:
    ports = {name: str(free_port()) for name in ("FLASK_PORT", "FASTAPI_PORT", "SITE_PORT")}
    environ = os.environ | ports | {"DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}"}
    with subprocess.Popen(
        [sys.executable, "-m", "servers.serve", "--site"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout
            line = next(line for line in process.stdout if "ready in" in line)
            here = f"http://127.0.0.1:{ports['SITE_PORT']}"
            assert line.split()[:2] == ["site", here]
            assert "<h1>" in requests.get(here, timeout=10).text
            told = requests.get(f"{here}/servers.json", timeout=10).json()
            assert told == {
                "flask": int(ports["FLASK_PORT"]),
                "fastapi": int(ports["FASTAPI_PORT"]),
            }
            for port in told.values():
                for origin in (here, here.replace("127.0.0.1", "localhost")):
                    answer = requests.get(
                        f"http://127.0.0.1:{port}/", headers={"Origin": origin}, timeout=10
                    )
                    assert answer.headers["Access-Control-Allow-Origin"] == origin
        finally:
            process.terminate()
            process.communicate(timeout=60)
    assert process.returncode == 0
