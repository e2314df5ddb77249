"""Session cookies as this contract has them, made without the library that the servers use.

    payload "." time "." signature

The payload is JSON, or "." and JSON that zlib has compressed; the time is a big-endian number of
seconds; the signature is an HMAC of all that stands before its dot. Each is base64 for URLs,
without padding. What JSON lacks is an object with one key: {" t": [...]} is a tuple.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from contract_tests.targets import SECRET_KEY

SALT = b"cookie-session"


def sign(
    session: Any,
    *,
    secret_key: str = SECRET_KEY,
    age: float = 0,
    salt: bytes = SALT,
    compressed: bool = False,
) -> str:
    """A cookie with this session, bytes as they are, written `age` seconds ago."""
    dumped = session if isinstance(session, bytes) else json.dumps(session, separators=(",", ":"))
    text = dumped if isinstance(dumped, bytes) else dumped.encode()
    payload = b"." + encode(zlib.compress(text)) if compressed else encode(text)
    moment = int(time.time() - age)
    value = payload + b"." + encode(moment.to_bytes((moment.bit_length() + 7) // 8, "big"))
    key = hmac.digest(secret_key.encode(), salt, hashlib.sha1)
    return (value + b"." + encode(hmac.digest(key, value, hashlib.sha1))).decode()


def read(cookie: str) -> Any:
    """The session in a cookie, whoever signed it."""
    payload = cookie.rpartition(".")[0].rpartition(".")[0]
    if payload.startswith("."):
        return json.loads(zlib.decompress(decode(payload[1:])))
    return json.loads(decode(payload))


def encode(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
