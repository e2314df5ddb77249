"""Chance and the time are replaced in the app, by the functions that handlers depend on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from fastapi_app.routes import testing
from fastapi_app.routes.testing import get_dice, get_now

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Loaded(Random):
    """Always shows its highest side."""

    def randint(self, a: int, b: int) -> int:
        return b


@pytest.fixture
def loaded(app: FastAPI) -> Iterator[None]:
    # Not the class itself: FastAPI would look for the arguments of Random in the request.
    app.dependency_overrides[get_dice] = lambda: Loaded()
    app.dependency_overrides[get_now] = lambda: NOON
    yield
    # An app that several tests share would keep them.
    app.dependency_overrides.clear()


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("sides", [2, 6, 9])
def test_a_loaded_die_shows_its_highest_side(client: TestClient, sides: int) -> None:
    response = client.get("/testing/throw", params={"sides": sides})
    assert response.status_code == 200
    assert response.json() == {
        "sides": sides,
        "rolled": sides,
        "thrown_at": "2026-01-31T12:00:00Z",
    }


def test_whether_an_invalid_throw_asks_for_a_die(app: FastAPI, client: TestClient) -> None:
    """It does: dependencies run before it is known whether all parameters are valid."""
    asked: list[Random] = []
    app.dependency_overrides[get_dice] = lambda: asked.append(Loaded())
    response = client.get("/testing/throw", params={"sides": 1})
    assert response.status_code == 422
    assert len(asked) == 1


def test_a_seed_repeats_what_chance_gave(app: FastAPI, client: TestClient) -> None:
    def thrown() -> list[int]:
        dice = Random(7)
        app.dependency_overrides[get_dice] = lambda: dice
        return [client.get("/testing/throw").json()["rolled"] for _ in range(5)]

    assert thrown() == thrown()


def test_nothing_stays_replaced_after_a_test(client: TestClient) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    thrown_at = client.get("/testing/throw").json()["thrown_at"]
    assert before <= datetime.fromisoformat(thrown_at) <= datetime.now(UTC)


def test_whether_a_new_function_under_the_old_name_is_called(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not: `Depends` has kept the function that had the name when the module was loaded."""
    monkeypatch.setattr(testing, "get_dice", Loaded)
    throws = [client.get("/testing/throw?sides=9").json()["rolled"] for _ in range(9)]
    assert throws != [9] * 9
