"""A finding for people: the request for the shell, both answers, a case for the contract."""

from __future__ import annotations

import re
from dataclasses import replace

import requests

from contract_tests import account, curl, handlers
from contract_tests.raw import RawAnswer
from fuzzing.message import Conversation, Held, Request, Value, chunks
from fuzzing.verdict import Finding

_REPEATED = re.compile(r"(?P<run>(.)\2{49,})|(?P<rest>(?:(?!(.)\4{49}).)+)", re.DOTALL)


def account_of(finding: Finding) -> str:
    """Everything about a finding but the case."""
    before = [
        curl_line(request, finding.runs[0].target.url, finding.runs[0].target.address)
        for request in finding.conversation[:-1]
    ]
    left, right = (
        replace(
            exchange,
            request=sendable(finding.conversation[-1], run.target.url, exchange.request),
            answer=exchange.answer if exchange.answer and exchange.answer.status_code else None,
        )
        for exchange, run in zip(finding.pair, finding.runs, strict=True)
    )
    names = " ".join(name.rstrip(":") for name in finding.names)
    told = account.of_two((left, right), finding.runs, "")
    return "\n".join([f"{finding.kind}: {names}".rstrip(": "), *before, told, *_endings(finding)])


def _endings(finding: Finding) -> list[str]:
    """How the connections stand that gave no answer."""
    return [
        f"{run.target.name}: no whole answer, connection {exchange.answer.ended}, "
        f"received {exchange.answer.content[:200]!r}"
        for exchange, run in zip(finding.pair, finding.runs, strict=True)
        if isinstance(exchange.answer, RawAnswer) and not exchange.answer.status_code
    ]


def case(finding: Finding, *, apart: bool) -> str:
    """The finding as a test for contract_tests/test_<topic>.py; `apart`: a connection for each."""
    conversation = finding.conversation
    flask, fastapi = finding.statuses
    names = [run.target.name for run in finding.runs]
    lines = [
        f"# contract_tests/test_{topic(finding)}.py",
        f"# {names[0]} answered {flask or 'nothing'}, {names[1]} {fastapi or 'nothing'}",
        f"def test_{_name(conversation[-1])}(api: Api) -> None:",
    ]
    if apart or len(conversation) == 1:
        lines += _calls(conversation)
    else:
        whole = _literal(b"".join(request.encoded() for request in conversation))
        lines.append(f"    answer = api.raw_answers({whole}, {len(conversation)})[-1]")
    lines.append(f"    assert answer.status_code == {flask or fastapi}")
    return "\n".join(lines)


def topic(finding: Finding) -> str:
    """The topic whose route file answers, else `errors`."""
    line = account.request_line(finding.pair[0])
    method, _, target = line.partition(" ")
    places = handlers.places("", method, target.partition("?")[0])
    found = re.match(r"\w+/routes/(\w+)\.py", places[0]) if places else None
    return found[1] if found else "errors"


def curl_line(request: Request, url: str, address: tuple[str, int]) -> str:
    """The request for the shell: by curl where that can send it, else byte for byte."""
    return curl.command(sendable(request, url, request.encoded()), address)


def sendable(
    request: Request, url: str, otherwise: requests.PreparedRequest | bytes | None
) -> requests.PreparedRequest | bytes | None:
    """The request as one of `requests`, or `otherwise` where curl would send something else."""
    target = request.target
    names = [name.lower() for name, _ in request.headers]
    values = [value for _, value in request.headers if isinstance(value, bytes)]
    if not isinstance(target, bytes) or len(values) < len(names) or len(set(names)) < len(names):
        return otherwise
    # curl reads brackets and braces in a URL as a list of URLs.
    if not all(value.isascii() for value in values) or any(c in target for c in b"[]{}#"):
        return otherwise
    made = requests.PreparedRequest()
    made.method, made.url = request.method, url + target.decode("latin-1")
    made.body = request.body if request.framing != "none" else None
    headers = [(b"Host", b"a.test"), *zip((n for n, _ in request.headers), values, strict=True)]
    if request.framing == "chunked":
        headers.append((b"Transfer-Encoding", b"chunked"))
    made.headers = requests.structures.CaseInsensitiveDict(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers
    )
    return made


def _calls(conversation: Conversation) -> list[str]:
    names = [f"answer_{number}" for number in range(1, len(conversation))] + ["answer"]
    return [
        f"    {name} = api.raw({_expression(request, names)})"
        for name, request in zip(names, conversation, strict=True)
    ]


def _expression(request: Request, names: list[str]) -> str:
    """The request as Python: by `contract_tests.wire` where that sends the same."""
    headers = ", ".join(
        f"({_text(name)}, {_python(value, names)})" for name, value in request.headers
    )
    target = _python(request.target, names)
    taken = any(not isinstance(value, bytes) for _, value in request.headers)
    if request.framing == "chunked" and not taken:
        kinds = [v for n, v in request.headers if n.lower() == b"content-type"]
        if request.method == "POST" and len(kinds) == len(request.headers) == 1:
            pieces = chunks(request.body)
            return f"wire.chunked({target}, {_python(kinds[0], names)}, {_list(pieces)})"
        return _literal(request.encoded())
    if request.framing == "length" and not request.body and not taken:
        return _literal(request.encoded())
    arguments = [repr(request.method), target]
    if headers or request.body:
        arguments.append(f"[{headers}]")
    if request.body:
        arguments.append(_literal(request.body))
    return f"wire.request({', '.join(arguments)})"


def _python(value: Value, names: list[str]) -> str:
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, Held):
        text = f"regulars.of(api).{value.name}"
        return text if value.pattern == "{}" else f"{value.pattern!r}.format({text})"
    text = f"{names[value.step]}.headers.get({value.header!r}, '')"
    if value.until != "\n":
        text += f".partition({value.until!r})[0]"
    return text if value.pattern == "{}" else f"{value.pattern!r}.format({text})"


def _text(value: bytes) -> str:
    return _literal(value.decode("latin-1"))


def _literal(value: str | bytes) -> str:
    """The value as Python; what is repeated many times is written once."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    pieces = []
    for found in _REPEATED.finditer(text):
        run, rest = found["run"], found["rest"]
        piece = run[:1] if run else rest
        plain = piece if isinstance(value, str) else piece.encode("latin-1")
        pieces.append(f"{plain!r} * {len(run)}" if run else repr(plain))
    return " + ".join(pieces) or repr(value)


def _list(pieces: list[bytes]) -> str:
    return f"[{', '.join(map(_literal, pieces))}]"


def _name(request: Request) -> str:
    target = request.target if isinstance(request.target, bytes) else b"location"
    words = re.findall(r"[a-z0-9]+", target.partition(b"?")[0].decode("latin-1").lower())
    return "_".join([request.method.lower(), *words])[:60]
