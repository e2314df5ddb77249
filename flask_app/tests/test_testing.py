"""Chance and the time are replaced where the module of the handler looks for them."""

from datetime import UTC, datetime
from random import Random

import pytest
from flask.testing import FlaskClient

from flask_app.routes import testing

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Loaded(Random):
    """Always shows its highest side."""

    def randint(self, a: int, b: int) -> int:
        return b


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "get_dice", Loaded)
    monkeypatch.setattr(testing, "get_now", lambda: NOON)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("sides", [2, 6, 9])
def test_a_loaded_die_shows_its_highest_side(client: FlaskClient, sides: int) -> None:
    response = client.get("/testing/throw", query_string={"sides": sides})
    assert response.status_code == 200
    assert response.get_json() == {
        "sides": sides,
        "rolled": sides,
        "thrown_at": "2026-01-31T12:00:00Z",
    }


def test_whether_an_invalid_throw_asks_for_a_die(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not: the handler is not reached."""
    asked: list[Random] = []
    monkeypatch.setattr(testing, "get_dice", lambda: asked.append(Loaded()))
    response = client.get("/testing/throw", query_string={"sides": 1})
    assert response.status_code == 422
    assert asked == []


def test_a_seed_repeats_what_chance_gave(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def thrown() -> list[int]:
        dice = Random(7)
        monkeypatch.setattr(testing, "get_dice", lambda: dice)
        return [client.get("/testing/throw").get_json()["rolled"] for _ in range(5)]

    assert thrown() == thrown()


def test_nothing_stays_replaced_after_a_test(client: FlaskClient) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    thrown_at = client.get("/testing/throw").get_json()["thrown_at"]
    assert before <= datetime.fromisoformat(thrown_at) <= datetime.now(UTC)


def test_whether_a_new_function_under_the_old_name_is_called(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is: the handler looks the name up when it runs."""
    monkeypatch.setattr(testing, "get_dice", Loaded)
    throws = [client.get("/testing/throw?sides=9").get_json()["rolled"] for _ in range(9)]
    assert throws == [9] * 9
