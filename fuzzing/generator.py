"""Conversations: one request mostly, or several of which the later ones use what came back.

Why not Hypothesis: Schemathesis 4.32 makes 140 to 590 requests a second from this document, in the
same core that the servers need; this makes thousands. What shrinks a finding is in
`fuzzing.shrinking` and knows the parts of a request.
"""

# ruff: noqa: E501  (tables of values)
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from fuzzing import bodies
from fuzzing.dictionary import Dictionary
from fuzzing.document import Operation, Parameter
from fuzzing.message import Conversation, Framing, Held, Request, Taken, Value
from fuzzing.values import Values, dump, mutated

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
RARE_METHODS = ("TRACE", "PROPFIND", "LINK", "PURGE", "REPORT", "SEARCH", "MKCOL", "LOCK")
UNEXPECTED = "/errors/unexpected"
EVERY = 8  # conversations, of which one asks for an address that the tests know
ORIGINS = (
    "http://127.0.0.1:8080", "http://localhost:8080", "HTTP://LOCALHOST:8080", "http://localhost:8080/",
    "http://localhost", "https://localhost:8080", "null", "*", "", "http://evil.test", "\xe9",
    "http://localhost:8080, http://127.0.0.1:8080",
)  # fmt: skip
TAGS = (
    '"{}"',
    "*",
    "W/*",
    '"other"',
    "",
    '""',
    '"',
    "{}",
    'W/"{}"',
    '"a", "{}"',
    '"{}" , ',
    ",,",
    "\xe9",
)
DATES = (
    "Sat, 31 Jan 2026 09:30:00 GMT", "Sun, 01 Feb 2026 00:00:00 GMT", "Sat, 31 Jan 2026 09:29:59 GMT",
    "Saturday, 31-Jan-26 09:30:00 GMT", "Sat Jan 31 09:30:00 2026", "2026-01-31", "", "0", "nonsense",
    "Sat, 31 Jan 2026 09:30:00 +0100", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
    "Sat, 31 Jan 2026 09:30:00", "Thu, 01 Jan 1970 00:00:00 -2400", "Sat, 32 Jan 2026 09:30:00 GMT",
    "Sat, 31 Jan 2026 24:00:00 GMT", "31 Jan 2026 09:30:00 GMT", "Sat, 31 Jan 26 09:30:00 GMT",
)  # fmt: skip
RANGES = (
    "bytes=0-0", "bytes=0-", "bytes=-1", "bytes=-0", "bytes=1-0", "bytes=0-0,2-3", "bytes=999999-",
    "bytes=0-999999", "bytes=", "bytes", "items=0-1", "bytes=a-b", "bytes=0-1,", "bytes = 0-1", "",
    "bytes=-", "bytes=--1", "bytes=0-" + "9" * 30, "BYTES=0-1", "bytes=\xe9",
)  # fmt: skip
PLAIN: tuple[tuple[str, Sequence[str]], ...] = (
    ("Accept", ("*/*", "application/json", "text/html", "application/json;q=0", "nonsense", "", "\xe9")),
    ("Accept-Encoding", ("gzip", "identity", "identity;q=0", "br, *;q=0", "")),
    ("Accept-Language", ("de", "en;q=x")),
    ("Origin", ORIGINS),
    ("Access-Control-Request-Method", ("GET", "PUT", "put", "", "P", ",", "PUT, GET", "TRACE")),
    ("Access-Control-Request-Headers", ("X-Note", "x-note, X-A", "", ",", "b,a, ,c", "\xe9")),
    ("Access-Control-Request-Private-Network", ("true", "false", "TRUE")),
    ("If-None-Match", TAGS), ("If-Match", TAGS), ("If-Modified-Since", DATES),
    ("If-Unmodified-Since", DATES), ("If-Range", (*TAGS, *DATES)), ("Range", RANGES),
    ("X-Note", ("a", "\xe9", "x" * 100, "x" * 101, " a ", "\ta\t", "a,b", "")),
    ("X-Tags", ("a", "a,b", ",", "a, ,b", "", "x" * 101, '"a,b"', "\xe9, \xa0")),
    ("X-Team", ("compilers", "navigation", "nobody", "", "COMPILERS", "\xe9", "compilers,navigation")),
    ("X_Note", ("a",)), ("x-note", ("b",)), ("X-Forwarded-Host", ("evil.test",)),
    ("X-Forwarded-Proto", ("https",)), ("X-Forwarded-Prefix", ("/x",)), ("X-Forwarded-For", ("1.2.3.4",)),
    ("Forwarded", ("for=1.2.3.4;host=evil.test;proto=https",)), ("X-Original-URL", ("/health",)),
    ("X-HTTP-Method-Override", ("DELETE", "HEAD")), ("Script-Name", ("/x",)), ("Referer", ("http://a/",)),
    ("Expect", ("100-continue", "100-Continue", "nothing", "")), ("Upgrade", ("websocket", "h2c")),
    ("TE", ("trailers",)), ("Trailer", ("X-A",)), ("Max-Forwards", ("0",)), ("Via", ("1.1 x",)),
    ("Content-Encoding", ("gzip", "identity", "br")), ("Content-Language", ("de",)),
    ("Content-Disposition", ("form-data; name=a",)), ("Content-MD5", ("x",)), ("Priority", ("u=1",)),
    ("Authorization", ("Basic YTpi", "Basic", "Bearer x", "nonsense", "Basic \xe9", 'Digest a="b"')),
    ("User-Agent", ("", "\xe9", "x" * 2000)), ("Cache-Control", ("no-cache",)), ("Prefer", ("x",)),
    ("X-A", ("x" * 8000, "x" * 8184, "x" * 8185, "x" * 8186, "x" * 9000)), ("Keep-Alive", ("timeout=1",)),
    ("Connection", ("close", "keep-alive", "Close", "x-note", "close, keep-alive", "")),
    ("Host", ("a.test:80", "A.TEST", "127.0.0.1", "[::1]:80", "a.test.", "evil.test", "localhost:99999",
              "a_b", "xn--e1afmkfd", "a.test:", "-", "\xe9", "a b", "", "a.test/x", "u@a.test", "a,b")),
)  # fmt: skip
COOKIES = (
    "name=a", "name=", "name", "name=a; name=b", 'name="a b"', 'name="\\303\\251"', 'name="\\', "=a",
    "name=\xe9", ";;name=a;;", "name=a,b", "NAME=a", "$Version=1; name=a", "name==a", "name =a", "name= a",
    'name="a;b"', "name=a b; x=1", "a" * 2000 + "=1; name=b", "name=%C3%A9", "name=a\tb", 'name=""',
    'name="\\"', 'name="a"b', "name=a;", "name;x", "__Host-name=a", "x=1; name=a", "name=[]; y",
)  # fmt: skip
# How to ask by each security scheme of the document.
CREDENTIALS = {
    "session": (b"Cookie", Held("cookie")),
    "oauth2": (b"Authorization", Held("access_token", "Bearer {}")),
    "apiKey": (b"X-API-Key", Held("key")),
}
_PARAMETER = re.compile(r"\{(\w+)\}")


