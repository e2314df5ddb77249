"""What no client library sends: the list behind docs/raw-requests.md."""

# ruff: noqa: E501  (tables of values)
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HEAD = b"Host: a.test\r\n"
JSON = b"Content-Type: application/json\r\n"
BODY = b'{"text":"ABC"}'
SUBMIT = b"POST /lowercase HTTP/1.1\r\n" + HEAD + JSON
CHUNKED = SUBMIT + b"Transfer-Encoding: chunked\r\n\r\n"
EXPECTING = SUBMIT + b"Content-Length: 14\r\nExpect: 100-continue\r\n\r\n"
NEXT = b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\n"

# What one server takes and the other does not, and no app or option can change.
KNOWN = {
    "extension after a blank": "RFC 9112 lets a server take it; uvicorn's parser does not, and "
    "gunicorn's has no option to refuse it",
    "extension of 20,000 bytes": "gunicorn's parser has a limit; uvicorn's shows no extension, so "
    "there is none to count",
}


@dataclass(frozen=True)
class Case:
    """`pieces` are sent one after the other, each after an answer or a short while.

    `due` is the number of answers that a server owes if it takes the request; 0 where the client
    has not finished. `finish` closes the sending side at the end. `known` says why one server may
    take what the other refuses, where no cure is possible.
    """

    group: str
    name: str
    pieces: tuple[bytes, ...]
    due: int = 1
    finish: bool = False
    known: str = ""


def cases() -> Iterator[Case]:
    """Every case, in the order of the page."""
    yield from _lines()
    yield from _targets()
    yield from _versions()
    yield from _headers()
    yield from _lengths()
    yield from _chunks()
    yield from _pipelines()
    yield from _expectations()
    yield from _halves()


def _get(line: bytes, headers: bytes = HEAD) -> tuple[bytes, ...]:
    return (line + b"\r\n" + headers + b"\r\n",)


