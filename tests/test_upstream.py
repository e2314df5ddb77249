"""The stand-in for the services does what a product's code says, and the apps find it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from servers.bench_upstream import main as bench
from servers.serve import choose_services
from servers.upstream import GOOD, StandIn, orders


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


def ask(stand_in: StandIn, service: str, product: str = "lamp") -> requests.Response:
    return requests.get(f"{stand_in.url}/{service}", params={"product": product}, timeout=5)


@pytest.mark.parametrize("service", GOOD)
def test_a_service_answers(stand_in: StandIn, service: str) -> None:
    key, value = GOOD[service]
    assert ask(stand_in, service).json() == {"product": "lamp", key: value}


def test_there_is_no_other_service(stand_in: StandIn) -> None:
    assert ask(stand_in, "weather").status_code == 404


def test_three_meet_only_if_they_are_asked_at_the_same_time(stand_in: StandIn) -> None:
    """What proves that the apps do so can fail."""
    product = "lamp_all-meet"
    assert [ask(stand_in, service, product).status_code for service in GOOD] == [503] * 3
    with ThreadPoolExecutor() as threads:
        together = threads.map(lambda service: ask(stand_in, service, product), GOOD)
        assert [answer.status_code for answer in together] == [200] * 3


def test_orders_are_for_one_service_or_for_all() -> None:
    product = "lamp_stock-status-503_all-wait-20_price-close"
    assert list(orders(product, "stock")) == [("status", "503"), ("wait", "20")]
    assert list(orders(product, "price")) == [("wait", "20"), ("close", "")]
    assert list(orders("lamp", "price")) == []


def test_a_stopped_stand_in_answers_nobody() -> None:
    with StandIn() as stand_in:
        assert ask(stand_in, "price").ok
    with pytest.raises(requests.ConnectionError):
        ask(stand_in, "price")


def test_a_busy_port_is_an_error(stand_in: StandIn) -> None:
    with pytest.raises(OSError, match="in use"):
        StandIn(int(stand_in.url.rpartition(":")[2]))


def test_services_that_a_setting_names_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_URL", "http://services.test")
    assert choose_services() == "http://services.test"


def test_without_a_setting_there_is_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPSTREAM_URL", raising=False)
    assert requests.get(f"{choose_services()}/stock", timeout=5).json()["stock"] == 7


@pytest.mark.slow
def test_the_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(["--rounds=1", "--seconds=0.5", "--visitors", "4", "--waits", "20"]) == 0
    assert "20 ms" in capsys.readouterr().out
