"""The suite's machinery, shown on two small servers that differ in one thing at a time."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from contract_tests import curl, differences, handlers, matrix, raw, targets
from servers import postgresql, running

pytest_plugins = ["pytester"]

GET = """
def test_get(api):
    assert api.get("/").status_code == 200
"""
Headers = list[tuple[str, str]]


class Server(ThreadingHTTPServer):
    """Answers every request alike, with what `status`, `headers` and `body` say."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.reset()
        Thread(target=self.serve_forever, args=(0.005,), daemon=True).start()

    def reset(self) -> None:
        self.status = 200
        self.headers: Headers = [("Content-Type", "text/plain")]
        self.body: Callable[[Any], bytes] | bytes = b"hello"
        self.chunked = False

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no error here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = self.server.body(self) if callable(self.server.body) else self.server.body
        self.send_response(self.server.status)
        for name, value in self.server.headers:
            self.send_header(name, value)
        if self.server.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    do_GET = do_POST = do_HEAD = answer  # noqa: N815 (http.server's names)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    pair = Server(), Server()
    yield pair
    for server in pair:
        server.shutdown()
        server.server_close()


@pytest.fixture
def left(servers: tuple[Server, Server]) -> Server:
    servers[0].reset()
    return servers[0]


@pytest.fixture
def right(servers: tuple[Server, Server]) -> Server:
    servers[1].reset()
    return servers[1]


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins that other tests have imported by now warn of being loaded once more."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


Suite = Callable[..., pytest.RunResult]


@pytest.fixture
def suite(pytester: pytest.Pytester, left: Server, right: Server) -> Suite:
    """Runs a test file on both servers, as targets `flask` and `fastapi`."""
    pytester.makeini("[pytest]\nmarkers = core\n intended_difference(id)\nfilterwarnings = error")

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_topic=source)
        chosen = [f"--target=flask={left.url}", f"--target=fastapi={right.url}"]
        if any(option.startswith(("--target", "--serving")) for option in options):
            chosen = []
        return pytester.runpytest_inprocess("-p", "contract_tests.conftest", *chosen, *options)

    return run


def test_equal_answers_pass_and_are_counted(suite: Suite) -> None:
    result = suite(GET)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "topic  flask     fastapi",
            "topic  1 passed  1 passed",
            "2 exchanges, 1 pairs compared*",
        ]
    )


def test_another_status_is_a_failure_of_the_last_run(suite: Suite, right: Server) -> None:
    right.status = 201
    result = suite("def test_get(api): api.get('/')")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*different answers (status)", "GET /", "curl -i *", "- flask", "+ fastapi"]
    )
    result.stdout.fnmatch_lines(["-status: 200", "+status: 201"])


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Type", "text/html")],
        [],
        [("Content-Type", "text/plain"), ("X-More", "1")],
        [("Content-Type", "text/plain"), ("Content-Type", "text/plain")],
    ],
)
def test_another_list_of_headers_fails(suite: Suite, right: Server, headers: Headers) -> None:
    right.headers = headers
    suite(GET).assert_outcomes(passed=1, failed=1)


def test_one_other_byte_in_the_body_fails(suite: Suite, right: Server) -> None:
    right.body = b"hellO"
    suite(GET).assert_outcomes(passed=1, failed=1)


def test_json_that_is_spaced_differently_fails_and_shows_the_byte(
    suite: Suite, left: Server, right: Server
) -> None:
    left.body, right.body = b'{"a":1,"b":2}', b'{"a":1, "b":2}'
    result = suite(GET)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["-content-length: 13", "+content-length: 14", "the bodies part at byte 7:"]
    )


def test_the_order_of_equal_headers_counts(suite: Suite, left: Server, right: Server) -> None:
    left.headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    right.headers = [("Set-Cookie", "b=2"), ("Set-Cookie", "a=1")]
    suite(GET).assert_outcomes(passed=1, failed=1)


