"""Accounts made for a test, and the cookie with which one of them asks."""

from __future__ import annotations

from uuid import uuid4

from contract_tests.client import WAIT, Api
from contract_tests.exchange import Answer
from contract_tests.targets import bare_session

PASSWORD = "correct horse battery staple"


def sign_up(api: Api, name: str = "user", password: str = PASSWORD) -> str:
    """The email address of a new account; `name` tells the accounts of one test apart."""
    email = f"{name}-{uuid4().hex}@example.com"
    answer = api.post("/accounts", json={"email": email, "password": password})
    assert answer.status_code == 201, answer.text
    api.volatile(f"id of {name}", answer.json()["id"])
    api.volatile(f"email of {name}", email)
    return email


def log_in(api: Api, name: str = "user") -> dict[str, str]:
    """The headers of a request by a new, logged-in user."""
    email = sign_up(api, name)
    answer = api.post("/session", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return {"Cookie": f"session={cookie(api, answer, f'session of {name}')}"}


def cookie(api: Api, answer: Answer, name: str = "session") -> str:
    """The value of the session cookie that an answer sets, which differs between targets."""
    value = answer.headers["Set-Cookie"].partition(";")[0].removeprefix("session=")
    api.volatile(name, value)
    return value


def made(url: str, email: str = "") -> str:
    """The session cookie, with its name, of a new account at the server with this URL.

    How one gets it is no part of a test: nothing is recorded or compared.
    """
    account = {"email": email or f"{uuid4().hex}@example.com", "password": PASSWORD}
    with bare_session() as session:
        session.post(f"{url}/accounts", json=account, timeout=WAIT).raise_for_status()
        answer = session.post(f"{url}/session", json=account, timeout=WAIT)
    answer.raise_for_status()
    return answer.headers["Set-Cookie"].partition(";")[0]
