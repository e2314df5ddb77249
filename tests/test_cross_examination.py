"""Schemathesis examines each app against its own OpenAPI document and against the other's.

Every check is on, and the two about data are stricter than Schemathesis has them: what a document
calls valid must be answered 2xx or 3xx, what it calls invalid must be refused, never with a 5xx.
What is found all the same stands in `NAMED`; an entry that nothing needs fails the long run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
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

from servers.running import Running, start, stop_all
from servers.upstream import StandIn

SEED = 1
# Requests that the fuzzing of an operation makes up in the long run; more of those for which
# something is named, since only few of them show it.
EXAMPLES, MORE = 12, 60
PHASES = ("examples", "coverage", "fuzzing", "stateful")
WITH_A_POINT = "JSON Schema takes 5.0 for an integer, this API does not"
ANY_CONTENT = "a file may hold anything, so what was no string is one when it arrives"
UNKNOWN = "a document does not list what there is to be found"
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
}
POSTS = [operation for operation in NAMED if operation.startswith("POST")]


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


def settings(base_url: str, phases: tuple[str, ...], seed: int) -> SchemathesisConfig:
    generation = {"database": "none", "max-examples": EXAMPLES, "no-shrink": True}
    more = {**generation, "max-examples": MORE}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "base-url": base_url,
            "cache": {"enabled": False},
            "continue-on-failure": True,
            "request-timeout": 10,
            "suppress-health-check": ["all"],
            "generation": generation,
            "operations": [{"include-name": POSTS, "phases": {"fuzzing": {"generation": more}}}],
            "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx"]},
                "negative_data_rejection": {"expected-statuses": ["4xx"]},
            },
        }
    )


def examine(
    document: Any, base_url: str, phases: tuple[str, ...] = PHASES, seed: int = SEED
) -> Findings:
    """Run Schemathesis on the app at `base_url` as `document` describes it."""
    config = settings(base_url, phases, seed)
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
        for check in checks:
            if check.status is not Status.SUCCESS and check.failure_info and response:
                failure, how = check.failure_info.failure, check.failure_info.code_sample
                for what in described(failure, response, case.body):
                    findings.found.setdefault((case.operation.label, what), f"{failure}\n{how}")


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


def document_of(server: Running) -> Any:
    return requests.get(f"{server.url}/openapi.json", timeout=10).json()


def check(findings: Findings) -> None:
    unnamed = [f"{label} - {what}\n{how}" for (label, what), how in findings.unnamed.items()]
    if unnamed or findings.errors:
        pytest.fail("\n\n".join([*unnamed, *findings.errors]), pytrace=False)


@pytest.mark.parametrize(
    ("app", "author", "first"), [("flask", "fastapi", 0), ("fastapi", "flask", 1)]
)
def test_an_app_does_what_the_other_ones_document_says(
    servers: dict[str, Running], app: str, author: str, first: int
) -> None:
    """In short: every second path each, and what Schemathesis always sends."""
    document = document_of(servers[author])
    document["paths"] = dict(sorted(document["paths"].items())[first::2])
    findings = examine(document, servers[app].url, ("coverage",))
    assert len(findings.operations) > 15 and findings.answers.total() > 200
    check(findings)


@pytest.mark.parametrize(("longest", "what"), [(200, "q: maxLength"), (50, "accepted: ")])
def test_a_document_that_says_otherwise_is_noticed(
    servers: dict[str, Running], longest: int, what: str
) -> None:
    document = document_of(servers["flask"])
    document["paths"] = {"/search": document["paths"]["/search"]}
    (q,) = document["paths"]["/search"]["get"]["parameters"]
    q["schema"]["maxLength"] = longest
    (found,) = examine(document, servers["flask"].url, ("coverage",)).unnamed
    assert found[0] == "GET /search" and found[1].startswith(what)


@pytest.mark.slow
def test_both_apps_do_what_both_documents_say(
    servers: dict[str, Running], record_testsuite_property: Callable[[str, object], None]
) -> None:
    needed: set[tuple[str, str]] = set()
    for seed, (app, author) in enumerate(product(servers, servers), SEED):
        findings = examine(document_of(servers[author]), servers[app].url, seed=seed)
        record_testsuite_property(f"{app} as {author} describes it", findings.summary)
        check(findings)
        needed |= findings.found.keys()
    named = {(operation, what) for operation, names in NAMED.items() for what in names}
    assert sorted(named - needed) == [], "nothing needs these any more"