def test_what_carries_no_meaning_is_not_compared(suite: Suite, left: Server, right: Server) -> None:
    left.headers = [("X-A", "1"), ("x-b", "2"), ("Allow", "GET, HEAD"), ("X-Served-By", "flask")]
    right.headers = [("Allow", "HEAD,GET"), ("X-B", "2"), ("X-A", "1"), ("X-Served-By", "fastapi")]
    suite(GET).assert_outcomes(passed=2)


def test_another_set_in_allow_fails(suite: Suite, left: Server, right: Server) -> None:
    left.headers, right.headers = [("Allow", "GET, HEAD")], [("Allow", "GET")]
    suite(GET).assert_outcomes(passed=1, failed=1)


def test_chunks_may_stand_for_a_content_length(suite: Suite, right: Server) -> None:
    right.chunked = True
    suite(GET).assert_outcomes(passed=2)


VOLATILE = """
def test_get(api):
    answer = api.get("/")
    api.volatile("id", answer.json()["id"])
"""


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ('{"id":"abcd","next":"/x/abcd"}', '{"id":"wxyz12","next":"/x/wxyz12"}', True),
        ('{"id":"abcd","next":"/x/abcd"}', '{"id":"wxyz12","next":"/x/abcd"}', False),
        ('{"id":"abcd","next":"/x/abcd"}', '{"id":"wxyz12","next":"/x/wxyz13"}', False),
        ('{"id":7,"next":"/x/7","age":7}', '{"id":81,"next":"/x/81","age":7}', True),
        ('{"id":7,"next":"/x/7","age":7}', '{"id":81,"next":"/x/82","age":7}', False),
        ('{"id":7,"next":"/x/77"}', '{"id":8,"next":"/x/88"}', False),
        ('{"id":7,"next":"/x/7a"}', '{"id":8,"next":"/x/8a"}', False),
    ],
)
def test_a_volatile_value_is_compared_by_the_places_where_it_stands(
    suite: Suite, left: Server, right: Server, ours: str, theirs: str, alike: bool
) -> None:
    left.body, right.body = ours.encode(), theirs.encode()
    suite(VOLATILE).assert_outcomes(passed=2 if alike else 1, failed=0 if alike else 1)


@pytest.mark.parametrize(
    ("theirs", "alike"), [('{"id":81}', True), ('{"id":8}', True), ('{"id":8,"b":1}', False)]
)
def test_the_length_that_head_tells_may_differ_with_the_digits_of_an_id(
    suite: Suite, left: Server, right: Server, theirs: str, alike: bool
) -> None:
    ours = '{"id":7}'
    left.body, right.body = ours.encode(), theirs.encode()
    head = """
def test_head(api):
    api.volatile("id", int(api.head("/").headers["X-Id"]))
"""
    left.headers, right.headers = ([("X-Id", str(json.loads(b)["id"]))] for b in (ours, theirs))
    suite(head).assert_outcomes(passed=2 if alike else 1, failed=0 if alike else 1)


def test_the_targets_own_address_is_volatile(suite: Suite, left: Server, right: Server) -> None:
    for server in (left, right):
        server.headers = [("Location", f"{server.url}/next")]
    suite(GET).assert_outcomes(passed=2)


def test_one_target_alone_is_not_compared_and_the_report_says_so(
    suite: Suite, left: Server
) -> None:
    result = suite(GET, f"--target={left.url}")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 exchanges; one target: nothing was compared"])


def test_a_dead_target_ends_the_run_before_any_test(suite: Suite) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        result = suite(GET, f"--target=gone=http://127.0.0.1:{unused.getsockname()[1]}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*gone does not answer at http://127.0.0.1*"])


