"""The servers that the suite speaks to: given by URL, or started here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.cookies import RequestsCookieJar

# What the tests rely on, whatever the environment says. A server given by URL needs the same.
ENVIRON = {
    "CORS_ORIGINS": "http://127.0.0.1:8080,http://localhost:8080",
    "MAX_BODY_SIZE": str(2 * 1024 * 1024),
    "SERVED_BY": "1",
}
START_WAIT = 30.0
PROBE_WAIT = 5.0


if TYPE_CHECKING:
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
    """A server under test. `url` is empty until it is started; `app` is where it is not known."""

    name: str
    url: str = ""
    app: str = ""
    core_only: bool = False
    log: Path | None = None
    server: Running | None = None
    session: requests.Session = field(default_factory=bare_session)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def log_size(self) -> int:
        """Where the server's log ends now, in bytes; 0 for a server that was not started here."""
        return self.log.stat().st_size if self.log else 0

    def log_since(self, start: int) -> str:
        """What the server has logged since, without what is older than its last 4 KiB."""
        if self.log is None:
            return ""
        return self.log.read_bytes()[start:][-4096:].decode(errors="replace").strip()


def given(text: str) -> Target:
    """A target from `NAME=URL`, or from a URL alone, which is then named by its host."""
    name, _, url = text.partition("=")
    if "://" in name:
        name, url = "", text
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"a target is http://host:port or NAME=http://host:port, not {text!r}")
    name = name or parts.netloc
    return Target(name, url.rstrip("/"), name if name in ("flask", "fastapi") else "")


def served(names: Sequence[str]) -> list[Target]:
    """Targets that are still to be started, from names of servings."""
    from servers.servings import SERVINGS

    if unknown := [name for name in names if name not in SERVINGS]:
        raise ValueError(f"no serving {', '.join(unknown)}; there are {', '.join(SERVINGS)}")
    return [
        Target(name, app=SERVINGS[name].app, core_only=SERVINGS[name].contract == "core")
        for name in names
    ]


def start(chosen: Sequence[Target], logs: Path, stack: ExitStack) -> None:
    """Start the targets that have no URL, all at once, without waiting; `stack` stops them.

    Each writes its log into the folder `logs`.
    """
    to_start = [target for target in chosen if not target.url]
    if to_start:
        from servers import running

        stack.callback(lambda: running.stop_all(each.server for each in to_start if each.server))
        for target in to_start:
            target.log = logs / f"{target.name}.log"
            target.server = running.start(target.name, log_path=target.log, environ=ENVIRON)
            target.url = target.server.url
    for target in chosen:
        # Closed before the servers stop: some wait for a last request on a kept-alive connection.
        stack.callback(target.session.close)


def wait(chosen: Sequence[Target]) -> None:
    """Return when every target answers. Raises TargetError for one that does not."""
    for target in chosen:
        if target.server is None:
            if death := dead(target):
                raise TargetError(death)
            continue
        from servers.running import ServerError

        try:
            target.server.wait_ready(START_WAIT)
        except ServerError as error:
            raise TargetError(str(error)) from None


def dead(target: Target) -> str:
    """What is wrong with a target that gives no answer at all; "" for one that does."""
    try:
        target.session.get(f"{target.url}/health", timeout=PROBE_WAIT, allow_redirects=False)
    except requests.RequestException as error:
        return f"{target.name} does not answer at {target.url}: {error}"
    return ""
