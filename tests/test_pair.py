"""`make pair`: which lines meet, and what a terminal of any width shows of them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from reading import pair, topics
from reading.alignment import align, shares
from reading.topics import ROOT

TOPICS = topics.load()
Show = Callable[..., list[str]]


def meetings(left: str, right: str) -> list[tuple[str, str]]:
    ours, theirs = left.splitlines(), right.splitlines()
    return [
        (ours[row.left].strip(), theirs[row.right].strip())
        for row in align(ours, theirs)
        if row.meet and row.left is not None and row.right is not None and ours[row.left].strip()
    ]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    def run(*arguments: str, columns: int | None = 160) -> list[str]:
        if columns is None:
            monkeypatch.delenv("COLUMNS", raising=False)
        else:
            monkeypatch.setenv("COLUMNS", str(columns))
        assert pair.main(arguments) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_equal_lines_meet() -> None:
    assert meetings("a = 1\nb = 2", "b = 2\nc = 3") == [("b = 2", "b = 2")]


def test_lines_that_define_the_same_name_meet_however_they_define_it() -> None:
    left = "class A(Schema):\n    name = Text(required=True)\n    age = Integer()"
    right = "class A(Base):\n    age: int | None = None"
    assert meetings(left, right) == [
        ("class A(Schema):", "class A(Base):"),
        ("age = Integer()", "age: int | None = None"),
    ]


def test_a_handler_meets_the_handler_of_its_name() -> None:
    left = '@bp.get("/a")\n@bp.response(200, A)\ndef read() -> dict[str, str]:'
    right = '@router.get("/a")\nasync def read() -> A:'
    assert [one for one, _ in meetings(left, right)] == ['@bp.get("/a")', left.splitlines()[2]]


def test_lines_with_nothing_in_common_do_not_meet() -> None:
    assert meetings("return response", "import json") == []
    assert meetings("name = 1", "age = 1") == []


def test_each_line_stands_in_one_row_and_none_is_moved() -> None:
    for topic in TOPICS.values():
        left, right = ((ROOT / path).read_text().splitlines() for path in topic.routes)
        rows = align(left, right)
        assert [row.left for row in rows if row.left is not None] == [*range(len(left))]
        assert [row.right for row in rows if row.right is not None] == [*range(len(right))]


def test_shares_count_lines_that_are_not_blank() -> None:
    assert shares(["a = 1", "", "b = 2"], ["a = 1", "", "", "b = 3"]) == (0.5, 1.0)
    assert shares([], []) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("line", "width"), [("    return one, two, three", 16), ("x" * 50, 20), ("", 5), ("    a", 3)]
)
def test_a_wrapped_line_keeps_every_character_but_the_blanks_where_it_is_cut(
    line: str, width: int
) -> None:
    pieces = pair.wrap(line, width)
    text = line[pieces[0][0] : pieces[0][1]]
    for (_, end, _), (start, stop, _) in pairwise(pieces):
        assert line[end:start].strip() == ""
        text += line[end:stop]
    assert text == line
    assert all(end - start + indent <= width for start, end, indent in pieces)


@pytest.mark.parametrize("columns", [40, 80, 119, 120, 160, 200, 300])
def test_no_line_is_wider_than_the_terminal(show: Show, columns: int) -> None:
    for slug in TOPICS:
        assert max(map(len, show(slug, columns=columns)[2:-2])) <= columns


def numbers(line: str) -> list[str]:
    """The numbers, counted from 1, that a line has in the two files of `json_body`."""
    texts = [(ROOT / path).read_text().splitlines() for path in TOPICS["json_body"].routes]
    return [str(n + 1) for text in texts for n, found in enumerate(text) if line in found]


def test_a_wide_terminal_shows_two_columns_with_marks_and_line_numbers(show: Show) -> None:
    lines = show("json_body")
    (row,) = [line for line in lines if "async def lowercase" in line]
    left, right = row.split(" | ")
    assert [left.split()[0], right.split()[0]] == numbers("def lowercase(")
    assert any(line.rstrip().endswith("<") and "@bp.response" in line for line in lines)


def test_a_narrow_terminal_shows_one_column(show: Show) -> None:
    lines = show("json_body", columns=80)
    old = next(n for n, line in enumerate(lines) if line.startswith("<") and " def " in line)
    new = next(n for n, line in enumerate(lines) if line.startswith(">") and " async def " in line)
    assert old < new
    (equal,) = [line for line in lines if "class Message" in line]
    assert equal.split()[:2] == numbers("class Message")


@pytest.mark.parametrize("columns", [80, 160])
def test_every_line_of_both_files_is_shown(show: Show, columns: int) -> None:
    for topic in TOPICS.values():
        shown = "".join("".join(show(topic.slug, columns=columns)).split())
        for path in topic.routes:
            for line in (ROOT / path).read_text().splitlines():
                assert "".join(line.split())[:20] in shown


def test_all_shares_are_listed(show: Show) -> None:
    assert [line.split()[0] for line in show("--shares")] == [*TOPICS]


@pytest.mark.parametrize("arguments", [[], ["nope"], ["cookies", "nope"]])
def test_without_a_known_topic_all_are_listed(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert pair.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert all(f"  {slug} " in shown.err for slug in TOPICS)


def in_terminal(*arguments: str, **environ: str) -> bytes:
    """What `python -m reading.pair` writes to a terminal."""
    pty = pytest.importorskip("pty")
    inner, outer = pty.openpty()
    clean = {name: os.environ[name] for name in os.environ if name not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "reading.pair", *arguments],
        cwd=ROOT,
        env={**clean, "TERM": "xterm-256color", **environ},
        stdout=outer,
        stdin=outer,
    )
    os.close(outer)
    shown = b""
    try:
        while chunk := os.read(inner, 65536):
            shown += chunk
    except OSError:  # Linux's way to say that nobody writes any more
        pass
    os.close(inner)
    assert process.wait() == 0
    return shown


def test_a_terminal_gets_colours_unless_it_asks_for_none() -> None:
    assert b"\x1b[" in in_terminal("hello", COLUMNS="120")
    assert b"\x1b" not in in_terminal("hello", COLUMNS="120", NO_COLOR="1")


def test_a_file_gets_plain_text(show: Show) -> None:
    assert not any("\x1b" in line for line in show("hello", columns=None))


def test_it_answers_while_one_waits() -> None:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "reading.pair", "headers"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        times.append(time.perf_counter() - began)
    assert min(times) < 1, "0.5 s is the aim, on a machine that does nothing else"
