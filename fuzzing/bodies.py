"""Bodies as they travel: JSON, urlencoded and multipart, well made and not."""

# ruff: noqa: E501  (tables of values)
from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from fuzzing.document import Schema
from fuzzing.values import LITERALS, WRONG, Values, dump

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TYPES = (
    JSON, "application/JSON", "application/json; charset=utf-8", "application/json;charset=latin-1",
    "application/vnd.api+json", "application/problem+json", "application/jsonx", "text/json",
    "application/json, text/plain", "application/json;", ";", "application/+json", "json", "*/*", "",
    URLENCODED, "application/x-www-form-urlencoded; charset=utf-8", "Application/X-WWW-Form-Urlencoded",
    "application/x-www-form-urlencoded;charset=iso-8859-1", "text/plain", "application/octet-stream",
    MULTIPART, "multipart/form-data; boundary=B", 'multipart/form-data; boundary="B"',
    "multipart/form-data; BOUNDARY=B", "multipart/form-data; boundary=", "multipart/mixed; boundary=B",
    "multipart/form-data; boundary=b", "multipart/form-data;boundary=B;boundary=C", "\xe9/\xe9",
    "multipart/form-data; charset=latin-1; boundary=B", 'multipart/form-data; boundary="B\\""',
    "multipart/form-data; boundary=" + "B" * 71, "multipart/form-data; boundary*=utf-8''B",
)  # fmt: skip
HURT = (
    b"", b" ", b"\n", b"{", b"}", b"null", b"{}", b"[]", b'""', b"0", b"{}{}", b"{} x", b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00", b"{\x00}\x00", b"\x00\x00\x00{\x00\x00\x00}", b'{"a":"\xff"}', b'{"\xc3\x28":1}',
    b"\xff", b"\x00", b"=", b"&", b"city", b"city=", b"=city", b"city=%", b"city=%ff", b"city=%C3%A9",
    b"city=\xc3\xa9", b"city=\xff", b"city=a&city=b", b"city=a;b=c", b"city=a+b%2Bc", b"%63ity=a",
    b"city[]=a", b"CITY=a", b"city=a&" * 1100, b"--B--", b"--B--\r\n", b"--B\r\n", b"--B\r\n\r\n--B--\r\n",
    b"--C\r\n\r\n--C--", b"a=1\r\n", b"<a/>", b'{"a":' * 100,
)  # fmt: skip
FILE_NAMES = (
    "a.txt", "", " ", "../../etc/passwd", "..", ".", "C:\\x\\y.txt", "a b.txt", "é.txt", "汉.txt",
    'a\\"b.txt', "a%22b.txt", "a;b.txt", "\x00", "a/", "nul", "a" * 300, ".htaccess", "a\tb",
)  # fmt: skip
PART_TYPES = (
    "", "", "", "text/plain", "text/plain; charset=utf-16", "application/octet-stream", "image/png",
    "TEXT/HTML", "nonsense", "multipart/mixed; boundary=C", "\xe9", "application/json", "a/b;c=d;e",
)  # fmt: skip


