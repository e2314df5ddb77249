"""JSON Web Tokens, taken apart and signed anew: what a service must refuse, somebody has to make.

The service is to sign with HS256 and the key `HMAC-SHA256(SECRET_KEY, "access token")`, refresh
tokens with that of "refresh token".
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from contract_tests.targets import SECRET_KEY

HEADER = {"alg": "HS256", "typ": "JWT"}


def key(kind: str = "access", secret: str = SECRET_KEY) -> bytes:
    """What tokens of this kind are signed with."""
    return hmac.digest(secret.encode(), f"{kind} token".encode(), "sha256")


def header(token: str) -> dict[str, Any]:
    return _parsed(token.split(".")[0])


def claims(token: str) -> dict[str, Any]:
    return _parsed(token.split(".")[1])


def sign(payload: object, key: bytes, header: object = HEADER, digest: str = "sha256") -> str:
    """A token with these parts; `digest` makes its signature, none if it is empty."""
    signed = f"{encode(header)}.{encode(payload)}"
    signature = hmac.digest(key, signed.encode(), digest) if digest else b""
    return f"{signed}.{_base64(signature)}"


def encode(part: object) -> str:
    """A part of a token: bytes as they are, anything else as JSON."""
    data = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
    return _base64(data)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _parsed(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
