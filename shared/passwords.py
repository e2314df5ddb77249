"""Passwords: hashed with Argon2id, a few at a time."""

from concurrent.futures import ThreadPoolExecutor
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
LONGEST = 128
# The least that OWASP's Password Storage Cheat Sheet asks for: 19 MiB, two passes, one thread.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# 256 logins at once would take 5 GiB, so most of them wait for a moment. Threads of its own: each
# thread that hashes keeps the memory for the next time.
_THREADS = ThreadPoolExecutor(4, "passwords")


def hash_password(password: str) -> str:
    """The hash with its salt and parameters, in the PHC string format."""
    return _THREADS.submit(_HASHER.hash, _bytes(password)).result()


def matches(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one of `password_hash`.

    None, for an account that does not exist, takes as long: the time must not tell which do.
    """
    if password_hash is None:
        hash_password(password)
        return False
    try:
        return _THREADS.submit(_HASHER.verify, password_hash, _bytes(password)).result()
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than are asked for now."""
    return _HASHER.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """One spelling of what looks the same: keyboards differ in how they compose an é."""
    return normalize("NFKC", password).encode()
