"""The judge over all endpoints: each app, its bare twin, and the bare callable, in this process."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from fastapi import routing
from fastapi.dependencies import utils as dependencies_utils

from benchmarks import bare, fastapi_routes, fastapi_twins, flask_routes, flask_twins
from benchmarks.calling import Answer, AsgiCaller, Caller, Request, WsgiCaller
from benchmarks.endpoints import ENDPOINTS
from benchmarks.items import PLACES
from benchmarks.judging import Spread, Times, Work, measure, ratios
from benchmarks.world import World

APPS = ("flask", "fastapi")
_NUMBER = re.compile(rb"[0-9]+")


class Different(Exception):
    """An app and its twin do not give the same answer: they are no twins."""


@dataclass(frozen=True)
class Found:
    """What an endpoint takes in one framework; times are seconds of processor time."""

    app: Spread
    twin: Spread
    bare: Spread
    ratio: Spread
    floor: Spread  # twin to bare callable

    @classmethod
    def of(cls, times: Times, app: str) -> "Found":
        return cls(
            Spread.of(times[f"{app} app"]),
            Spread.of(times[f"{app} twin"]),
            Spread.of(times[f"{app} bare"]),
            ratios(times, f"{app} app", f"{app} twin"),
            ratios(times, f"{app} twin", f"{app} bare"),
        )


@contextmanager
def apps(world: World) -> Iterator[dict[str, Caller]]:
    """Both apps, with the routes of the benchmark."""
    callers: dict[str, Caller] = {
        "flask": WsgiCaller(flask_routes.app_with_routes(world.settings)),
        "fastapi": AsgiCaller(fastapi_routes.app_with_routes(world.settings)),
    }
    try:
        yield callers
    finally:
        for caller in callers.values():
            caller.close()


@contextmanager
def in_one_thread() -> Iterator[None]:
    """Let FastAPI call what it would call in a thread, in the event loop instead."""

    async def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    patched = [
        (module, name)
        for module in (dependencies_utils, routing)
        for name in ("run_in_threadpool",)
        if hasattr(module, name)
    ]
    with ExitStack() as stack:
        for module, name in patched:
            stack.enter_context(mock.patch.object(module, name, call))
        yield


@contextmanager
def subjects(name: str, world: World, whole: Mapping[str, Caller]) -> Iterator[dict[str, Caller]]:
    """Both apps, their twins and the bare callables of an endpoint. Raises Different."""
    request = ENDPOINTS[name].request(world)
    callers: dict[str, Caller] = {f"{app} app": whole[app] for app in APPS}
    callers["flask twin"] = WsgiCaller(flask_twins.twin(name, world.settings))
    callers["fastapi twin"] = AsgiCaller(fastapi_twins.twin(name, world.settings))
    answers = {who: caller.call(request) for who, caller in callers.items()}
    callers["flask bare"] = WsgiCaller(bare.wsgi(answers["flask twin"]))
    callers["fastapi bare"] = AsgiCaller(bare.asgi(answers["fastapi twin"]))
    try:
        compare(name, answers)
        yield callers
    finally:
        for who, caller in callers.items():
            if not who.endswith(" app"):
                caller.close()


def compare(name: str, answers: Mapping[str, Answer]) -> None:
    """Raises Different unless all gave the same status and body, and say the same of the body.

    Numbers may differ where each answer has some of its own.
    """
    told = {
        who: (
            answer.status,
            answer.header("content-type") if answer.body else None,
            _NUMBER.sub(b"0", answer.body) if ENDPOINTS[name].anew else answer.body,
        )
        for who, answer in answers.items()
    }
    if len(set(told.values())) > 1 or any(status >= 300 for status, *_ in told.values()):
        raise Different(f"{name}: {told}")


def judge(
    name: str,
    world: World,
    whole: Mapping[str, Caller],
    *,
    rounds: int,
    block: float,
    turns: int = 1,
    is_sure: Callable[[dict[str, Found]], bool] = lambda found: True,
) -> tuple[dict[str, Found], Spread]:
    """What an endpoint takes in each framework, and FastAPI's app against Flask's.

    Goes on, up to `turns` times as long, until `is_sure`.
    """
    request = ENDPOINTS[name].request(world)
    with subjects(name, world, whole) as callers:
        works = {who: work(caller, request) for who, caller in callers.items()}
        times: Times = {who: [] for who in works}
        for turn in range(turns):
            for who, more in measure(works, rounds=rounds, block=block, seed=turn).items():
                times[who] += more
            found = {app: Found.of(times, app) for app in APPS}
            if is_sure(found):
                break
    return found, ratios(times, "fastapi app", "flask app")


def judge_places(world: World, *, rounds: int, block: float) -> dict[str, dict[str, Spread]]:
    """For each app and place: the light route there, against the same as the only route."""
    found: dict[str, dict[str, Spread]] = {app: {} for app in APPS}
    with apps(world) as whole:
        for place, path in PLACES.items():
            only: dict[str, Caller] = {
                "flask": WsgiCaller(flask_routes.app_with_one_route(world.settings, path)),
                "fastapi": AsgiCaller(fastapi_routes.app_with_one_route(world.settings, path)),
            }
            request = Request(path=path)
            works = {f"{app} all": work(whole[app], request) for app in APPS}
            works |= {f"{app} one": work(only[app], request) for app in APPS}
            times = measure(works, rounds=rounds, block=block)
            for app in APPS:
                found[app][place] = ratios(times, f"{app} all", f"{app} one")
                only[app].close()
    return found


def work(caller: Caller, request: Request) -> Work:
    return lambda times: caller.repeat(request, times)