@pytest.mark.parametrize(
    "options",
    [
        "--target=a=https://a.test",
        "--target=a",
        "--target=a=http://a.test,b",
        "--serving=apache",
        "--serving=flask+apache",
        "--serving=flask+flask",
        "--serving=flask@oracle",
        "--serving=flask --database=oracle",
        "--target=a=http://127.0.0.1:1 --database=postgresql",
    ],
)
def test_a_target_that_cannot_be_used_is_a_usage_error(suite: Suite, options: str) -> None:
    result = suite(GET, *options.split())
    result.stderr.fnmatch_lines(["ERROR: *"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_when_the_first_run_fails_the_second_does_not_fail_for_differing(
    suite: Suite, left: Server
) -> None:
    left.status = 500
    result = suite(GET)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*compared with fastapi*", "-status: 500", "+status: 200"])


def test_a_failed_assert_on_the_second_run_shows_what_the_first_answered(
    suite: Suite, right: Server
) -> None:
    right.status = 500
    result = suite(GET)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*assert 500 == 200*", "-status: 200", "+status: 500"])


def test_another_number_of_exchanges_fails(suite: Suite) -> None:
    result = suite("""
        seen = []
        def test_get(api):
            for _ in range(1 + len(seen)):
                api.get("/")
            seen.append(api.url)
    """)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["1 exchanges with flask, 2 with fastapi"])


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ((), {"passed": 3, "failed": 3}),
        (("--one-per-topic",), {"passed": 1, "failed": 1, "skipped": 4}),
    ],
)
def test_one_failure_of_a_topic_may_be_enough(
    suite: Suite, right: Server, options: tuple[str, ...], counts: dict[str, int]
) -> None:
    right.status = 500
    tests = "".join(f"def test_{name}(api): api.get('/')\n" for name in "abc")
    result = suite(tests, *options)
    result.assert_outcomes(**counts)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_an_exempt_answer_is_not_compared_but_counted(suite: Suite, right: Server) -> None:
    right.body = b"other"
    result = suite("def test_get(api): api.get('/', uncompared='compared elsewhere')")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*0 pairs compared; 1 exempt by their tests*"])


def test_refusals_may_differ_but_must_be_refusals(
    suite: Suite, left: Server, right: Server
) -> None:
    refusal = "def test_get(api): api.get('/', refusal=True)"
    left.status, right.status = 400, 501
    suite(refusal).assert_outcomes(passed=2)
    right.status = 200
    suite(refusal).assert_outcomes(passed=1, failed=1)


def test_every_parameter_is_compared_with_itself(suite: Suite) -> None:
    result = suite("""
        import pytest
        @pytest.mark.parametrize("value", ["a", "a", "-flask"])
        @pytest.mark.parametrize("other", [1, 2])
        def test_get(api, value, other): api.get("/")
    """)
    result.assert_outcomes(passed=12)
    result.stdout.fnmatch_lines(["12 exchanges, 6 pairs compared; *servers"])


def test_a_test_that_is_chosen_for_one_target_is_told_to_be_alone(suite: Suite) -> None:
    result = suite(GET, "-kflask")
    result.stdout.fnmatch_lines(["*; 1 tests ran on one target alone"])


def test_every_parameter_runs_on_all_targets_in_turn(suite: Suite, left: Server) -> None:
    result = suite(
        """
        import pytest
        @pytest.mark.parametrize("value", ["a", "b"])
        def test_get(api, value): api.get("/")
        """,
        f"--target=one={left.url}",
        f"--target=two={left.url}",
        "--collect-only",
        "-q",
    )
    assert [line.partition("[")[2] for line in result.outlines[:4]] == [
        "a-one]",
        "a-two]",
        "b-one]",
        "b-two]",
    ]


def test_cookies_are_kept_only_where_a_test_asks(suite: Suite, left: Server, right: Server) -> None:
    for server in (left, right):
        server.headers = [("Set-Cookie", "name=x")]
        server.body = lambda request: (request.headers.get("Cookie") or "none").encode()
    result = suite("""
        def test_get(api):
            api.get("/")
            assert api.get("/").text == "none"
            assert api.get("/", cookies={"own": "1"}).text == "own=1"
            with api.keeping_cookies():
                api.get("/")
                assert api.get("/").text == "name=x"
            assert api.get("/").text == "none"
    """)
    result.assert_outcomes(passed=2)


