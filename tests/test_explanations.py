"""The page of measured differences is true, and a failure names it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from contract_tests import explanations
from contract_tests.explanations import PAGE, ROOT, SECTIONS, STATUSES

STATES = ["closed", "to do", "lacking", "intended", "not applicable"]
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def test_every_difference_is_listed_once() -> None:
    ids = [row.id for row in explanations.rows()]
    assert len(ids) == len(set(ids)) == 285


def test_the_summary_counts_the_rows() -> None:
    topics = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)[1:]
    summary = re.findall(r"^\| \[(.+)\]\(#.+\) \| (.+) \|$", TEXT, re.MULTILINE)
    assert [title for title, _ in summary] == topics
    states = [row.state.partition(":")[0] for row in explanations.rows()]
    counts = Counter(states)
    (total,) = re.findall(r"^\| all \| (.+) \|$", TEXT, re.MULTILINE)
    assert total == " | ".join(str(n) for n in [len(states), *(counts[name] for name in STATES)])
    columns = zip(*([int(n) for n in line.split(" | ")] for _, line in summary), strict=True)
    assert [sum(column) for column in columns] == [int(n) for n in total.split(" | ")]


@pytest.mark.parametrize("row", explanations.rows(), ids=lambda row: row.id)
def test_a_closed_difference_names_a_test_and_any_other_a_reason(row: explanations.Row) -> None:
    state, _, reason = row.state.partition(": ")
    assert state in STATES
    assert bool(reason) == (state not in {"closed", "to do"})
    assert row.tests or state not in {"closed", "to do"}


def test_every_section_exists() -> None:
    titles = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    anchors = {title.lower().replace(" ", "-") for title in titles}
    assert {*SECTIONS.values(), *STATUSES.values()} <= anchors


def test_a_test_is_explained_by_its_topic_and_by_the_differences_that_it_closes() -> None:
    lines = explanations.of_test("cookies", "test_a_cookie_is_deleted_by_an_expired_one")
    assert lines[:2] == [
        "docs/topics/cookies.md: what differs, and the contract",
        "docs/measured-differences.md: what naive ports change here",
    ]
    assert [line.split(":")[0].strip() for line in lines[2:]] == ["c-delete", "rv-204-ct"]
    assert explanations.of_test("cookies", "test_of_one_s_own") == lines[:1]
    assert explanations.of_test("nope", "test_of_one_s_own") == []


@pytest.mark.parametrize(
    ("names", "statuses", "sections"),
    [
        (["status", "body"], (404, 422), ["routing"]),
        (["set-cookie:", "vary:", "access-control-max-age:"], (200, 200), ["cookies", "cors"]),
        (["body"], (200, 200), []),
        (["status"], (0, 200), []),
    ],
)
def test_a_difference_is_explained_by_its_kind(
    names: list[str], statuses: tuple[int, int], sections: list[str]
) -> None:
    expected = [f"{PAGE}#{section}" for section in sections]
    assert explanations.of_parts(names, statuses) == expected
