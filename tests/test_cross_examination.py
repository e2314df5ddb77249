"""Schemathesis examines each app against its own OpenAPI document and against the other's.

Every check is on, and the two about data are stricter than Schemathesis has them: what a document
calls valid must be answered 2xx or 3xx, what it calls invalid must be refused, never with a 5xx.
What is found all the same stands in `NAMED`. An entry that nothing needs fails the long run; one
that only chance may show has a request of its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, product
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi.checks import RejectedPositiveData

from contract_tests import regulars
from servers.running import Running, start, stop_all
from servers.upstream import StandIn
from shared.database import Database
from shared.schema import create_schema
from shared.seed import seed as fill

SEED = 1
# Requests that the fuzzing of an operation makes up in the long run; more of those for which
# something is named, since only few of them show it.
EXAMPLES, MORE = 8, 40
PHASES = ("examples", "coverage", "fuzzing", "stateful")
WITH_A_POINT = "JSON Schema takes 5.0 for an integer, this API does not"
ANY_CONTENT = "a file may hold anything, so what was no string is one when it arrives"
UNKNOWN = "a document does not list what there is to be found"
TAKEN = "a document does not list what there is already"
OTHERS = "a document does not say what belongs to whom"
IN_A_FILE = "a document does not say what is to stand in a file"
ON_PURPOSE = "this operation shows that very error"
# Operation -> what a schema cannot say -> why.
NAMED: dict[str, dict[str, str]] = {
    "POST /profile": {"max_age: 5.0": WITH_A_POINT},
    "POST /users": {
        "age: 5.0": WITH_A_POINT,
        "guardian: guardianRequired": "whether it is required depends on another field",
    },
    "POST /upload": {"accepted: type of /properties/file": ANY_CONTENT},
    "POST /upload/described": {
        "accepted: type of /properties/file": ANY_CONTENT,
        "accepted: type of /properties/description": "in a form everything is text",
    },
    "POST /upload/many": {"accepted: type of /properties/files/items": ANY_CONTENT},
    "GET /users/directory/{username}": {"404": UNKNOWN},
    "GET /static/{file_path}": {"404": UNKNOWN},
    "GET /downloads/{file_path}": {"404": UNKNOWN},
    "GET /errors/not-found": {"404": ON_PURPOSE},
    "GET /errors/conflict": {"409": ON_PURPOSE},
    "GET /errors/unprocessable": {"422": ON_PURPOSE},
    "GET /errors/unexpected": {"500": ON_PURPOSE, "Server error": ON_PURPOSE},
    "GET /customers": {"cursor: format": "only one that an answer gave is a cursor"},
    "POST /customers": {"409": TAKEN},
    "GET /customers/{customer_id}": {"404": UNKNOWN},
    "PUT /customers/{customer_id}": {"404": UNKNOWN, "409": TAKEN},
    "PATCH /customers/{customer_id}": {"404": UNKNOWN, "409": TAKEN},
    "DELETE /customers/{customer_id}": {"404": UNKNOWN},
    "POST /products": {
        "409": TAKEN,
        "categories: unknownCategory": UNKNOWN,
        "stock: 5.0": WITH_A_POINT,
    },
    "GET /products/{product_id}": {"404": UNKNOWN},
    "PUT /products/{product_id}": {
        "404": UNKNOWN,
        "409": TAKEN,
        "categories: unknownCategory": UNKNOWN,
        "stock: 5.0": WITH_A_POINT,
    },
    "POST /products/import": {
        "file: required": IN_A_FILE,
        "file: additionalProperties": IN_A_FILE,
    },
    "POST /categories": {"409": TAKEN},
    "POST /orders": {
        "idempotency-key: pattern": "what may be left out is described as null, sent as that word",
        "lines: outOfStock": "a document does not say how much there is of something",
        "lines: unknownProduct": UNKNOWN,
        "lines: repeatedProduct": "an order has a line for each product",
        "lines: type": WITH_A_POINT,
        "422": "a key that was used belongs to one order",
    },
    "GET /orders/{order_id}": {"404": UNKNOWN},
    "PUT /orders/{order_id}/state": {
        "404": UNKNOWN,
        "409": "a document does not say which state follows which",
    },
    "POST /accounts": {"409": TAKEN},
    "POST /session": {
        "403": "a document does not tell passwords",
        "429": "after some wrong ones for an account the next has to wait",
    },
    "GET /session/draft": {"404": "it is in the cookie, which a program with a token has not"},
    "POST /tokens": {"400": "what is required depends on another field"},
    "POST /tokens/revoke": {"400": "OAuth2 has an error of its own for a token that is missing"},
    "POST /api-keys": {
        "409": "a user has a certain number of keys at most",
        "limit: 5.0": WITH_A_POINT,
        "window: 5.0": WITH_A_POINT,
    },
    "DELETE /api-keys/{key_id}": {"404": UNKNOWN},
    "POST /dependencies/desks/{user_id}": {
        "403": OTHERS,
        "409": ON_PURPOSE,
        "500": ON_PURPOSE,
        "Server error": ON_PURPOSE,
    },
    "GET /dependencies/trails/{request_id}": {"404": UNKNOWN},
}
PRODUCT = {"sku": "CHANCE-1", "name": "Lamp", "price": "1.00", "stock": 1, "categories": []}
LINE = {"product_id": 1, "quantity": 1}
# Only a made-up value of one kind, or an id that another request has made, shows these, so that
# four examinations may miss them. Each has a request of its own: path and what to send.
BY_CHANCE: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("POST /profile", "max_age: 5.0"): ("/profile", {"json": {"name": "Ada", "max_age": 5.0}}),
    ("POST /users", "age: 5.0"): ("/users", {"json": {"username": "ada", "age": 5.0}}),
    ("POST /upload", "accepted: type of /properties/file"): (
        "/upload",
        {"files": {"file": b"7"}},
    ),
    ("POST /upload/described", "accepted: type of /properties/file"): (
        "/upload/described",
        {"files": {"file": b"7"}, "data": {"description": "lamp"}},
    ),
    ("POST /upload/described", "accepted: type of /properties/description"): (
        "/upload/described",
        {"files": {"file": b"lamp"}, "data": {"description": "7"}},
    ),
    ("POST /upload/many", "accepted: type of /properties/files/items"): (
        "/upload/many",
        {"files": {"files": b"7"}},
    ),
    ("POST /products", "stock: 5.0"): ("/products", {"json": {**PRODUCT, "stock": 5.0}}),
    ("PUT /products/{product_id}", "stock: 5.0"): (
        "/products/1",
        {"json": {**PRODUCT, "stock": 5.0}},
    ),
    ("PUT /products/{product_id}", "categories: unknownCategory"): (
        "/products/1",
        {"json": {**PRODUCT, "categories": ["nowhere"]}},
    ),
    ("POST /orders", "422"): (
        "/orders",
        {"json": {"lines": [{**LINE, "quantity": 2}]}, "headers": {"Idempotency-Key": '"used"'}},
    ),
    ("POST /orders", "lines: unknownProduct"): (
        "/orders",
        {"json": {"lines": [{**LINE, "product_id": 2**62}]}},
    ),
    ("POST /orders", "lines: repeatedProduct"): ("/orders", {"json": {"lines": [LINE, LINE]}}),
    ("PUT /orders/{order_id}/state", "409"): (
        "{order}/state",
        {"json": {"state": "delivered"}},
    ),
    ("GET /session/draft", "404"): ("/session/draft", {}),
    ("POST /api-keys", "limit: 5.0"): ("/api-keys", {"json": {"name": "a", "limit": 5.0}}),
    ("POST /api-keys", "window: 5.0"): ("/api-keys", {"json": {"name": "a", "window": 5.0}}),
    ("POST /dependencies/desks/{user_id}", "409"): ("{desk}?end=conflict", {}),
    ("POST /dependencies/desks/{user_id}", "500"): ("{desk}?end=unexpected", {}),
    ("POST /dependencies/desks/{user_id}", "Server error"): ("{desk}?end=unexpected", {}),
}
# Where a value of a certain kind is what shows it, not any request.
RARE = [operation for operation, whats in NAMED.items() if any(": " in what for what in whats)]
# Security scheme -> what to send.
Credentials = dict[str, dict[str, str]]


@dataclass
class Findings:
    """What a run sent, and what it found: (operation, what) -> how to see it again."""

    operations: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    found: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        sent, statuses = self.answers.total(), dict(sorted(self.answers.items()))
        return f"{len(self.operations)} operations, {sent} requests, answers {statuses}"

    @property
    def unnamed(self) -> dict[tuple[str, str], str]:
        return {key: how for key, how in self.found.items() if key[1] not in NAMED.get(key[0], {})}


def settings(
    base_url: str, credentials: Credentials, phases: tuple[str, ...], seed: int
) -> SchemathesisConfig:
    generation = {"database": "none", "max-examples": EXAMPLES, "no-shrink": True}
    more = {**generation, "max-examples": MORE}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "base-url": base_url,
            "auth": {"openapi": credentials},
            "cache": {"enabled": False},
            "continue-on-failure": True,
            "request-timeout": 10,
            "suppress-health-check": ["all"],
            "generation": generation,
            "operations": [{"include-name": RARE, "phases": {"fuzzing": {"generation": more}}}],
            "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx"]},
                "negative_data_rejection": {"expected-statuses": ["4xx"]},
            },
        }
    )


def examine(
    document: Any,
    base_url: str,
    credentials: Credentials,
    phases: tuple[str, ...] = PHASES,
    seed: int = SEED,
) -> Findings:
    """Run Schemathesis on the app at `base_url` as `document` describes it."""
    config = settings(base_url, credentials, phases, seed)
    findings = Findings()
    for event in from_schema(schemathesis.openapi.from_dict(document, config=config)).execute():
        if isinstance(event, events.ScenarioFinished):
            collect(findings, event.recorder)
        elif isinstance(event, events.NonFatalError):
            findings.errors.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return findings


def collect(findings: Findings, recorder: ScenarioRecorder) -> None:
    for name, node in recorder.cases.items():
        findings.operations.add(node.value.operation.label)
        interaction = recorder.interactions.get(name)
        if interaction and interaction.response:
            findings.answers[interaction.response.status_code] += 1
    for name, checks in recorder.checks.items():
        case, response = recorder.cases[name].value, recorder.interactions[name].response
        if response and is_too_long(response):
            continue
        for check in checks:
            if check.status is not Status.SUCCESS and check.failure_info and response:
                failure, how = check.failure_info.failure, check.failure_info.code_sample
                for what in described(failure, response, case.body):
                    findings.found.setdefault((case.operation.label, what), f"{failure}\n{how}")


def is_too_long(response: Response) -> bool:
    """Whether the server itself refused a request line; the document is about the app behind it."""
    return response.status_code == 414 and "x-served-by" not in response.headers


def described(failure: Failure, response: Response, body: Any) -> Iterator[str]:
    """A failure in few words, those that `NAMED` uses."""
    if isinstance(failure, AcceptedNegativeData):
        violated = re.findall(r"violates `(\w+)` at (\S+)", failure.message)
        yield from (f"accepted: {keyword} of {at}" for keyword, at in violated)
        if not violated:
            yield f"accepted: {failure.message}"
    elif isinstance(failure, RejectedPositiveData):
        errors = json.loads(response.content).get("errors", [])
        yield from (rejected(error, body) for error in errors)
        if not errors:
            yield str(response.status_code)
    else:
        yield failure.title


def rejected(error: dict[str, str], body: Any) -> str:
    name = error["field"].partition(".")[0]
    with_a_point = error["code"] == "type" and has_point(body, name)
    return f"{name}: {'5.0' if with_a_point else error['code']}"


def has_point(body: Any, name: str) -> bool:
    """Whether a field, or a value of the mapping that it is, is an integer written as 5.0."""
    value = body.get(name) if isinstance(body, dict) else None
    values = value.values() if isinstance(value, dict) else [value]
    return any(isinstance(number, float) and number.is_integer() for number in values)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    folder = tmp_path_factory.mktemp("examined")
    with StandIn() as services:
        for app in ("flask", "fastapi"):
            database = Database(f"sqlite:///{folder / app}.db")
            create_schema(database)
            fill(database)
        started = {
            app: start(
                app,
                log_path=folder / f"{app}.log",
                environ={
                    "DATABASE_URL": f"sqlite:///{folder / app}.db",
                    "UPSTREAM_URL": services.url,
                },
            )
            for app in ("flask", "fastapi")
        }
        try:
            for server in started.values():
                server.wait_ready()
            yield started
        finally:
            stop_all(started.values())


@pytest.fixture(scope="module")
def logins(servers: dict[str, Running]) -> dict[str, Credentials]:
    """At each app the credentials of a user, who has a draft, and the key of another.

    Schemathesis revokes keys that it finds in the answers, so its own must not be among them.
    """
    return {app: credentials(server.url) for app, server in servers.items()}


def credentials(url: str) -> Credentials:
    user, other = regulars.made(url), regulars.made(url)
    kept = requests.put(
        f"{url}/session/draft", json={"text": "kept"}, headers=user.logged_in, timeout=10
    )
    return {
        "session": {"api_key": kept.cookies["session"]},
        "oauth2": {"bearer": user.access_token},
        "apiKey": {"api_key": other.key},
    }


def document_of(server: Running, scheme: str) -> Any:
    """What a server says of itself, to someone who logs in by this scheme alone."""
    document = requests.get(f"{server.url}/openapi.json", timeout=10).json()
    # OAuth2 is unknown to Schemathesis; what it is to send is a bearer token.
    document["components"]["securitySchemes"]["oauth2"] = {"type": "http", "scheme": "bearer"}
    for item in document["paths"].values():
        for operation in (value for value in item.values() if "security" in value):
            way = [scopes for scopes in operation["security"] if scopes.keys() & {scheme, "apiKey"}]
            operation["security"] = way
    return document


def check(findings: Findings) -> None:
    unnamed = [f"{label} - {what}\n{how}" for (label, what), how in findings.unnamed.items()]
    if unnamed or findings.errors:
        pytest.fail("\n\n".join([*unnamed, *findings.errors]), pytrace=False)


@pytest.mark.parametrize(
    ("app", "author", "scheme", "first"),
    [("flask", "fastapi", "session", 1), ("fastapi", "flask", "oauth2", 4)],
)
def test_an_app_does_what_the_other_ones_document_says(
    servers: dict[str, Running],
    logins: dict[str, Credentials],
    app: str,
    author: str,
    scheme: str,
    first: int,
) -> None:
    """In short: every fifth path each, and what Schemathesis always sends."""
    document = document_of(servers[author], scheme)
    document["paths"] = dict(sorted(document["paths"].items())[first::5])
    findings = examine(document, servers[app].url, logins[app], ("coverage",))
    assert len(findings.operations) > 15 and findings.answers.total() > 200
    check(findings)


@pytest.mark.parametrize(("longest", "what"), [(200, "q: maxLength"), (50, "accepted: ")])
def test_a_document_that_says_otherwise_is_noticed(
    servers: dict[str, Running], logins: dict[str, Credentials], longest: int, what: str
) -> None:
    document = document_of(servers["flask"], "session")
    document["paths"] = {"/search": document["paths"]["/search"]}
    (q,) = document["paths"]["/search"]["get"]["parameters"]
    q["schema"]["maxLength"] = longest
    (found,) = examine(document, servers["flask"].url, logins["flask"], ("coverage",)).unnamed
    assert found[0] == "GET /search" and found[1].startswith(what)


@pytest.fixture(scope="module")
def buyers(servers: dict[str, Running]) -> dict[str, tuple[requests.Session, dict[str, str]]]:
    """At each app a client with a token, and the addresses of its desk and of its order."""
    return {app: buyer(server.url) for app, server in servers.items()}


def buyer(url: str) -> tuple[requests.Session, dict[str, str]]:
    session = requests.Session()
    session.headers.update(regulars.made(url).bearer)
    me = session.get(f"{url}/session", timeout=10).json()["id"]
    headers = {"Idempotency-Key": '"used"'}
    order = session.post(f"{url}/orders", json={"lines": [LINE]}, headers=headers, timeout=10)
    assert order.status_code == 201, order.text
    return session, {"desk": f"/dependencies/desks/{me}", "order": order.headers["Location"]}


@pytest.mark.parametrize("app", ["flask", "fastapi"])
@pytest.mark.parametrize(("operation", "what"), BY_CHANCE)
def test_what_chance_may_miss_is_there(
    servers: dict[str, Running],
    buyers: dict[str, tuple[requests.Session, dict[str, str]]],
    app: str,
    operation: str,
    what: str,
) -> None:
    (path, sent), (session, places) = BY_CHANCE[operation, what], buyers[app]
    assert what in NAMED[operation]
    method, url = operation.split()[0], servers[app].url + path.format(**places)
    answer = session.request(method, url, timeout=10, **sent)
    if what.startswith("accepted: "):
        assert answer.ok, answer.text
    elif what == "Server error":
        assert answer.status_code >= 500
    elif ": " in what:
        errors = answer.json()["errors"]
        assert what in [rejected(error, sent["json"]) for error in errors]
    else:
        assert str(answer.status_code) == what, answer.text


@pytest.mark.slow
def test_both_apps_do_what_both_documents_say(
    servers: dict[str, Running],
    logins: dict[str, Credentials],
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    needed: set[tuple[str, str]] = set()
    ways = zip(product(servers, servers), cycle(["session", "oauth2"]), strict=False)
    for seed, ((app, author), scheme) in enumerate(ways, SEED):
        document = document_of(servers[author], scheme)
        findings = examine(document, servers[app].url, logins[app], seed=seed)
        record_testsuite_property(f"{app} as {author} describes it", findings.summary)
        check(findings)
        needed |= findings.found.keys()
    named = {(operation, what) for operation, names in NAMED.items() for what in names}
    assert sorted(named - needed - BY_CHANCE.keys()) == [], "nothing needs these any more"