@dataclass
class Started:
    """Stands for a server that the suite has started."""

    name: str
    url: str
    log_path: Path
    environ: Mapping[str, str]
    stopped: bool = False

    def wait_ready(self, timeout: float) -> None:
        """Be ready."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Server) -> list[Started]:
    """The servers that the suite has started, in order, all of them answered by `left`."""
    found: list[Started] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def start(name: str, *, log_path: Path, environ: Mapping[str, str]) -> Started:
        log_path.write_text("")
        found.append(Started(name, left.url, log_path, environ))
        return found[-1]

    def stop_all(servers: Iterable[Started]) -> None:
        for server in servers:
            server.stopped = True

    monkeypatch.setattr(running, "start", start)
    monkeypatch.setattr(running, "stop_all", stop_all)
    return found


@dataclass
class Cluster:
    """Stands for a PostgreSQL that the suite has started."""

    servers: list[Started]
    installation: str = "PostgreSQL 0"
    starts: int = 0
    stopped_after: list[Started] = field(default_factory=list)

    def create(self, name: str) -> str:
        return f"postgresql:{name}"

    def stop(self) -> None:
        self.stopped_after = [server for server in self.servers if server.stopped]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, started: list[Started]) -> Cluster:
    """The PostgreSQL that the suite starts."""
    found = Cluster(started)

    def start(_: Path) -> Cluster:
        found.starts += 1
        return found

    monkeypatch.setattr(postgresql, "start", start)
    return found


ENDS = pytest.mark.parametrize(
    ("end", "status"),
    [
        ("pass", 0),
        ("assert 0", 1),
        ("raise KeyboardInterrupt", 2),
        ("raise Odd", 3),
        ("os.kill(os.getpid(), 15)", 143),
    ],
)


@ENDS
def test_the_servers_and_then_the_database_are_stopped_however_the_run_ends(
    pytester: pytest.Pytester, started: list[Started], cluster: Cluster, end: str, status: int
) -> None:
    class Breaking:
        @staticmethod
        def pytest_runtest_logreport(report: pytest.TestReport) -> None:
            assert "Odd" not in report.longreprtext, "an error inside pytest"

    source = f"import os\nclass Odd(BaseException): ...\ndef test_get(api): {end}"
    pytester.makepyfile(test_topic=source)
    result = pytester.inline_run(
        *("-p", "contract_tests.conftest", "--database=postgresql"),
        plugins=[Breaking()],
        no_reraise_ctrlc=True,
    )
    assert result.ret == status
    assert [server.stopped for server in started] == [True, True]
    assert cluster.stopped_after == started


def databases_of(started: list[Started]) -> list[tuple[str, str]]:
    """The name of each server and the end of its database's URL."""
    return [
        (server.name, re.split("[/:]", server.environ["DATABASE_URL"])[-1]) for server in started
    ]


def test_each_target_has_a_database_and_a_log_of_its_own(
    suite: Suite, started: list[Started]
) -> None:
    suite(GET, "--serving=flask", "--serving=fastapi+flask-sync", "--serving=both")
    assert databases_of(started) == [
        ("flask", "flask.db"),
        ("fastapi", "fastapi_flask_sync.db"),
        ("flask-sync", "fastapi_flask_sync.db"),
        ("flask", "both.db"),
        ("fastapi", "both.db"),
    ]
    assert len({server.log_path for server in started}) == 5
    assert {server.environ["SECRET_KEY"] for server in started} == {targets.SECRET_KEY}


def test_one_database_is_for_all_targets_that_do_not_name_another(
    suite: Suite, started: list[Started], cluster: Cluster
) -> None:
    names = ["flask@sqlite", "flask", "both"]
    result = suite(GET, "--database=postgresql", *(f"--serving={name}" for name in names))
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["=* contract on PostgreSQL 0 =*", "topic *flask@sqlite *both"])
    assert databases_of(started) == [
        ("flask", "flask_sqlite.db"),
        ("flask", "flask"),
        ("flask", "both"),
        ("fastapi", "both"),
    ]
    assert cluster.starts == 1