def _lines() -> Iterator[Case]:
    group = "Request line"
    for name, line in {
        "as it should be": b"GET /health HTTP/1.1",
        "two blanks after the method": b"GET  /health HTTP/1.1",
        "two blanks before the version": b"GET /health  HTTP/1.1",
        "a tab after the method": b"GET\t/health HTTP/1.1",
        "a tab before the version": b"GET /health\tHTTP/1.1",
        "a blank before the method": b" GET /health HTTP/1.1",
        "a blank after the version": b"GET /health HTTP/1.1 ",
        "no target": b"GET HTTP/1.1",
        "no target, two blanks": b"GET  HTTP/1.1",
        "method in lower case": b"get /health HTTP/1.1",
        "method that is none": b"FOO /health HTTP/1.1",
        "method with a digit": b"G3T /health HTTP/1.1",
        "method with other characters": b"G@T /health HTTP/1.1",
        "method of 21 letters": b"A" * 21 + b" /health HTTP/1.1",
        "method `PRI`": b"PRI * HTTP/2.0",
        "method `M-SEARCH`": b"M-SEARCH /health HTTP/1.1",
        "control character in the target": b"GET /hea\x01lth HTTP/1.1",
        "null byte in the target": b"GET /health\x00 HTTP/1.1",
        "vertical tab in the target": b"GET /hea\x0blth HTTP/1.1",
        "DEL in the target": b"GET /hea\x7flth HTTP/1.1",
        "UTF-8 in the target": "GET /files/é HTTP/1.1".encode(),
        "Latin-1 in the target": b"GET /files/\xe9 HTTP/1.1",
        "UTF-8 in the query": "GET /search?q=é HTTP/1.1".encode(),
        "line of 4,094 bytes": b"GET /search?q=" + b"a" * (4094 - 23 - 2) + b" HTTP/1.1",
        "line of 5,000 bytes": b"GET /search?q=" + b"a" * (5000 - 23) + b" HTTP/1.1",
        "line of 100,000 bytes": b"GET /search?q=" + b"a" * 100_000 + b" HTTP/1.1",
    }.items():
        yield Case(group, name, _get(line))
    yield Case(group, "an empty line before it", (b"\r\n" + NEXT,))
    yield Case(group, "three empty lines before it", (b"\r\n" * 3 + NEXT,))
    yield Case(group, "line feeds alone as line ends", (NEXT.replace(b"\r\n", b"\n"),))
    yield Case(group, "carriage returns alone", (NEXT.replace(b"\r\n", b"\r"),), due=0)
    yield Case(group, "carriage return in the middle", _get(b"GET /hea\rlth HTTP/1.1"))
    greeting = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40
    yield Case(group, "a greeting of TLS", (greeting,), due=0)
    yield Case(group, "the preface of HTTP/2", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",))
    yield Case(group, "random bytes and an empty line", (b"\xff\xfe\xfd\x80\r\n\r\n",))
    yield Case(group, "a PROXY line before it", (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + NEXT,))


def _targets() -> Iterator[Case]:
    group = "Form of the target"
    for name, target in {
        "absolute": b"http://a.test/health",
        "absolute, of another host": b"http://evil.test/health",
        "absolute, `https`": b"https://a.test/health",
        "absolute, scheme in capitals": b"HTTP://a.test/health",
        "absolute, without a path": b"http://a.test",
        "absolute, with a query alone": b"http://a.test?x=1",
        "absolute, with a user": b"http://u:p@a.test/health",
        "absolute, of a path that is not there": b"http://a.test/nothing",
        "absolute, another scheme": b"ftp://a.test/health",
        "absolute, in the path": b"/http://a.test/health",
        "two slashes first": b"//a.test/health",
        "asterisk": b"*",
        "authority": b"a.test:80",
        "no slash first": b"health",
        "query alone": b"?x=1",
        "fragment": b"/health#x",
        "fragment in the query": b"/search?q=a#x",
        "backslash": b"\\health",
        "dot segments": b"/x/../health",
        "encoded slash": b"/%2fhealth",
        "broken encoding": b"/files/%zz",
        "quotation mark and angle brackets": b'/files/"<>',
        "braces and a bar": b"/files/{|}^`",
        "semicolon": b"/health;x=1",
        "empty query": b"/health?",
        "two question marks": b"/search??q=a",
    }.items():
        yield Case(group, name, _get(b"GET " + target + b" HTTP/1.1"))
    yield Case(group, "asterisk with OPTIONS", _get(b"OPTIONS * HTTP/1.1"))
    yield Case(group, "CONNECT with an authority", _get(b"CONNECT a.test:80 HTTP/1.1"))
    yield Case(group, "CONNECT with a path", _get(b"CONNECT /health HTTP/1.1"))
    yield Case(group, "absolute, without Host", _get(b"GET http://a.test/health HTTP/1.1", b""))


def _versions() -> Iterator[Case]:
    group = "Version"
    for version in ("HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/2", "HTTP/0.9", "HTTP/1.10", "HTTP/01.1",
                    "HTTP/1", "HTTP/1.", "http/1.1", "HTTPS/1.1", "HTTP-1.1", "HTTP/ 1.1", "ICE/1.0",
                    "RTSP/1.0", "HTTP/1.1x"):  # fmt: skip
        yield Case(group, f"`{version}`", _get(f"GET /health {version}".encode()))
    yield Case(group, "none (HTTP/0.9)", (b"GET /health\r\n",), due=0)
    yield Case(group, "none, and headers", _get(b"GET /health"))
    old = b"GET /health HTTP/1.0"
    yield Case(group, "HTTP/1.0", _get(old))
    yield Case(group, "HTTP/1.0 without Host", _get(old, b""))
    yield Case(
        group, "HTTP/1.0, `Connection: keep-alive`", _get(old, HEAD + b"Connection: keep-alive\r\n")
    )
    yield Case(group, "HTTP/1.0, `Connection: close`", _get(old, HEAD + b"Connection: close\r\n"))
    yield Case(group, "HTTP/1.0, `Keep-Alive: 5` alone", _get(old, HEAD + b"Keep-Alive: 5\r\n"))
    post = SUBMIT.replace(b"HTTP/1.1", b"HTTP/1.0")
    yield Case(group, "HTTP/1.0 with a body", (post + b"Content-Length: 14\r\n\r\n" + BODY,))
    yield Case(group, "HTTP/1.0 with a body of no length", (post + b"\r\n" + BODY,), finish=True)
    yield Case(
        group,
        "HTTP/1.0, chunked",
        (CHUNKED.replace(b"1.1", b"1.0") + b"e\r\n" + BODY + b"\r\n0\r\n\r\n",),
    )
    yield Case(
        group, "HTTP/1.0, `Expect: 100-continue`", (EXPECTING.replace(b"1.1", b"1.0") + BODY,)
    )
    kept = old + b"\r\n" + HEAD + b"Connection: keep-alive\r\n\r\n"
    yield Case(group, "HTTP/1.0, kept alive, two at once", (kept + kept,), due=2)


def _headers() -> Iterator[Case]:
    group = "Headers"
    many = {n: b"".join(b"X-%d: a\r\n" % i for i in range(n)) for n in (99, 100, 1000)}
    for name, headers in {
        "no Host": b"",
        "empty Host": b"Host:\r\n",
        "two Hosts": HEAD + b"Host: b.test\r\n",
        "two equal Hosts": HEAD + HEAD,
        "Host with a path": b"Host: a.test/x\r\n",
        "Host with a blank": b"Host: a test\r\n",
        "Host with a user": b"Host: u@a.test\r\n",
        "Host with a list": b"Host: a.test, b.test\r\n",
        "Host with a port too high": b"Host: a.test:99999\r\n",
        "Host that is not ASCII": b"Host: \xe9\r\n",
        "no blank after the colon": HEAD + b"X-Note:a\r\n",
        "blank before the colon": HEAD + b"X-Note : a\r\n",
        "tab before the colon": HEAD + b"X-Note\t: a\r\n",
        "blank before the name": b" X-Note: a\r\n" + HEAD,
        "no colon": HEAD + b"X-Note\r\n",
        "no name": HEAD + b": a\r\n",
        "empty value": HEAD + b"X-Note:\r\n",
        "folded": HEAD + b"X-Note: a\r\n b\r\n",
        "folded with a tab": HEAD + b"X-Note: a\r\n\tb\r\n",
        "bare line feed in a value": HEAD + b"X-Note: a\nX-Team: b\r\n",
        "bare carriage return in a value": HEAD + b"X-Note: a\rb\r\n",
        "bare carriage return at the end of a value": HEAD + b"X-Note: a\r\r\n",
        "null byte in a value": HEAD + b"X-Note: a\x00b\r\n",
        "control character in a value": HEAD + b"X-Note: a\x01b\r\n",
        "DEL in a value": HEAD + b"X-Note: a\x7fb\r\n",
        "tab in a value": HEAD + b"X-Note: a\tb\r\n",
        "UTF-8 in a value": HEAD + "X-Note: é\r\n".encode(),
        "byte 255 in a value": HEAD + b"X-Note: \xff\r\n",
        "null byte in a name": HEAD + b"X-No\x00te: a\r\n",
        "UTF-8 in a name": HEAD + "X-Noté: a\r\n".encode(),
        "parentheses in a name": HEAD + b"X(Note): a\r\n",
        "slash in a name": HEAD + b"X/Note: a\r\n",
        "underscore in a name": HEAD + b"X_Note: a\r\n",
        "quotation marks in a name": HEAD + b'"X-Note": a\r\n',
        "all characters of a token in a name": HEAD + b"!#$%&'*+-.^`|~: a\r\n",
        "100 fields": HEAD + many[99],
        "101 fields": HEAD + many[100],
        "1,001 fields": HEAD + many[1000],
        "field of 8,190 bytes": HEAD + b"X-A: " + b"a" * (8190 - 7) + b"\r\n",
        "field of 8,191 bytes": HEAD + b"X-A: " + b"a" * (8190 - 6) + b"\r\n",
        "field of 100,000 bytes": HEAD + b"X-A: " + b"a" * 100_000 + b"\r\n",
        "name of 9,000 bytes": HEAD + b"A" * 9000 + b": a\r\n",
        "100 fields of 8,000 bytes": HEAD + (b"X-A: " + b"a" * 7990 + b"\r\n") * 99,
        "`Connection: close`": HEAD + b"Connection: close\r\n",
        "`Connection: close, keep-alive`": HEAD + b"Connection: close, keep-alive\r\n",
        "`Connection: upgrade` to WebSocket": HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "`Connection: upgrade` to HTTP/2": HEAD + b"Connection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "`Upgrade` without `Connection`": HEAD + b"Upgrade: websocket\r\n",
    }.items():  # fmt: skip
        yield Case(group, name, _get(b"GET /headers HTTP/1.1", headers))


def _lengths() -> Iterator[Case]:
    group = "Content-Length"
    for name, headers in {
        "twice, equal": b"Content-Length: 14\r\nContent-Length: 14\r\n",
        "twice, different": b"Content-Length: 14\r\nContent-Length: 3\r\n",
        "a list": b"Content-Length: 14, 14\r\n",
        "with a plus sign": b"Content-Length: +14\r\n",
        "with leading zeros": b"Content-Length: 0014\r\n",
        "with blanks around": b"Content-Length:  14 \r\n",
        "with an underscore": b"Content-Length: 1_4\r\n",
        "hexadecimal": b"Content-Length: 0xe\r\n",
        "negative": b"Content-Length: -14\r\n",
        "a fraction": b"Content-Length: 14.0\r\n",
        "other digits": "Content-Length: \u0661\u0664\r\n".encode(),
        "empty": b"Content-Length:\r\n",
        "a word": b"Content-Length: many\r\n",
        "over 64 bits": b"Content-Length: 99999999999999999999\r\n",
        "of 5,000 digits": b"Content-Length: " + b"9" * 5000 + b"\r\n",
        "of 3 MB": b"Content-Length: 3000000\r\n",
        "of 2**63 - 1": b"Content-Length: 9223372036854775807\r\n",
        "and chunked": b"Content-Length: 14\r\nTransfer-Encoding: chunked\r\n",
        "chunked, then length": b"Transfer-Encoding: chunked\r\nContent-Length: 14\r\n",
        "and `Content_Length`": b"Content-Length: 14\r\nContent_Length: 3\r\n",
    }.items():
        more = name in {"over 64 bits", "of 5,000 digits", "of 3 MB", "of 2**63 - 1"}
        yield Case(group, name, (SUBMIT + headers + b"\r\n" + BODY,), due=0 if more else 1)
    yield Case(group, "none, and a body", (SUBMIT + b"\r\n" + BODY,), due=2)
    garbage = SUBMIT + b"Content-Length: 14\r\n\r\n" + BODY + b"XY\r\n\r\n"
    yield Case(group, "too short: the rest is garbage", (garbage,), due=2)
    get = b"GET /health HTTP/1.1\r\n" + HEAD
    yield Case(group, "a body with GET", (get + b"Content-Length: 14\r\n\r\n" + BODY,))
    yield Case(
        group,
        "a body of 64 KiB that nobody reads",
        (get + b"Content-Length: 65536\r\n\r\n" + b"x" * 65536,),
    )
    yield Case(
        group,
        "a body of 1 MiB that nobody reads",
        (get + b"Content-Length: 1048576\r\n\r\n" + b"x" * 2**20,),
    )
    yield Case(
        group, "a body of 3 MiB", (SUBMIT + b"Content-Length: 3145728\r\n\r\n" + b"x" * 3 * 2**20,)
    )
    lost = b"POST /nothing HTTP/1.1\r\n" + HEAD
    yield Case(
        group,
        "a body of 3 MiB for a 404",
        (lost + b"Content-Length: 3145728\r\n\r\n" + b"x" * 3 * 2**20,),
    )


def _chunks() -> Iterator[Case]:
    group = "Chunked bodies"
    end = b"\r\n0\r\n\r\n"
    whole = b"e\r\n" + BODY + end
    for name, body in {
        "as it should be": whole,
        "size in capitals": b"E\r\n" + BODY + end,
        "size with leading zeros": b"000e\r\n" + BODY + end,
        "size with 20 leading zeros": b"0" * 20 + b"e\r\n" + BODY + end,
        "size with 0x": b"0xe\r\n" + BODY + end,
        "size with a plus sign": b"+e\r\n" + BODY + end,
        "size that is negative": b"-e\r\n" + BODY + end,
        "size with an underscore": b"0_e\r\n" + BODY + end,
        "size with a blank before": b" e\r\n" + BODY + end,
        "size with a blank after": b"e \r\n" + BODY + end,
        "size with a tab after": b"e\t\r\n" + BODY + end,
        "size that is no number": b"zz\r\n" + BODY + end,
        "size that is empty": b"\r\n" + BODY + end,
        "size over 64 bits": b"fffffffffffffffff\r\n" + BODY + end,
        "size too small": b"d\r\n" + BODY + end,
        "size too large": b"f\r\n" + BODY + end,
        "extension": b"e;a=b\r\n" + BODY + end,
        "extension in quotation marks": b'e;a="b;c"\r\n' + BODY + end,
        "extension without a name": b"e;\r\n" + BODY + end,
        "extension after a blank": b"e ;a=b\r\n" + BODY + end,
        "extension with a control character": b"e;a=\x01\r\n" + BODY + end,
        "extension with a bare line feed": b"e;a\nb\r\n" + BODY + end,
        "extension with a bare carriage return": b"e;a\rb\r\n" + BODY + end,
        "extension of 20,000 bytes": b"e;" + b"a" * 20_000 + b"\r\n" + BODY + end,
        "line feed alone after the size": b"e\n" + BODY + end,
        "line feed alone after the data": b"e\r\n" + BODY + b"\n0\r\n\r\n",
        "nothing after the data": b"e\r\n" + BODY + b"0\r\n\r\n",
        "other bytes after the data": b"e\r\n" + BODY + b"XX0\r\n\r\n",
        "last chunk of many zeros": b"e\r\n" + BODY + b"\r\n000\r\n\r\n",
        "last chunk with an extension": b"e\r\n" + BODY + b"\r\n0;a=b\r\n\r\n",
        "line feed alone at the end": b"e\r\n" + BODY + b"\r\n0\r\n\n",
        "trailer": b"e\r\n" + BODY + b"\r\n0\r\nX-A: b\r\n\r\n",
        "trailer `Content-Length`": b"e\r\n" + BODY + b"\r\n0\r\nContent-Length: 3\r\n\r\n",
        "trailer that is none": b"e\r\n" + BODY + b"\r\n0\r\nnonsense\r\n\r\n",
        "trailer with a blank before the colon": b"e\r\n" + BODY + b"\r\n0\r\nX-A : b\r\n\r\n",
        "trailer of 20,000 bytes": b"e\r\n"
        + BODY
        + b"\r\n0\r\nX-A: "
        + b"b" * 20_000
        + b"\r\n\r\n",
        "200 trailers": b"e\r\n" + BODY + b"\r\n0\r\n" + b"X-A: b\r\n" * 200 + b"\r\n",
        "14 chunks of one byte": b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n",
        "nothing but the last chunk": b"0\r\n\r\n",
        "3 MiB": b"300000\r\n" + b"x" * 3 * 2**20 + end,
    }.items():
        waits = name in {"size too large", "line feed alone at the end", "size over 64 bits"}
        known = KNOWN.get(name, "")
        yield Case(group, name, (CHUNKED + body,), due=0 if waits else 1, known=known)
    for value in ("Chunked", "chunked, chunked", "identity", "gzip", "gzip, chunked", "chunked, gzip",
                  "xchunked", '"chunked"', "chunked;a=b", "", ",chunked", "chunked,", " chunked ", "\x0bchunked"):  # fmt: skip
        line = f"Transfer-Encoding: {value}\r\n\r\n".encode()
        yield Case(
            group, f"`Transfer-Encoding: {value!a:.30}`".replace("'", ""), (SUBMIT + line + whole,)
        )
    twice = b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield Case(group, "`Transfer-Encoding` twice", (SUBMIT + twice + whole,))
    yield Case(
        group,
        "`Transfer_Encoding`",
        (SUBMIT + b"Transfer_Encoding: chunked\r\nContent-Length: 14\r\n\r\n" + BODY,),
    )
    yield Case(
        group,
        "with GET",
        (b"GET /health HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + whole,),
    )
    yield Case(
        group,
        "no last chunk, then the client stops",
        (CHUNKED + b"e\r\n" + BODY + b"\r\n",),
        finish=True,
        due=0,
    )
    yield Case(
        group,
        "half a chunk, then the client stops",
        (CHUNKED + b"e\r\n" + BODY[:5],),
        finish=True,
        due=0,
    )
    yield Case(group, "half a size, then the client stops", (CHUNKED + b"e",), finish=True, due=0)


def _pipelines() -> Iterator[Case]:
    group = "Pipelining"
    good = SUBMIT + b"Content-Length: 14\r\n\r\n" + BODY
    bad = SUBMIT + b"Content-Length: 3\r\n\r\n{{{"
    close = b"GET /health HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n"
    yield Case(group, "two", (NEXT + NEXT,), due=2)
    yield Case(group, "ten", (NEXT * 10,), due=10)
    yield Case(group, "POST, then GET", (good + NEXT,), due=2)
    yield Case(
        group, "chunked, then GET", (CHUNKED + b"e\r\n" + BODY + b"\r\n0\r\n\r\n" + NEXT,), due=2
    )
    yield Case(group, "400 for the body, then GET", (bad + NEXT,), due=2)
    yield Case(
        group, "404, then GET", (b"GET /nothing HTTP/1.1\r\n" + HEAD + b"\r\n" + NEXT,), due=2
    )
    yield Case(
        group,
        "404 with a body, then GET",
        (b"POST /nothing HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc" + NEXT,),
        due=2,
    )
    yield Case(
        group,
        "500, then GET",
        (b"GET /errors/unexpected HTTP/1.1\r\n" + HEAD + b"\r\n" + NEXT,),
        due=2,
    )
    yield Case(
        group, "HEAD, then GET", (b"HEAD /health HTTP/1.1\r\n" + HEAD + b"\r\n" + NEXT,), due=2
    )
    yield Case(group, "`Connection: close`, then GET", (close + NEXT,))
    yield Case(group, "HTTP/1.0, then GET", (b"GET /health HTTP/1.0\r\n" + HEAD + b"\r\n" + NEXT,))
    yield Case(
        group, "a request in a body", (SUBMIT + b"Content-Length: %d\r\n\r\n" % len(NEXT) + NEXT,)
    )
    yield Case(group, "an empty line between two", (NEXT + b"\r\n" + NEXT,), due=2)
    yield Case(group, "garbage after the first", (NEXT + b"\x00\x01\r\n\r\n",), due=2)
    yield Case(group, "byte by byte", tuple(bytes([byte]) for byte in NEXT))


def _expectations() -> Iterator[Case]:
    group = "Expect: 100-continue"
    lost = EXPECTING.replace(b"/lowercase", b"/nothing")
    yield Case(group, "the body at once", (EXPECTING + BODY,))
    yield Case(group, "the body after the 100", (EXPECTING, BODY))
    yield Case(group, "no body", (EXPECTING,), due=0)
    yield Case(group, "on a 404, the body at once", (lost + BODY,))
    yield Case(group, "on a 404, no body", (lost,), due=0)
    yield Case(
        group, "on a 415, no body", (EXPECTING.replace(b"application/json", b"text/plain"),), due=0
    )
    yield Case(
        group, "3 MiB announced, no body", (EXPECTING.replace(b": 14", b": 3145728"),), due=0
    )
    yield Case(
        group,
        "chunked",
        (
            CHUNKED.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
            b"e\r\n" + BODY + b"\r\n0\r\n\r\n",
        ),
    )
    yield Case(
        group,
        "with GET and no body",
        _get(b"GET /health HTTP/1.1", HEAD + b"Expect: 100-continue\r\n"),
    )
    for value in ("100-Continue", "100-continue, foo", "foo", "200-ok", ""):
        line = f"\r\nExpect: {value}\r\n".encode()
        yield Case(
            group,
            f"`Expect: {value}`",
            (EXPECTING.replace(b"\r\nExpect: 100-continue\r\n", line) + BODY,),
        )
    twice = b"Expect: 100-continue\r\nExpect: 100-continue\r\n"
    yield Case(group, "twice", (EXPECTING.replace(b"Expect: 100-continue\r\n", twice) + BODY,))
    one = b"Expect:\r\nExpect: 100-continue\r\n"
    yield Case(
        group, "twice, one empty", (EXPECTING.replace(b"Expect: 100-continue\r\n", one) + BODY,)
    )


def _halves() -> Iterator[Case]:
    group = "Half a request"
    length = SUBMIT + b"Content-Length: 14\r\n\r\n"
    for name, data in {
        "nothing": b"",
        "half a line": b"GET /hea",
        "a line": b"GET /health HTTP/1.1\r\n",
        "half a header": b"GET /health HTTP/1.1\r\nHost: a.t",
        "no empty line": b"GET /health HTTP/1.1\r\nHost: a.test\r\n",
        "headers, no body": length,
        "half a body": length + BODY[:5],
    }.items():
        yield Case(group, f"{name}, then the client waits", (data,), due=0)
        yield Case(group, f"{name}, then the client stops sending", (data,), due=0, finish=True)
