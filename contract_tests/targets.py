"""The servers that the suite speaks to: given by URL, or started here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from itertools import cycle, repeat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.cookies import RequestsCookieJar

# What sessions and tokens are signed with; the tests may sign their own, and forge some.
SECRET_KEY = "a key that the contract tests know, 32 characters or more"
# What the tests rely on, whatever the environment says. A server given by URL needs the same, but
# for the memory: hundreds of tests log in, and with as little as this they need not wait for it.
ENVIRON = {
    "CORS_ORIGINS": "http://127.0.0.1:8080,http://localhost:8080",
    "MAX_BODY_SIZE": str(2 * 1024 * 1024),
    "PASSWORD_MEMORY": "64",
    "SECRET_KEY": SECRET_KEY,
    "SERVED_BY": "1",
}
# The round robin over the two default servings.
BOTH = {"both": "flask+fastapi"}
START_WAIT = 30.0  # for each of the servers: they start all at once
PROBE_WAIT = 5.0


if TYPE_CHECKING:
    from servers.databases import Databases
    from servers.running import Running


class TargetError(Exception):
    """A target that cannot be tested."""


def no_cookies() -> RequestsCookieJar:
    """A jar that takes nothing, so that no test sees what another was told to keep."""
    jar = RequestsCookieJar()
    jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return jar


def bare_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers = requests.structures.CaseInsensitiveDict(
        {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "contract-tests"}
    )
    session.cookies = no_cookies()
    return session


@dataclass(slots=True, eq=False)
class Target:
    """A server under test, or several of which each answers the request after the other's.

    `url` is empty until it is started, and that of the first where there are several; `app` is
    empty where it is not known. `members` are the several: they share one database, one secret and,
    on this side, one session with its cookies. `serving`, `database` and `environ` say what is to
    be started, and are empty for a server that is given by its URL.
    """

    name: str
    url: str = ""
    app: str = ""
    core_only: bool = False
    log: Path | None = None
    server: Running | None = None
    session: requests.Session = field(default_factory=bare_session)
    members: Sequence[Target] = ()
    serving: str = ""
    database: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def servers(self) -> Sequence[Target]:
        return self.members or (self,)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def turns(self) -> Iterator[Target]:
        """Who answers the requests of a test, one after the other, the first member first."""
        return cycle(self.servers)

    def log_sizes(self) -> list[int]:
        """Where each server's log ends now, in bytes; 0 for one that was not started here."""
        return [each.log.stat().st_size if each.log else 0 for each in self.servers]

    def log_since(self, starts: Sequence[int]) -> str:
        """What the servers have logged since, of each without what is older than its last 4 KiB."""
        logs = zip(self.servers, starts or repeat(0), strict=False)
        return "\n".join(filter(None, (_log(each, start) for each, start in logs)))


def _log(target: Target, start: int) -> str:
    if target.log is None:
        return ""
    return target.log.read_bytes()[start:][-4096:].decode(errors="replace").strip()


def given(text: str) -> Target:
    """A target from `NAME=URL`, or from a URL alone, which is then named by its host.

    `NAME=URL,URL` is several servers that take turns.
    """
    name, _, url = text.partition("=")
    if "://" in name:
        name, url = "", text
    members = [_given(each, text) for each in url.split(",")]
    name = name or "+".join(member.name for member in members)
    if len(members) > 1:
        return Target(name, members[0].url, members=members)
    return Target(name, members[0].url, name if name in ("flask", "fastapi") else "")


def _given(url: str, text: str) -> Target:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"a target is http://host:port or NAME=http://host:port, not {text!r}")
    return Target(parts.netloc, url.rstrip("/"))


def served(names: Sequence[str], database: str = "sqlite") -> list[Target]:
    """Targets that are still to be started.

    Each is the name of a serving, or several with `+` between them, which take turns; `@` and one
    of `servers.databases.KINDS` may follow, for another database than the others. After
    `hybrid:` stand the topics that FastAPI answers in it.
    """
    return [_served(name, database) for name in names]


def _served(name: str, database: str) -> Target:
    from servers.databases import KINDS
    from servers.servings import SERVINGS

    servings, _, own = name.partition("@")
    words = BOTH.get(servings, servings).split("+")
    chosen = {word: word.partition(":") for word in words}
    if unknown := [word for word, (serving, _, _) in chosen.items() if serving not in SERVINGS]:
        known = ", ".join([*SERVINGS, *BOTH])
        raise ValueError(f"no serving {', '.join(unknown)}; there are {known}")
    if len({*words}) < len(words):
        raise ValueError(f"{name}: a serving takes turns with others, not with itself")
    if (own or database) not in KINDS:
        raise ValueError(f"no database {own or database!r}; there are {', '.join(KINDS)}")
    members = [
        Target(
            name if word == servings else word,
            app=SERVINGS[serving].app,
            core_only=SERVINGS[serving].contract == "core",
            serving=serving,
            database=own or database,
            environ={"MIGRATED": migrated} if colon else {},
        )
        for word, (serving, colon, migrated) in chosen.items()
    ]
    if len(members) == 1:
        return members[0]
    core_only = any(member.core_only for member in members)
    return Target(name, core_only=core_only, members=members, database=own or database)


def start(chosen: Sequence[Target], logs: Path, stack: ExitStack) -> Databases | None:
    """Start the servers that have no URL, all at once, without waiting; `stack` stops them.

    Each target gets a new database. Logs and databases are in the folder `logs`. Raises
    TargetError if there is no PostgreSQL for those that want one.
    """
    databases = None
    if to_start := [target for target in chosen if not target.url]:
        from servers import running
        from servers.databases import Databases
        from servers.upstream import StandIn

        databases = Databases(logs)
        stack.callback(databases.close)
        servers = [server for target in to_start for server in target.servers]
        stack.callback(lambda: running.stop_all(each.server for each in servers if each.server))
        try:
            urls = [databases.create(target.database, target.name) for target in to_start]
        except running.ServerError as error:
            raise TargetError(str(error)) from None
        stand_in = stack.enter_context(StandIn())
        for target, url in zip(to_start, urls, strict=True):
            own = {"DATABASE_URL": url, "UPSTREAM_URL": stand_in.url}
            _start(target, logs, {**ENVIRON, **own})
    for target in chosen:
        # Closed before the servers stop: some wait for a last request on a kept-alive connection.
        stack.callback(target.session.close)
    return databases


def _start(target: Target, logs: Path, environ: Mapping[str, str]) -> None:
    from servers import running

    for server in target.servers:
        server.log = logs / (f"{target.name}-" * bool(target.members) + f"{server.name}.log")
        server.server = running.start(
            server.serving, log_path=server.log, environ={**environ, **server.environ}
        )
        server.url = server.server.url
    target.url = target.servers[0].url


def wait(chosen: Sequence[Target]) -> None:
    """Return when every target answers. Raises TargetError for one that does not."""
    servers = [server for target in chosen for server in target.servers]
    for server in servers:
        if server.server is None:
            if death := dead(server):
                raise TargetError(death)
            continue
        from servers.running import ServerError

        try:
            server.server.wait_ready(START_WAIT * len(servers))
        except ServerError as error:
            raise TargetError(str(error)) from None


def dead(target: Target) -> str:
    """What is wrong with a target that gives no answer at all; "" for one that does."""
    for server in target.servers:
        try:
            url = f"{server.url}/health"
            target.session.get(url, timeout=PROBE_WAIT, allow_redirects=False)
        except requests.RequestException as error:
            return f"{server.name} does not answer at {server.url}: {error}"
    return ""