def test_no_database_is_started_that_nobody_wants(
    suite: Suite, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "start", lambda _: pytest.fail("it was"))
    result = suite(GET, "--serving=flask")
    result.stdout.fnmatch_lines(["=* contract =*"])


def test_where_the_database_cannot_be_started_the_run_ends_and_says_why(
    suite: Suite, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find() -> None:
        raise running.ServerError("none here; get one")

    monkeypatch.setattr(postgresql, "find", find)
    result = suite(GET, "--serving=flask", "--database=postgresql")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*Exit: none here; get one*"])
    assert started == []


@pytest.fixture
def both(left: Server, right: Server) -> list[str]:
    """One server by itself, then that and another one in turn."""
    return [f"--target=one={left.url}", f"--target=both={left.url},{right.url}"]


def test_several_servers_take_turns_and_each_test_begins_with_the_first(
    suite: Suite, left: Server, right: Server, both: list[str]
) -> None:
    left.body, right.body = b"left", b"right"
    request = b"GET / HTTP/1.1\\r\\nHost: a.test\\r\\n\\r\\n"
    source = f"""
        import pytest
        @pytest.mark.parametrize("again", [1, 2])
        def test_get(api, again):
            texts = [api.get("/").text, api.raw(b"{request.decode()}").text, api.get("/").text]
            assert texts == ["left", "right", "left"]
            pair = api.raw_answers(b"{request.decode()}" * 2, 2)
            assert [answer.text for answer in pair] == ["right", "right"]
    """
    suite(source, both[1]).assert_outcomes(passed=2)


def test_an_answer_of_either_server_is_compared(
    suite: Suite, right: Server, both: list[str]
) -> None:
    request = r"b'GET /?again HTTP/1.1\r\nHost: a.test\r\n\r\n'"
    twice = f"def test_get(api): api.get('/'); api.raw({request})"
    suite(twice, *both).assert_outcomes(passed=2)
    right.body = b"other"
    result = suite(twice, *both)
    result.assert_outcomes(passed=1, failed=1)
    name = right.url.removeprefix("http://")
    result.stdout.fnmatch_lines(
        ["GET /?again", f"printf * | nc {name.replace(':', ' ')}", "- one", f"+ both ({name})"]
    )


def test_the_address_that_is_volatile_is_that_of_the_server_that_was_asked(
    suite: Suite, left: Server, right: Server
) -> None:
    with Server() as third:
        chosen = [f"--target=one={third.url}", f"--target=both={left.url},{right.url}"]
        twice = "def test_get(api): api.get('/'); api.get('/')"
        for server in (left, right, third):
            server.headers = [("Location", f"{server.url}/next")]
        suite(twice, *chosen).assert_outcomes(passed=2)
        right.headers = left.headers
        suite(twice, *chosen).assert_outcomes(passed=1, failed=1)
        third.shutdown()


def test_cookies_of_one_server_go_to_the_other_too(
    suite: Suite, left: Server, right: Server, both: list[str]
) -> None:
    left.headers = [("Set-Cookie", "name=x")]
    right.body = lambda request: (request.headers.get("Cookie") or "none").encode()
    source = """
        def test_get(api):
            with api.keeping_cookies():
                api.get("/")
                assert api.get("/").text == "name=x"
    """
    suite(source, both[1]).assert_outcomes(passed=1)


def test_a_failure_shows_the_logs_of_both(suite: Suite, started: list[Started]) -> None:
    source = """
        from contract_tests.exchange import RUN
        def test_get(api, request):
            for server in request.node.stash[RUN].target.servers:
                server.log.write_text(f"{server.name} wrote this")
            assert False
    """
    result = suite(source, "--serving=both")
    result.stdout.fnmatch_lines(["*log of both*", "flask wrote this", "fastapi wrote this"])


def test_one_dead_server_of_several_ends_the_run(suite: Suite, left: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gone = f"127.0.0.1:{unused.getsockname()[1]}"
        result = suite(GET, f"--target=both={left.url},http://{gone}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([f"*{gone} does not answer at http://{gone}*"])


def test_of_several_servers_the_dead_one_is_named(left: Server, right: Server) -> None:
    target = targets.given(f"both={left.url},{right.url}")
    assert targets.dead(target) == ""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target.members[1].url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert target.members[1].url in targets.dead(target)


def test_servers_in_turn_keep_the_core_alone_if_one_of_them_does(
    suite: Suite, started: list[Started]
) -> None:
    source = "import pytest\n@pytest.mark.core\ndef test_core(api): api.get('/')\n" + GET
    result = suite(source, "--serving=flask+fastapi-reload")
    result.assert_outcomes(passed=1, deselected=1)


def test_nothing_is_started_only_to_collect(suite: Suite, started: list[Started]) -> None:
    suite(GET, "--serving=flask", "--collect-only")
    suite("def test_other(): pass", "--serving=flask")
    assert started == []


def test_a_core_serving_runs_only_core_tests(suite: Suite, started: list[Started]) -> None:
    source = "import pytest\n@pytest.mark.core\ndef test_core(api): api.get('/')\n" + GET
    result = suite(source, "--serving=flask", "--serving=fastapi-reload")
    result.assert_outcomes(passed=3, deselected=1)
    assert len(started) == 2


def test_a_server_that_is_gone_ends_the_run(
    suite: Suite, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "dead", lambda target: f"{target.name} is gone")
    result = suite("def test_get(api): raise ConnectionResetError", "--serving=flask-sync")
    result.stdout.fnmatch_lines(["*flask-sync is gone*"])


def test_the_logs_are_kept_only_when_something_failed(suite: Suite, started: list[Started]) -> None:
    suite("def test_get(api): assert True", "--serving=flask")
    suite("def test_get(api): assert False", "--serving=flask")
    assert [server.log_path.exists() for server in started] == [False, True]


@pytest.fixture
def intended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "intended.toml"
    file.write_text("""
        [[difference]]
        id = "wording"
        request = "GET /"
        reason = "shown here"
        flask = { status = 200, headers = { X-Word = ["a"] } }
        fastapi = { status = 201, headers = { X-Word = ["b"] } }
    """)
    monkeypatch.setattr(differences, "FILE", file)


INTENDED = """
import pytest
@pytest.mark.intended_difference("wording")
def test_get(api): api.get("/")
"""


@pytest.mark.usefixtures("intended")
@pytest.mark.parametrize(
    ("status", "word", "body", "complaint"),
    [
        (201, "b", b"hello", None),
        (202, "b", b"hello", "wording: status not as the file says"),
        (201, "b", b"other", "different answers (*body)"),
        (200, "a", b"hello", "wording no longer differs: remove it"),
    ],
)
def test_an_intended_difference_is_asserted_on_both_sides(
    suite: Suite,
    left: Server,
    right: Server,
    status: int,
    word: str,
    body: bytes,
    complaint: str | None,
) -> None:
    left.headers, right.headers = [("X-Word", "a")], [("X-Word", word)]
    right.status, right.body = status, body
    result = suite(INTENDED)
    result.assert_outcomes(passed=1 if complaint else 2, failed=1 if complaint else 0)
    if complaint:
        result.stdout.fnmatch_lines([f"*{complaint}"])


def test_an_unknown_intended_difference_is_a_usage_error(suite: Suite) -> None:
    result = suite(INTENDED)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_the_matrix_has_the_topics_in_reading_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "topics.toml"
    file.write_text("".join(f'[[topic]]\nslug = "{name}"\ntitle = "{name}"\n' for name in "zbc"))
    monkeypatch.setattr(matrix, "TOPICS", file)
    cells = {topic: {"a": Counter(passed=1)} for topic in ("a", "b", "z")}
    lines = matrix.Matrix([targets.given("a=http://a.test")], cells).lines()
    assert [line.split()[0] for line in lines[1:4]] == ["z", "b", "a"]


def test_the_junit_report_explains_a_failed_assert(
    suite: Suite, left: Server, tmp_path: Path
) -> None:
    left.status = 500
    file = tmp_path / "junit.xml"
    suite(GET, f"--junitxml={file}")
    assert "curl -i --path-as-is" in file.read_text()


def test_the_json_report_holds_matrix_and_failures(
    suite: Suite, left: Server, right: Server, tmp_path: Path
) -> None:
    right.body = b"other"
    file = tmp_path / "report.json"
    suite(GET, f"--target=a={left.url}", f"--target=b={right.url}", f"--report-json={file}")
    report = json.loads(file.read_text())
    assert [target["name"] for target in report["targets"]] == ["a", "b"]
    assert report["topics"][0]["targets"]["b"] == {"passed": 0, "failed": 1, "skipped": 0}
    assert report["exchanges"]["compared"] == 1
    assert "+other" in report["failures"][0]["text"]


def test_a_whole_answer_is_read_from_raw_bytes(left: Server) -> None:
    left.headers = [("X-Twice", "1"), ("X-Twice", "2")]
    left.chunked = True
    request = b"GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n"
    answers = raw.converse(
        ("127.0.0.1", left.server_port), request * 2, answers=2, finish=False, wait=2
    )
    assert [answer.content for answer in answers] == [b"hello", b"hello"]
    assert answers[0].headers.getlist("x-twice") == ["1", "2"]


def test_the_wait_for_a_raw_answer_is_bounded(left: Server) -> None:
    address = ("127.0.0.1", left.server_port)
    [answer] = raw.converse(address, b"GET / HTTP/1.1\r\n", answers=1, finish=False, wait=0.05)
    assert (answer.status_code, answer.ended) == (0, "timeout")
    [answer] = raw.converse(address, b"", answers=1, finish=True, wait=2)
    assert (answer.status_code, answer.ended) == (0, "closed")


def test_the_shell_writes_every_byte_of_a_request() -> None:
    data = b"--" + bytes(range(256)) + b"%s%%7"
    line = curl.command(data, ("a.test", 80))
    assert line.endswith(" | nc a.test 80")
    written = subprocess.run(["sh", "-c", line.rpartition("|")[0]], capture_output=True, check=True)
    assert written.stdout == data


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": "it's"}, "--data-raw 'it'\"'\"'s'"),
        ({"data": b"\0"}, "printf -- '\\000' | curl"),
        ({"data": iter([b"a"])}, "# the body was streamed"),
        ({"data": b"a" * 5000}, "# 5000 bytes"),
        ({"headers": {"X-A": "it's"}}, """-H 'X-A: it'"'"'s'"""),
        ({"headers": {"X-A": ""}}, "-H 'X-A;'"),
        ({"headers": {"X-A": b"b"}}, "-H 'X-A: b'"),
    ],
)
def test_a_request_is_told_as_a_curl_line(arguments: dict[str, Any], words: str) -> None:
    request = requests.Request("PUT", "http://a.test/b?c", **arguments).prepare()
    line = curl.command(request, ("a.test", 80))
    assert "curl -i --path-as-is -X PUT 'http://a.test/b?c'" in line
    assert words in line


def test_handlers_are_found_by_the_path_of_either_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = {
        "flask_app": 'bp = Blueprint("t", url_prefix="/a")\n@bp.get("/<int:n>")\ndef one(): 1',
        "fastapi_app": 'r = APIRouter(prefix="/a")\n@r.get("/{n:int}")\nasync def one(): 1',
    }
    for app, text in twins.items():
        (tmp_path / app / "routes").mkdir(parents=True)
        (tmp_path / app / "routes" / "topic.py").write_text(text)
    monkeypatch.setattr(handlers, "ROOT", tmp_path)
    expected = [f"{app}/routes/topic.py:3 one" for app in twins]
    assert handlers.places("topic", "GET", "/a/5") == expected
    assert handlers.places("other", "HEAD", "/a/5") == expected
    assert handlers.places("topic", "GET", "/b") == []
