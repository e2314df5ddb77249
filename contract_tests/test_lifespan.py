import pytest

from contract_tests import expect
from contract_tests.client import Api

PROBES = [("/lifespan/alive", {"status": "alive"}), ("/health", {"status": "ok"})]
each_probe = pytest.mark.parametrize(("path", "said"), PROBES)


@pytest.mark.core
@each_probe
def test_a_probe_is_answered(api: Api, path: str, said: dict[str, str]) -> None:
    expect.json(api.get(path), said)


@each_probe
def test_a_probe_may_ask_for_the_head_alone(api: Api, path: str, said: dict[str, str]) -> None:
    answer = api.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(api.get(path).content))


@each_probe
@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/plain"},
        {"Cookie": "session=nonsense"},
        {"Authorization": "Bearer nonsense"},
        {"X-API-Key": "nonsense"},
        {"User-Agent": "kube-probe/1.33"},
        {"User-Agent": ""},
        {"If-None-Match": "*"},
        {"Range": "bytes=0-0"},
    ],
)
def test_a_probe_is_answered_whoever_asks(
    api: Api, path: str, said: dict[str, str], headers: dict[str, str]
) -> None:
    expect.json(api.get(path, headers=headers), said)


@each_probe
def test_many_probes_over_one_connection_are_all_answered(
    api: Api, path: str, said: dict[str, str]
) -> None:
    for _ in range(20):
        expect.json(api.get(path), said)


@each_probe
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_probe_changes_nothing(api: Api, method: str, path: str, said: dict[str, str]) -> None:
    answer = api.request(method, path)
    expect.problem(answer, 405)
    expect.allow(answer, ["GET", "HEAD", "OPTIONS"])


@each_probe
def test_options_of_a_probe_tells_its_methods(api: Api, path: str, said: dict[str, str]) -> None:
    expect.allow(api.options(path), ["GET", "HEAD", "OPTIONS"])


@pytest.mark.parametrize(
    "path", ["/lifespan", "/lifespan/", "/lifespan/alive/", "/lifespan/stop", "/Lifespan/alive"]
)
def test_there_is_no_other_address(api: Api, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        expect.problem(api.request(method, path), 404)


@each_probe
def test_an_error_elsewhere_changes_no_probe(api: Api, path: str, said: dict[str, str]) -> None:
    expect.problem(api.get("/errors/unexpected"), 500)
    expect.json(api.get(path), said)
