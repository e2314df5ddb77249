"""One account at each target, for the many tests that only look at what it has.

To hash passwords is what takes the time where accounts are made. Who changes something about an
account makes one of their own, by `contract_tests.logins`. These requests are no part of a test: it
may be another one that made the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from contract_tests import logins
from contract_tests.client import WAIT, Api
from contract_tests.logins import PASSWORD
from contract_tests.targets import bare_session


@dataclass(frozen=True)
class Regular:
    """An account with all that it can ask with; `key` is an API key that nobody can use up."""

    cookie: str
    access_token: str
    refresh_token: str
    key: str

    @property
    def logged_in(self) -> dict[str, str]:
        return {"Cookie": self.cookie}

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


_KNOWN: dict[str, Regular] = {}


def of(api: Api) -> Regular:
    """The regular of this target."""
    if api.url not in _KNOWN:
        _KNOWN[api.url] = made(api.url)
    return _KNOWN[api.url]


def made(url: str, name: str = "", window: int = 1) -> Regular:
    """A new account at the server with this URL; its email begins with `name`.

    Its key can be used 1000 times in a `window`, in seconds.
    """
    email = f"{name or f'regular-{uuid4().hex}'}@example.com"
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    cookie = logins.made(url, email)
    with bare_session() as session:
        session.headers["Cookie"] = cookie
        tokens = session.post(f"{url}/tokens", data=form, timeout=WAIT).json()
        wanted = {"name": "regular", "limit": 1000, "window": window}
        key = session.post(f"{url}/api-keys", json=wanted, timeout=WAIT).json()
    return Regular(cookie, tokens["access_token"], tokens["refresh_token"], key["key"])
