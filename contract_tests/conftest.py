"""The suite as a pytest plugin: options, targets, the `api` fixture, comparison and matrix."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contract_tests import differences, targets
from contract_tests.case import Case
from contract_tests.client import Api
from contract_tests.exchange import RUN, Run
from contract_tests.matrix import Matrix
from contract_tests.targets import Target

MATRIX = pytest.StashKey[Matrix]()
TARGET = pytest.StashKey[Target]()
CASE = pytest.StashKey[Case]()
STACK = pytest.StashKey[ExitStack]()
FAILURE = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption(
        "--target",
        metavar="NAME=URL",
        action="append",
        default=[],
        help="a running server to test; repeatable. Without it both apps are started.",
    )
    group.addoption(
        "--serving",
        metavar="NAME",
        action="append",
        default=[],
        help="a serving to start and test; repeatable (default: flask and fastapi). `both` is the "
        "two taking turns on one database, as are others with + between them; @postgresql after a "
        "name overrides --database; hybrid:form,users names what FastAPI answers in it",
    )
    group.addoption(
        "--database",
        metavar="NAME",
        default="sqlite",
        help="what the started servers use: sqlite (default), or postgresql, which is started too",
    )
    group.addoption(
        "--one-per-topic",
        action="store_true",
        help="once a test of a topic has failed, leave out the others of that topic",
    )
    group.addoption("--report-json", metavar="FILE", type=Path, help="write the matrix as JSON")


def pytest_configure(config: pytest.Config) -> None:
    try:
        chosen = [targets.given(text) for text in config.getoption("--target")]
        if names := config.getoption("--serving") or ([] if chosen else ["flask", "fastapi"]):
            chosen += targets.served(names, config.getoption("--database"))
        elif config.getoption("--database") != "sqlite":
            raise ValueError("--database is for servers that are started here")
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    if len({target.name for target in chosen}) < len(chosen):
        raise pytest.UsageError("two targets have the same name")
    config.stash[MATRIX] = Matrix(chosen)


@pytest.hookimpl(trylast=True)  # the innermost parameter: a test's runs follow each other
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "api" in metafunc.fixturenames:
        chosen = metafunc.config.stash[MATRIX].targets
        _start(metafunc.definition.session)
        metafunc.parametrize("api", chosen, ids=[target.name for target in chosen], indirect=True)


def _start(session: pytest.Session) -> None:
    """Start the servers at the first test that needs them; collecting goes on meanwhile."""
    config = session.config
    if STACK in config.stash or config.option.collectonly:
        return
    config.stash[STACK] = stack = ExitStack()
    config.add_cleanup(stack.close)
    # A terminated run must stop its servers too.
    before = signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))
    stack.callback(signal.signal, signal.SIGTERM, before)
    logs = Path(tempfile.mkdtemp(prefix="contract-logs-"))
    stack.callback(_tidy, session, logs)
    matrix = config.stash[MATRIX]
    try:
        databases = targets.start(matrix.targets, logs, stack)
        if databases and databases.cluster and config.getoption("--database") != "sqlite":
            matrix.title = f"contract on {databases.cluster.installation}"
    except targets.TargetError as error:
        config.stash[FAILURE] = str(error)  # told once collecting is over, which would hide it


def _tidy(session: pytest.Session, logs: Path) -> None:
    """Keep the servers' logs only when they may explain something."""
    nothing_failed = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    if session.exitstatus in nothing_failed or not any(logs.iterdir()):
        shutil.rmtree(logs)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell each item its target and its case; leave to a core serving the core tests alone."""
    intended = differences.load()
    cases: dict[str, Case] = {}
    others: set[pytest.Item] = set()
    for item in items:
        call = getattr(item, "callspec", None)
        if not isinstance(item, pytest.Function) or call is None or "api" not in call.params:
            continue
        target = call.params["api"]
        if target.core_only and not item.get_closest_marker("core"):
            others.add(item)
            continue
        # The target is the innermost parameter, so its name ends the item's id.
        key = item.nodeid.removesuffix(f"{target.name}]")
        if key not in cases:
            topic = item.path.stem.removeprefix("test_")
            known = _intended(item, intended)
            cases[key] = Case(topic, item.originalname, config.stash[MATRIX].exchanges, known)
        item.stash[TARGET], item.stash[CASE] = target, cases[key]
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def _intended(
    item: pytest.Item, known: dict[str, differences.Difference]
) -> list[differences.Difference]:
    ids = [mark.args[0] for mark in item.iter_markers("intended_difference")]
    if unknown := [name for name in ids if name not in known]:
        raise pytest.UsageError(f"{item.nodeid}: no {unknown[0]!r} in intended_differences.toml")
    return [known[name] for name in ids]


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        if CASE in item.stash:
            item.stash[CASE].to_come += 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    if session.testsfailed or not any(CASE in item.stash for item in session.items):
        return
    if STACK in session.config.stash:
        if failure := session.config.stash.get(FAILURE, ""):
            pytest.exit(failure, pytest.ExitCode.USAGE_ERROR)
        try:
            targets.wait(session.config.stash[MATRIX].targets)
        except targets.TargetError as error:
            pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if not item.config.getoption("--one-per-topic") or CASE not in item.stash:
        return
    if item.stash[CASE].topic in item.config.stash[MATRIX].red_topics:
        pytest.skip("a test of this topic has failed before")


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Api:
    """A client for one target; a test that takes it runs once for each target."""
    target: Target = request.param
    request.node.stash[RUN] = run = Run(target, log_starts=target.log_sizes())
    return Api(run)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Compare as part of the test, so that a difference is its failure."""
    run = pyfuncitem.stash.get(RUN, None)
    if run is None:
        return (yield)
    case = pyfuncitem.stash[CASE]
    try:
        result = yield
    except BaseException:
        case.end(run, failed=True)
        raise
    if text := case.end(run, failed=False):
        pytest.fail(text, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if (case := item.stash.get(CASE, None)) is None:
        return report
    target = item.stash[TARGET]
    if report.when == "call":
        case.explain(item.stash[RUN], report)
        if call.excinfo and call.excinfo.errisinstance(OSError) and (death := targets.dead(target)):
            item.session.shouldfail = death
    if report.when == "teardown":
        case.leave()
        if RUN in item.stash:
            del item.stash[RUN]
    if report.when == "call" or not report.passed:
        item.config.stash[MATRIX].count(case.topic, target.name, report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    matrix = terminalreporter.config.stash[MATRIX]
    if not matrix.cells:
        return
    terminalreporter.section(matrix.title)
    for line in matrix.lines():
        terminalreporter.write_line(line)
    if matrix.failures and matrix.targets[0].log is not None:
        terminalreporter.write_line(f"The servers' logs: {matrix.targets[0].log.parent}")
        terminalreporter.write_line(
            "The servers have stopped; to repeat a request, `make serve` and use its ports."
        )
    if file := terminalreporter.config.getoption("--report-json"):
        matrix.write(file)
