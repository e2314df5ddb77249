"""What is measured: requests that both apps answer alike, from the lightest to an order."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.calling import Request
from benchmarks.items import PLACES
from benchmarks.world import EMAIL, PASSWORD, ROWS, World, session_cookie

BOUNDARY = "benchmark-boundary"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Endpoint:
    """A request of the benchmark.

    `budget` names the budget that it falls under, if one: "light" or "rows". `anew` says that
    each answer has an id or a moment of its own, so that the bodies of two answers differ.
    """

    name: str
    title: str
    request: Callable[[World], Request]
    budget: str = ""
    anew: bool = False


def _json(method: str, path: str, value: object, *headers: tuple[str, str]) -> Request:
    body = json.dumps(value).encode()
    return Request(
        method, path, headers=(("content-type", "application/json"), *headers), body=body
    )


def _form(path: str, **values: str) -> Request:
    kind = ("content-type", "application/x-www-form-urlencoded")
    return Request("POST", path, headers=(kind,), body=urlencode(values).encode())


def _upload(size: float) -> Request:
    head = (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="file"; filename="bench.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    content = bytes(range(256)) * int(size * MEBIBYTE / 256)
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = ("content-type", f"multipart/form-data; boundary={BOUNDARY}")
    return Request("POST", "/upload", headers=(kind,), body=body)


def _login(world: World) -> Request:
    return _json("POST", "/session", {"email": EMAIL, "password": PASSWORD})


def _order(world: World) -> Request:
    lines = {"lines": [{"product_id": world.product_id, "quantity": 1}]}
    return _json("POST", "/orders", lines, ("cookie", session_cookie(world)))


_QUERY = "q=chair&limit=20&exact=true&tag=a&tag=b&since=2026-01-01"
ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("hello", "Hello", lambda world: Request(), "light"),
        Endpoint("path", "Path parameter", lambda world: Request(path="/users/42"), "light"),
        Endpoint(
            "query",
            "Query, five parameters",
            lambda world: Request(path="/search/advanced", query=_QUERY),
            "light",
        ),
        Endpoint(
            "json",
            "JSON body, validated",
            lambda world: _json("POST", "/lowercase", {"text": "HELLO World"}),
            "light",
        ),
        Endpoint("form", "Form", lambda world: _form("/submit", city="Paris"), "light"),
        Endpoint(
            "cookie",
            "Cookie",
            lambda world: Request(path="/profile", headers=(("cookie", "name=Ada"),)),
            "light",
        ),
        Endpoint(
            "last", "Light, the last route", lambda world: Request(path=PLACES["last"]), "light"
        ),
        Endpoint(
            "crowded",
            "Light, behind others that begin alike",
            lambda world: Request(path=PLACES["crowded"]),
            "light",
        ),
        Endpoint("upload-0.9", "Upload of 0.9 MiB", lambda world: _upload(0.9)),
        Endpoint("upload-1.1", "Upload of 1.1 MiB", lambda world: _upload(1.1)),
        Endpoint("list", "List of 100", lambda world: Request(path="/benchmark/list"), "rows"),
        Endpoint(
            "rows",
            "100 database rows",
            lambda world: Request(path="/customers", query=f"per_page={ROWS}"),
            "rows",
        ),
        Endpoint("login", "Login", _login, anew=True),
        Endpoint("order", "Order", _order, anew=True),
    )
}
LIGHT = [name for name, endpoint in ENDPOINTS.items() if endpoint.budget == "light"]