def json_body(value: Any, random: Random) -> bytes:
    """The value in one of the ways in which clients write JSON."""
    chance = random.random()
    blank = " " if chance < 0.2 else "\r\n\t" if chance < 0.25 else ""
    text = dump(value, ascii_only=random.random() < 0.3, blank=blank)
    if chance > 0.97:
        return text.encode(random.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig")))
    return text.encode("utf-8", "surrogatepass")


def any_json(random: Random) -> Any:
    """A value that fits no schema."""
    chance = random.random()
    if chance < 0.5:
        return random.choice(LITERALS)
    return random.choice(WRONG) if chance < 0.8 else {"a": random.choice(LITERALS)}


def pairs_of(
    schema: Schema, values: Values, random: Random, *, hostile: float
) -> list[tuple[str, str]]:
    """The fields of a form: mostly those of the schema, some hurt, repeated or unknown."""
    pairs = []
    for name, inner in schema.get("properties", {}).items():
        if name not in schema.get("required", ()) and random.random() < 0.3:
            continue
        if random.random() < hostile * 0.3:
            continue
        for _ in range(1 + (random.random() < hostile * 0.3)):
            make = values.beside if random.random() < hostile else values.valid
            pairs += _as_pairs(name, make(inner, random))
    if random.random() < hostile * 0.3:
        pairs.insert(random.randint(0, len(pairs)), (values.text(random), values.text(random)))
    return pairs


def _as_pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [pair for item in value for pair in _as_pairs(name, item)]
    if value is None:
        return []
    return [(name, value if isinstance(value, str) else dump(value))]


def urlencoded(pairs: Sequence[tuple[str, str]], random: Random, *, hostile: float) -> bytes:
    """The pairs joined as HTML does; when hostile, encoded in unusual ways."""
    if random.random() > hostile:
        return "&".join(f"{_encoded(n)}={_encoded(v)}" for n, v in pairs).encode()
    ends = random.choice(("&", "&", "&&", ";"))
    return ends.join(f"{_odd(n, random)}={_odd(v, random)}" for n, v in pairs).encode("latin-1")


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass").replace("%20", "+")


def _odd(text: str, random: Random) -> str:
    """Percent-encoding as no library writes it: too much, too little, in lower case, broken."""
    chance = random.randrange(6)
    data = text.encode("utf-8", "surrogatepass")
    if chance == 0:
        return "".join(f"%{byte:02x}" for byte in data)
    if chance == 1:
        return quote(data, safe="!$'()*,/:;?@[]{}|\\^`\"<>")
    if chance == 2:
        return quote(data[: max(len(data) - 1, 0)])
    if chance == 3:
        return quote(data) + random.choice(("%", "%f", "%ff", "%zz", "%u0041", "%00"))
    if chance == 4:
        return quote(text.encode("utf-16-le", "surrogatepass"))
    return quote(quote(data))


def multipart(
    fields: Sequence[tuple[str, str]], schema: Schema, random: Random, *, hostile: float
) -> tuple[str, bytes]:
    """Content type and body; a field of the schema that holds bytes is sent as a file."""
    boundary = random.choice(("B", "B", "----WebKitFormBoundaryabc123", "a'()+_,-./:=?", "B" * 70))
    end = b"\n" if random.random() < hostile * 0.1 else b"\r\n"
    parts = []
    for name, value in fields:
        inner = schema.get("properties", {}).get(name, {})
        as_file = "contentMediaType" in {**inner, **inner.get("items", {})}
        if random.random() < hostile * 0.2:
            as_file = not as_file
        head = _part_head(name, as_file, random, hostile)
        parts.append(end.join([*(line.encode("utf-8") for line in head), b"", value.encode()]))
    body = _joined(parts, boundary.encode(), end, random, hostile)
    quoted = f'"{boundary}"' if not boundary.isalnum() or random.random() < 0.2 else boundary
    return f"{MULTIPART}; boundary={quoted}", body


def _part_head(name: str, as_file: bool, random: Random, hostile: float) -> list[str]:
    name = name.replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D")
    disposition = f'form-data; name="{name}"'
    if as_file:
        file_name = random.choice(FILE_NAMES) if random.random() < 0.5 else "a.txt"
        disposition += f'; filename="{file_name}"'
    lines = [f"Content-Disposition: {disposition}"]
    if as_file and (kind := random.choice(PART_TYPES)):
        lines.append(f"Content-Type: {kind}")
    if random.random() < hostile:
        lines = _odd_head(lines, name, random)
    return lines


def _odd_head(lines: list[str], name: str, random: Random) -> list[str]:
    return random.choice(
        (
            [line.lower() for line in lines],
            [*lines, "Content-Transfer-Encoding: base64"],
            [*lines, "Content-Length: 3"],
            [*lines, "X-A: b", "X-A: c"],
            [*lines, lines[0]],
            [*lines, "nonsense"],
            [f"{lines[0]}; filename*=utf-8''%e2%82%ac.txt", *lines[1:]],
            [f"{lines[0]}; filename*=utf-8''%ff", *lines[1:]],
            [f"Content-Disposition: form-data; name={name}", *lines[1:]],
            [f"Content-Disposition: form-data; name*=utf-8''{name}", *lines[1:]],
            [f'Content-Disposition: attachment; name="{name}"', *lines[1:]],
            [f'Content-Disposition:form-data;name="{name}"', *lines[1:]],
            [f'Content-Disposition : form-data; name="{name}"', *lines[1:]],
            [f'Content-Disposition: form-data;\r\n name="{name}"', *lines[1:]],
            ["Content-Disposition: form-data", *lines[1:]],
            lines[1:],
            [*lines, "X-Long: " + "x" * 5000],
        )
    )


def _joined(
    parts: Sequence[bytes], boundary: bytes, end: bytes, random: Random, hostile: float
) -> bytes:
    mark = b"--" + boundary
    body = b"".join(mark + end + part + end for part in parts) + mark + b"--" + end
    if random.random() > hostile * 0.6:
        return body
    cut = random.randint(0, len(body))
    return random.choice(
        (
            b"preamble\r\n" + body,
            b"\r\n" + body,
            body + b"epilogue",
            body.removesuffix(end),
            body.removesuffix(b"--" + end),
            body.removesuffix(mark + b"--" + end),
            body[:cut],
            body[cut:],
            body.replace(mark + end, mark + b" \t" + end),
            body.replace(mark, b"--" + boundary.swapcase()),
            body + body,
            b"",
        )
    )


def flipped(body: bytes, random: Random) -> bytes:
    """The body with one byte changed, gone, or put in."""
    at = random.randint(0, len(body))
    other = bytes([random.choice((0, 10, 13, 34, 38, 45, 61, 92, 123, 128, 195, 255))])
    return random.choice(
        (body[:at] + other + body[at:], body[:at] + other + body[at + 1 :], body[:at])
    )
