"""Accounts in the database: what no client sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import fastapi_app.app
import flask_app.app
from shared import accounts, clock, passwords
from shared.accounts import (
    FAILURES_WINDOW,
    LONGEST_LOGIN,
    MOST_FAILURES,
    EmailTaken,
    EndedLogin,
    User,
    WrongCredentials,
)
from shared.database import Database, transaction
from shared.rate_limits import RateLimited, Window
from shared.schema import create_schema
from shared.settings import Settings

PASSWORD = "correct horse battery staple"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    create_schema(database)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.session() as session:
        yield session


def pass_time(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    later = datetime.now(UTC) + by
    monkeypatch.setattr(clock, "now", lambda: later)


def test_a_password_is_hashed_with_argon2id_as_owasp_asks() -> None:
    password_hash = passwords.hash_password(PASSWORD)
    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password_hash != passwords.hash_password(PASSWORD)
    assert not passwords.is_outdated(password_hash)


@pytest.mark.parametrize("create_app", [flask_app.app.create_app, fastapi_app.app.create_app])
def test_a_hash_costs_what_the_settings_of_an_app_say(
    session: Session, create_app: Callable[[Settings], object]
) -> None:
    accounts.sign_up(session, "ada@example.com", PASSWORD)
    try:
        create_app(Settings(password_memory=64))
        assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=64,t=2,p=1$")
        assert accounts.authenticate(session, "ada@example.com", PASSWORD)
    finally:
        passwords.set_memory(passwords.LEAST_MEMORY)


@pytest.mark.parametrize("password_hash", ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$", PASSWORD])
def test_what_is_no_hash_matches_nothing(password_hash: str) -> None:
    assert not passwords.matches(PASSWORD, password_hash)


def test_an_account_that_does_not_exist_costs_a_hash_too(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "hash_password", hashed.append)
    with pytest.raises(WrongCredentials):
        accounts.log_in(session, "nobody@example.com", PASSWORD)
    assert hashed == [PASSWORD]


def test_a_hash_of_other_parameters_is_renewed_at_a_login(session: Session) -> None:
    user = accounts.sign_up(session, "ada@example.com", PASSWORD)
    with transaction(session):
        user.password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    accounts.log_in(session, "ada@example.com", PASSWORD)
    renewed = session.scalar(select(User.password_hash)) or ""
    assert not passwords.is_outdated(renewed)
    assert passwords.matches(PASSWORD, renewed)


def test_a_login_ends_after_ninety_days_however_often_it_is_used(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.sign_up(session, "ada@example.com", PASSWORD)
    text = accounts.log_in(session, "ada@example.com", PASSWORD).text
    pass_time(monkeypatch, LONGEST_LOGIN - timedelta(minutes=1))
    assert accounts.logged_in(session, text)
    pass_time(monkeypatch, LONGEST_LOGIN + timedelta(minutes=1))
    assert accounts.logged_in(session, text) is None


def test_what_was_ended_is_forgotten_once_it_would_have_ended_by_itself(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.log_out(session, f"ada@example.com 1 {'a' * 32}")
    pass_time(monkeypatch, LONGEST_LOGIN + timedelta(minutes=1))
    accounts.log_out(session, f"ada@example.com 1 {'b' * 32}")
    assert session.scalars(select(EndedLogin.key)).all() == ["b" * 32]


def test_a_login_is_good_at_every_database_that_knows_the_user(
    session: Session, tmp_path: Path
) -> None:
    accounts.sign_up(session, "ada@example.com", PASSWORD)
    text = accounts.log_in(session, "ada@example.com", PASSWORD).text
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    create_schema(other)
    with other.session() as elsewhere:
        assert accounts.logged_in(elsewhere, text) is None
        accounts.sign_up(elsewhere, "bob@example.com", PASSWORD)
        user = accounts.sign_up(elsewhere, "ada@example.com", PASSWORD)
        assert accounts.logged_in(elsewhere, text) is user
    other.close()


def test_of_many_who_log_out_at_once_nobody_fails(database: Database) -> None:
    text = f"ada@example.com 1 {'a' * 32}"
    barrier, done = Barrier(8), list[bool]()

    def log_out() -> None:
        with database.session() as session:
            barrier.wait()
            accounts.log_out(session, text)
            done.append(accounts.logged_in(session, text) is None)

    threads = [Thread(target=log_out) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 8


def test_of_many_who_sign_up_at_once_with_one_address_one_does(database: Database) -> None:
    count = 8
    barrier, made = Barrier(count), list[str]()

    def sign_up() -> None:
        with database.session() as session:
            barrier.wait()
            try:
                made.append(accounts.sign_up(session, "ada@example.com", PASSWORD).email)
            except EmailTaken:
                made.append("taken")

    threads = [Thread(target=sign_up) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["ada@example.com", *["taken"] * (count - 1)]


def attempt(session: Session, password: str = "wrong") -> None:
    accounts.log_in(session, "ada@example.com", password)


def test_after_a_quarter_of_an_hour_a_login_may_be_tried_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.sign_up(session, "ada@example.com", PASSWORD)
    for _ in range(MOST_FAILURES):
        with pytest.raises(WrongCredentials):
            attempt(session)
    with pytest.raises(RateLimited):
        attempt(session, PASSWORD)
    later = datetime.now(UTC) + timedelta(seconds=FAILURES_WINDOW)
    monkeypatch.setattr(clock, "now", lambda: later)
    attempt(session, PASSWORD)


def test_counts_of_failures_that_have_ended_are_cleared_away(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob"):
        with pytest.raises(WrongCredentials):
            accounts.log_in(session, f"{name}@example.com", PASSWORD)
    later = datetime.now(UTC) + timedelta(seconds=FAILURES_WINDOW)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(WrongCredentials):
        attempt(session)
    assert session.scalar(select(func.count()).select_from(Window)) == 1


def test_of_many_wrong_passwords_at_once_ten_are_told_that_they_are(database: Database) -> None:
    count = 2 * MOST_FAILURES
    barrier, told = Barrier(count), Counter[type[Exception]]()

    def guess() -> None:
        with database.session() as session:
            barrier.wait()
            try:
                attempt(session)
            except (WrongCredentials, RateLimited) as error:
                told[type(error)] += 1

    threads = [Thread(target=guess) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {WrongCredentials: MOST_FAILURES, RateLimited: count - MOST_FAILURES}