class Generator:
    """Makes conversation number `n` of a seed, the same one each time."""

    def __init__(self, operations: Sequence[Operation], words: Dictionary, seed: str) -> None:
        self.operations = [o for o in operations if o.path != UNEXPECTED]
        self.unexpected = [o for o in operations if o.path == UNEXPECTED]
        self.words, self.seed = words, seed
        self.values = Values(words.texts)
        self.paths = [operation.path for operation in operations]

    def conversation(self, number: int) -> Conversation:
        """One request in most cases; else a short sequence."""
        random = Random(f"{self.seed}/{number}")  # noqa: S311
        if number % EVERY == 0:
            return (self._known(number // EVERY, random),)
        if random.random() < 0.06:
            make: Callable[[Random], Conversation] = random.choice(
                (
                    self._cookies,
                    self._conditions,
                    self._redirect,
                    self._after_error,
                    self._again,
                    self._life,
                    self._life,
                )
            )
            return make(random)
        return (self.request(random),)

    def request(self, random: Random) -> Request:
        """A request of a random operation: valid, nearly valid, or hostile."""
        hostile = random.choice((0.0, 0.0, 0.1, 0.3, 0.6))
        pool = self.unexpected if self.unexpected and random.random() < 0.005 else self.operations
        operation = random.choice(pool)
        target, headers = self._target(operation, random, hostile)
        headers += self._headers(random, hostile)
        headers += self._credentials(operation, random, hostile)
        method = operation.method
        if random.random() < 0.05 + hostile * 0.2:
            method = random.choice(METHODS if random.random() < 0.9 else RARE_METHODS)
        kind, body, framing = self._body(operation, random, hostile)
        if kind is not None:
            headers.append((b"Content-Type", kind.encode("latin-1")))
        random.shuffle(headers)
        return Request(method, target, tuple(headers), body, framing)

    def _credentials(
        self, operation: Operation, random: Random, hostile: float
    ) -> list[tuple[bytes, Value]]:
        """By which the operation may be asked for, mostly; in hostile requests those of another."""
        if random.random() < hostile * 0.2:
            return [random.choice(list(CREDENTIALS.values()))]
        if not operation.schemes or random.random() < 0.1:
            return []
        return [CREDENTIALS[random.choice(operation.schemes)]]

    def _known(self, number: int, random: Random) -> Request:
        """What tests ask for, one after the other: the document does not name every address."""
        targets = self.words.targets or ("/",)
        target = _printable(targets[number % len(targets)].encode())
        hostile = random.choice((0.0, 0.3))
        headers = self._headers(random, hostile)
        return Request(random.choice(("GET", "GET", "HEAD", "OPTIONS")), target, tuple(headers))

    def _target(
        self, operation: Operation, random: Random, hostile: float
    ) -> tuple[bytes, list[tuple[bytes, Value]]]:
        path = operation.path
        query: list[tuple[str, str]] = []
        headers: list[tuple[bytes, Value]] = []
        for parameter in operation.parameters:
            if not parameter.required and random.random() < 0.4:
                continue
            texts = self._texts(parameter, random, hostile)
            if parameter.place == "path":
                path = path.replace(
                    f"{{{parameter.name}}}", self._segment(texts[0], random, hostile)
                )
            elif parameter.place == "query":
                query += [(parameter.name, text) for text in texts]
            elif parameter.place == "header":
                headers.append((parameter.name.encode(), _field(texts[0])))
            elif parameter.place == "cookie":
                headers.append((b"Cookie", _field(f"{parameter.name}={texts[0]}")))
        if random.random() < hostile * 0.3:
            path = self._odd_path(path, random)
        text = bodies.urlencoded(self._query(query, random, hostile), random, hostile=hostile)
        if text or random.random() < hostile * 0.2:
            return path.encode("latin-1") + b"?" + _printable(text), headers
        return path.encode("latin-1"), headers

    def _query(
        self, query: list[tuple[str, str]], random: Random, hostile: float
    ) -> list[tuple[str, str]]:
        if random.random() < hostile * 0.4:
            query.append((self.values.text(random)[:50], self.values.text(random)[:50]))
        if query and random.random() < hostile * 0.4:
            query.append((random.choice(query)[0], self.values.text(random)))
        if random.random() < hostile * 0.3:
            random.shuffle(query)
        return query

    def _texts(self, parameter: Parameter, random: Random, hostile: float) -> list[str]:
        """The parameter's value as text; several for a list."""
        make = self.values.beside if random.random() < hostile else self.values.valid
        value: Any = make(parameter.schema, random)
        items = value if isinstance(value, list) and parameter.place == "query" else [value]
        return [item if isinstance(item, str) else dump(item) for item in items] or [""]

    def _segment(self, text: str, random: Random, hostile: float) -> str:
        """A value as a piece of a path, mostly encoded as it should be."""
        text = text or random.choice(self.words.texts)
        data = text.encode("utf-8", "surrogatepass")[:1500]
        if random.random() > hostile * 0.5:
            return quote(data, safe="/" if random.random() < 0.3 else "")
        odd = bodies.urlencoded([("", text)], random, hostile=1.0)[1:]
        return _printable(odd).replace(b"?", b"%3F").decode("latin-1")

    def _odd_path(self, path: str, random: Random) -> str:
        path = _PARAMETER.sub("x", path)
        at = random.choice([i for i, c in enumerate(path) if c == "/"] or [0])
        piece = random.choice(
            (
                "/",
                "//",
                "/./",
                "/../",
                "/%2e%2e/",
                "/%2F",
                "%00",
                "%0a",
                "%20",
                "%",
                "%ff",
                ";a=b",
                "/;/",
                "%3F",
            )
        )
        return random.choice(
            (
                path + "/", path + piece, path[:at] + piece + path[at:], piece + path, "/" + path,
                path.upper(), path.replace("/", "%2f"), path[:-1] or "/", path + path,
                _printable(mutated(path, random).encode()).decode("latin-1"),
                random.choice(self.words.targets), random.choice(self.words.targets),
                path.replace("e", "%65"), path + "?", path + ".json",
            )
        ) or "/"  # fmt: skip

    def _headers(self, random: Random, hostile: float) -> list[tuple[bytes, Value]]:
        found: list[tuple[str, str]] = []
        while random.random() < 0.15 + hostile * 0.6 and len(found) < 12:
            chance = random.random()
            if chance < 0.25:
                found.append(random.choice(self.words.headers))
            elif chance < 0.4:
                found.append(("Cookie", random.choice(COOKIES)))
            else:
                name, values = random.choice(PLAIN)
                found.append((name, random.choice(values)))
        if found and random.random() < hostile * 0.3:
            found += [
                (found[0][0], random.choice(self.words.texts)) for _ in range(random.randint(1, 2))
            ]
        if random.random() < hostile * 0.02:
            found += [(f"X-{n}", "a") for n in range(random.choice((95, 99, 100, 101, 200)))]
        return [(name.encode("latin-1"), _field(value)) for name, value in found]

    def _body(
        self, operation: Operation, random: Random, hostile: float
    ) -> tuple[str | None, bytes, Framing]:
        """Content type, body, framing."""
        framing: Framing = "chunked" if random.random() < 0.1 else "length"
        if not operation.bodies:
            if random.random() > hostile * 0.4:
                return None, b"", "length" if operation.method in {"POST", "PUT"} else "none"
            return random.choice(bodies.TYPES), self._any_body(random), framing
        kind, schema = random.choice(operation.bodies)
        if kind == bodies.URLENCODED and random.random() < 0.3:
            kind = bodies.MULTIPART
        kind, body = self._body_of(kind, schema, random, hostile)
        chance = random.random()
        if chance < hostile * 0.15:
            kind = random.choice(bodies.TYPES)
        elif chance < hostile * 0.2:
            return None, body, framing
        elif chance < hostile * 0.3:
            body = self._any_body(random)
        elif chance < hostile * 0.45:
            body = bodies.flipped(body, random)
        elif chance < hostile * 0.5:
            return kind, b"", random.choice(("none", framing))
        return kind, body, framing

    def _body_of(self, kind: str, schema: Any, random: Random, hostile: float) -> tuple[str, bytes]:
        if kind == bodies.JSON:
            value: Any = self.values.valid(schema, random)
            if random.random() < hostile * 0.2:
                value = bodies.any_json(random)
            elif isinstance(value, dict) and random.random() < hostile * 1.5:
                value = self.values.broken(schema, value, random)
            return kind, bodies.json_body(value, random)
        pairs = bodies.pairs_of(schema, self.values, random, hostile=hostile)
        if kind == bodies.MULTIPART:
            return bodies.multipart(pairs, schema, random, hostile=hostile)
        return kind, bodies.urlencoded(pairs, random, hostile=hostile)

    def _any_body(self, random: Random) -> bytes:
        pool = self.words.bodies if self.words.bodies and random.random() < 0.3 else bodies.HURT
        return random.choice(pool)

    # Sequences: what one answer gives, the next request uses.

    def _cookies(self, random: Random) -> Conversation:
        """Set a cookie, read it, delete it, read what is left."""
        cookie = Taken(0, "set-cookie", ";")
        gone = Taken(2, "set-cookie", ";")
        operation = next((o for o in self.operations if o.path == "/profile" and o.bodies), None)
        if operation is None:
            return (self.request(random),)
        _, headers = self._target(operation, random, 0)
        kind, body, framing = self._body(operation, random, random.choice((0.0, 0.3)))
        headers += [(b"Content-Type", (kind or "").encode("latin-1"))]
        return (
            Request("POST", b"/profile", tuple(headers), body, framing),
            Request("GET", b"/profile", ((b"Cookie", cookie),)),
            Request("DELETE", b"/profile", ((b"Cookie", cookie),)),
            Request("GET", b"/profile", ((b"Cookie", gone),)),
        )

    def _conditions(self, random: Random) -> Conversation:
        """Read something, then ask for it, or change it, on conditions made of what it said."""
        known = [target for target in self.words.targets if target.count("/") > 1]
        pool = random.choice((["/headers/report"], known or self.paths, self.paths))
        path = _PARAMETER.sub("x", random.choice(pool))
        first = Request("GET", path.encode())
        names = (
            b"If-None-Match",
            b"If-Match",
            b"If-Range",
            b"If-Modified-Since",
            b"If-Unmodified-Since",
        )
        steps = [first]
        for _ in range(random.randint(1, 3)):
            headers: list[tuple[bytes, Value]] = []
            for name in random.sample(names, random.randint(1, 2)):
                source = "last-modified" if name.endswith(b"Since") else "etag"
                pattern = random.choice(("{}", "{}", "W/{}", '"x", {}', "{},"))
                pattern = pattern if source == "etag" else "{}"
                headers.append((name, Taken(0, source, pattern=pattern)))
            if random.random() < 0.4:
                headers.append((b"Range", random.choice(RANGES).encode("latin-1")))
            method = random.choice(("GET", "GET", "HEAD", "PUT"))
            steps.append(Request(method, path.encode(), tuple(headers)))
        return tuple(steps)

    def _redirect(self, random: Random) -> Conversation:
        """Follow wherever an answer leads, on the same server."""
        path = random.choice(self.paths)
        method = random.choice(("GET", "POST"))
        first = Request(method, _PARAMETER.sub("x", path).encode(), framing="length")
        return first, Request("GET", Taken(0, "location"))

    def _after_error(self, random: Random) -> Conversation:
        """Bad requests must not harm the next one on their connection."""
        path = random.choice(self.paths)
        body = random.choice((b"x" * 100, b"x" * 70_000, b"{", b"x" * 2**20))
        framing: Framing = random.choice(("length", "chunked"))
        kind = random.choice(bodies.TYPES).encode("latin-1")
        bad = Request(
            random.choice(METHODS),
            _PARAMETER.sub("x", path).encode(),
            ((b"Content-Type", kind),),
            body,
            framing,
        )
        return bad, Request("GET", b"/health"), self.request(random)

    def _life(self, random: Random) -> Conversation:
        """Create something, read it, change it, delete it, look for it; in any order but the first."""
        at = {operation.path: operation for operation in self.operations}
        makers = [o for o in self.operations if o.method == "POST" and _of_one(o.path, at)]
        if not makers:
            return (self.request(random),)
        maker = random.choice(makers)
        place = _of_one(maker.path, at)
        others = [o for o in self.operations if o.path == place] * 2
        steps = [maker, *random.sample(others, min(len(others), random.randint(2, 6)))]
        return tuple(self._step(operation, n, random) for n, operation in enumerate(steps))

    def _step(self, operation: Operation, number: int, random: Random) -> Request:
        kind, body, framing = self._body(operation, random, random.choice((0.0, 0.0, 0.2)))
        headers = self._credentials(operation, random, 0)
        if kind is not None:
            headers.append((b"Content-Type", kind.encode("latin-1")))
        target = Taken(0, "location") if number else operation.path.encode()
        return Request(operation.method, target, tuple(headers), body, framing)

    def _again(self, random: Random) -> Conversation:
        """The same request twice, and a HEAD: nothing may be left from the first."""
        request = self.request(random)
        return request, request, Request("HEAD", request.target, request.headers)


def _of_one(path: str, known: Mapping[str, Operation]) -> str:
    """The path of one of what is made at `path`, "" if there is none."""
    found = (other for other in known if re.fullmatch(re.escape(path) + r"/\{\w+\}", other))
    return next(found, "")


def _field(text: str) -> bytes:
    """A header's value that may be sent: without control characters, in Latin-1 or else UTF-8."""
    kept = "".join(c for c in text if c == "\t" or (c >= " " and c != "\x7f"))
    try:
        return kept.encode("latin-1")
    except UnicodeEncodeError:
        return kept.encode("utf-8", "surrogatepass")


def _printable(data: bytes) -> bytes:
    """A target without what ends it or what no server takes there."""
    return b"".join(
        bytes([byte]) if 0x21 <= byte < 0x7F and byte != 0x23 else b"%%%02X" % byte for byte in data
    )
