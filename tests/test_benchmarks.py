"""The benchmarks: that twins are twins, that the arithmetic is right, that the parts run.

No test asserts on time.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as command
from benchmarks import (
    budgets,
    calling,
    claims,
    inprocess,
    load,
    pages,
    plots,
    processes,
    profile,
    running,
    serving,
    wire,
)
from benchmarks.calling import Answer, AsgiCaller, Request, WsgiCaller
from benchmarks.endpoints import ENDPOINTS
from benchmarks.experiments import Measured
from benchmarks.judging import Spread, measure, ratios
from benchmarks.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.make(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def whole(world: World) -> Iterator[dict[str, calling.Caller]]:
    with inprocess.apps(world) as callers:
        yield callers


@pytest.mark.parametrize("name", ENDPOINTS)
def test_twins_answer_the_same_bytes_as_the_apps(
    name: str, world: World, whole: dict[str, calling.Caller]
) -> None:
    with inprocess.subjects(name, world, whole) as callers:  # raises Different
        assert len(callers) == 6


def test_other_bytes_are_no_twin() -> None:
    answer, other = Answer(200, (), b"{}"), Answer(200, (), b"[]")
    with pytest.raises(inprocess.Different):
        inprocess.compare("hello", {"app": answer, "twin": other})
    with pytest.raises(inprocess.Different):
        inprocess.compare("hello", {"app": Answer(500, (), b""), "twin": Answer(500, (), b"")})


def test_only_numbers_may_differ_where_each_answer_has_its_own() -> None:
    answer, other = (
        Answer(201, (), b'{"id":9,"state":"a"}'),
        Answer(201, (), b'{"id":10,"state":"a"}'),
    )
    inprocess.compare("order", {"app": answer, "twin": other})
    with pytest.raises(inprocess.Different):
        inprocess.compare("order", {"app": answer, "twin": Answer(201, (), b'{"id":9}')})


def test_a_ratio_is_taken_inside_each_round() -> None:
    # The second round was disturbed, and both took ten times as long.
    found = {"app": [2.0, 20.0, 2.0], "twin": [1.0, 10.0, 1.0]}
    assert ratios(found, "app", "twin") == Spread(2.0, 2.0, 2.0, 3)


def test_a_spread_is_the_median_and_where_it_lies() -> None:
    spread = Spread.of([float(number) for number in range(1, 26)])
    assert (spread.median, spread.low, spread.high, spread.count) == (13.0, 8.0, 18.0, 25)
    assert spread.is_sure_of(7.0)
    assert spread.is_sure_of(18.5)
    assert not spread.is_sure_of(13.0)
    assert Spread.of([3.0]) == Spread(3.0, 3.0, 3.0, 1)


def test_the_judge_finds_what_takes_twice_as_long() -> None:
    spent = 0.0

    def work(seconds: float) -> Any:
        def call(times: int) -> None:
            nonlocal spent
            spent += seconds * times

        return call

    found = measure(
        {"one": work(0.001), "two": work(0.002)}, rounds=5, block=0.02, clock=lambda: spent
    )
    assert [len(values) for values in found.values()] == [5, 5]
    assert ratios(found, "two", "one").median == pytest.approx(2.0)


def test_percentiles() -> None:
    values = [float(number) for number in range(100)]
    assert load.percentile(values, 0.5) == 50.0
    assert load.percentile(values, 0.99) == 99.0
    assert load.percentile(values, 1) == 99.0
    assert load.percentile([], 0.5) == 0.0


class Slow(BaseHTTPRequestHandler):
    """Answers /ok, fails /fail, and closes the connection at /gone."""

    protocol_version = "HTTP/1.1"
    waits = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/gone":
            self.close_connection = True
            return
        if self.path == "/held":
            self.waits.wait(20)
        self.send_response(500 if self.path == "/fail" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        Slow.waits.clear()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        Slow.waits.set()
        server.shutdown()
        thread.join()


def test_a_closed_loop_counts_answers_and_stops_at_their_number(slow: int) -> None:
    done = load.closed(slow, Request(path="/ok"), 2, 60, answers=20)
    assert (done.answers, done.errors) == (20, {})


def test_errors_are_counted_by_their_kind(slow: int) -> None:
    assert set(load.closed(slow, Request(path="/fail"), 1, 0.01).errors) == {"500"}
    assert load.closed(slow, Request(path="/gone"), 1, 0.01).errors == {"connection lost": 1}


def test_an_open_loop_counts_from_the_scheduled_start(slow: int) -> None:
    # One connection, and its first answer is held until the second request has been due for long.
    held = threading.Timer(0.5, Slow.waits.set)
    held.start()
    done = load.opened(slow, Request(path="/held"), 1, 20, 0.2)
    held.join()
    assert (done.answers, len(done.lags)) == (4, 4)
    # All four waited for the first answer, though the last three were sent after it.
    assert min(done.times) > 0.25


def test_an_answer_in_chunks_is_read_to_its_end() -> None:
    told: list[int | str] = []
    connection = load.Connection()
    connection.done = told.append
    connection.data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    assert told == []
    connection.data_received(b"0\r\n\r\n")
    assert told == [200]


def test_an_app_that_fails_to_start_is_no_silent_subject() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(RuntimeError, match=r"lifespan\.startup\.failed"):
        AsgiCaller(app)


def test_callers_hand_over_the_whole_request() -> None:
    request = Request("POST", "/a", "b=1", (("x-test", "yes"),), b"body" * 40_000)

    def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Seen", environ["HTTP_X_TEST"] + environ["QUERY_STRING"])])
        return [environ["wsgi.input"].read()]

    answer = WsgiCaller(wsgi).call(request)
    assert (answer.header("x-seen"), answer.body) == ("yesb=1", request.body)
    scope = calling.scope(request)
    assert (b"x-test", b"yes") in scope["headers"]

    async def read() -> bytes:
        receive, body, more = calling._receive(request.body), b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        return body

    assert asyncio.run(read()) == request.body


@pytest.mark.parametrize(
    ("name", "value", "met"),
    [
        ("light", 1.4, True),
        ("light", 1.41, False),
        ("waiting", 0.9, True),
        ("waiting", 0.89, False),
    ],
)
def test_a_limit_itself_is_met(name: str, value: float, met: bool) -> None:
    assert budgets.BUDGETS[name].is_met("flask", value) is met


def test_the_worst_value_counts() -> None:
    values = {"hello": Spread(1.2, 1.1, 1.3, 25), "json": Spread(1.6, 1.55, 1.7, 25)}
    found = budgets.of_worst("light", "fastapi", values)
    assert (found.met, found.sure, found.value.median) == (False, True, 1.6)
    assert found.note.startswith("json counts")
    shares = {"a": Spread(0.8, 0.8, 0.8, 3), "b": Spread(0.95, 0.9, 1.0, 3)}
    assert budgets.of_worst("waiting", "flask", shares).value.median == 0.8


@pytest.mark.parametrize(
    ("budget", "value", "met", "sure"),
    [
        ("light", Spread(1.43, 1.39, 1.47, 25), True, False),
        ("light", Spread(1.43, 1.41, 1.47, 25), False, True),
        ("light", Spread(1.38, 1.35, 1.42, 25), True, False),
        ("light", Spread(1.3, 1.2, 1.35, 25), True, True),
        ("cores", Spread(0.8, 0.7, 0.9, 10), True, False),
        ("cores", Spread(0.8, 0.75, 0.84, 10), False, True),
    ],
)
def test_no_chance_makes_a_budget_missed(budget: str, value: Spread, met: bool, sure: bool) -> None:
    found = budgets.of_worst(budget, "flask", {"it": value})
    assert (found.met, found.sure) == (met, sure)


def test_what_is_missed_for_sure_is_told_before_what_may_be_missed() -> None:
    values = {"hello": Spread(1.45, 1.44, 1.46, 60), "json": Spread(1.5, 1.3, 1.7, 60)}
    found = budgets.of_worst("light", "flask", values)
    assert (found.met, found.value.median) == (False, 1.45)
    assert budgets.of_worst("light", "fastapi", values).value.median == 1.5


def test_one_error_misses_a_budget() -> None:
    fine = Measured(Spread(0.95, 0.93, 0.97, 5))
    assert budgets.of_measured("readers", "flask", fine).met
    failed = budgets.of_measured("readers", "flask", Measured(fine.value, {}, 1))
    assert not failed.met
    assert failed.note.startswith("1 errors")


@pytest.mark.parametrize(("twin", "told"), [(0.8, True), (0.95, False)])
def test_what_the_bare_twin_misses_too_no_app_can_meet(twin: float, told: bool) -> None:
    measured = Measured(Spread(0.7, 0.7, 0.7, 3), {"bare twin": twin})
    verdict = budgets.of_measured("waiting", "flask", measured)
    assert verdict.met is False
    assert ("no app can meet it" in verdict.note) is told
    barely = Measured(Spread(0.7, 0.7, 0.95, 3), {"bare twin": twin})
    assert "no app" not in budgets.of_measured("waiting", "flask", barely).note


def test_a_machine_too_busy_to_tell_gives_no_verdict() -> None:
    low, high = Spread(0.7, 0.6, 0.7, 3), Spread(0.95, 0.9, 0.95, 3)
    assert budgets.of_measured("waiting", "flask", Measured(low, too_busy=True)).met is None
    assert budgets.of_measured("waiting", "flask", Measured(low)).met is False
    assert budgets.of_measured("waiting", "flask", Measured(high, too_busy=True)).met is True
    assert budgets.of_measured("waiting", "flask", Measured(low, {}, 1, too_busy=True)).met is False


def test_a_value_near_its_limit_is_measured_on() -> None:
    def found(low: float, high: float) -> dict[str, inprocess.Found]:
        ratio = Spread((low + high) / 2, low, high, 25)
        one = inprocess.Found(ratio, ratio, ratio, ratio, ratio)
        return {"flask": one, "fastapi": one}

    assert not budgets.is_sure("light", found(1.35, 1.45))
    assert budgets.is_sure("light", found(1.1, 1.2))
    assert budgets.is_sure("", found(1.35, 1.45))


def test_lines_of_code_are_those_with_code() -> None:
    code = ["import os  # why", "def call(", "    a,", "):", "    return (", "        a", "    )"]
    rest = ['"""Doc."""', "", "# a comment", *code[:4], '    """Doc."""', *code[4:], "", code[0]]
    source = "\n".join(rest) + "\n"
    assert claims.code_lines(source) == len(code) + 1


def test_dependencies_are_followed() -> None:
    assert {"flask", "werkzeug", "markupsafe"} <= claims._closure(["flask"])
    assert "starlette" in claims._closure(["fastapi"])


def test_memory_and_time_of_a_process_are_known() -> None:
    import os

    assert processes.memory(os.getpid()) > 1024 * 1024
    assert processes.cpu(os.getpid()) > 0
    assert processes.cpu(2**30) == 0


def test_bars_are_drawings_that_can_be_read_aloud() -> None:
    drawn = plots.bars(
        "a", "Title & more", "one: 1", [plots.Bar("<one>", 1.0), plots.Bar("two", 2.0, 1)],
        legend=["x", "y"], limit=1.5,
    )  # fmt: skip
    root = ElementTree.fromstring(drawn)
    names = [child.tag.rpartition("}")[2] for child in root]
    assert root.get("role") == "img"
    assert names[:2] == ["title", "desc"]
    bars = [child for child in root if child.get("height") == str(plots.ROW - 6)]
    assert float(bars[1].get("width", "0")) == pytest.approx(2 * float(bars[0].get("width", "0")))
    assert "" not in drawn.splitlines(), "a blank line would end the block in Markdown"


def test_the_commands_differ_from_the_servings_in_the_app_alone() -> None:
    from servers.servings import SERVINGS

    for app, server in serving.USUAL.items():
        ours, theirs = serving.command(server, 8000), SERVINGS[app].command(8000)
        assert set(theirs) - set(ours) == {theirs[-1]}


def test_an_unknown_endpoint_has_no_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile.main(["nothing"]) == 2
    assert "order" in capsys.readouterr().out


@pytest.mark.parametrize("app", inprocess.APPS)
def test_a_profile_is_text_and_a_flame_graph(
    app: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["rows", "--app", app, "--seconds", "0.5", "--folder", str(tmp_path)]
    assert profile.main(arguments) == 0
    assert "page_of" in capsys.readouterr().out
    graph = json.loads((tmp_path / f"profile-{app}-rows.speedscope.json").read_text("utf-8"))
    assert "page_of" in {frame["name"] for frame in graph["shared"]["frames"]}


@pytest.mark.parametrize("options", [["--only", "judge"], ["--quick"]])
def test_only_a_run_of_all_parts_is_stored(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main([*options, "--write"])
    assert "only a run of all parts" in capsys.readouterr().err


def test_a_stored_result_is_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    results = running.empty(quick=True)
    path = command.store(results)
    assert json.loads(path.read_text("utf-8"))["date"] == results.date
    with pytest.raises(FileExistsError):
        command.store(results)


def stored() -> list[Path]:
    return sorted(command.RESULTS.glob("*.json"))


def test_the_pages_are_those_of_the_newest_result() -> None:
    newest = stored()[-1]
    result = json.loads(newest.read_text("utf-8"))
    for path, text in pages.written(result, newest.name).items():
        assert path.read_text("utf-8") == text, f"make bench-pages writes {path.name}"


def test_every_part_of_a_run_is_on_the_page() -> None:
    result = json.loads(stored()[-1].read_text("utf-8"))
    text = pages.how_fast(result, "x.json")
    for endpoint in ENDPOINTS.values():
        assert endpoint.title in text
    for budget in budgets.BUDGETS.values():
        assert budget.title in text
    assert result["machine"]["versions"]["flask"] in text
    assert text.count("<svg") == text.count("</svg>") == 3


@pytest.mark.slow
def test_a_tiny_run_fills_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.experiments.REQUESTS", 700)
    monkeypatch.setattr("benchmarks.experiments.WARMUP", 70)
    monkeypatch.setattr("benchmarks.load.PATIENCE", 60.0)
    effort = running.Effort(
        rounds=2,
        block=0.001,
        wire=("hello", "json"),
        wire_rounds=1,
        wire_seconds=0.1,
        rate_rounds=1,
        rate_seconds=0.1,
        starts=1,
        cross_rounds=1,
        cross_seconds=0.1,
        connections=(1, 32),
        waiters=(64,),
    )
    results = command.run(effort, running.PARTS, quick=True)
    assert set(results.endpoints) == set(ENDPOINTS)
    names = set(budgets.BUDGETS) - (set() if processes.can_pin() else {"cores"})
    assert {(v.budget, v.app) for v in results.verdicts} == {
        (name, app) for name in names for app in inprocess.APPS
    }
    assert set(results.wire) == {"hello", "json"}
    for found in results.wire.values():
        assert all(isinstance(one, wire.Wire) and not one.errors for one in found.values())
    assert {row.connections for row in results.cross} == {1, 32}
    assert all(row.errors == 0 for row in results.cross)
    assert len(results.waiting) == 8
    assert {"lines", "dependencies", "fresh", "validation", "runtimes"} == set(results.claims)
    text = json.dumps(results.as_json(), default=asdict)
    assert json.loads(text)["endpoints"]["hello"]["flask"]["ratio"]["count"] > 0
