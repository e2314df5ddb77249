"""Passwords: hashed with Argon2id, a few at a time."""

from concurrent.futures import ThreadPoolExecutor
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
LONGEST = 128
# KiB: the least that OWASP's Password Storage Cheat Sheet asks for with two passes and one thread.
LEAST_MEMORY = 19 * 1024
_hasher = PasswordHasher(time_cost=2, memory_cost=LEAST_MEMORY, parallelism=1)
# 256 logins at once would take 5 GiB, so most of them wait for a moment. Threads of its own: each
# thread that hashes keeps the memory for the next time.
_THREADS = ThreadPoolExecutor(4, "passwords")


def set_memory(memory: int) -> None:
    """From now on a new hash of this process takes `memory` KiB, at least 8; older ones stay valid.

    Source: RFC 9106, 3.1.
    """
    global _hasher
    _hasher = PasswordHasher(time_cost=2, memory_cost=memory, parallelism=1)


def hash_password(password: str) -> str:
    """The hash with its salt and parameters, in the PHC string format."""
    return _THREADS.submit(_hasher.hash, _bytes(password)).result()


def matches(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one of `password_hash`.

    None, for an account that does not exist, takes as long: the time must not tell which do.
    """
    if password_hash is None:
        hash_password(password)
        return False
    try:
        return _THREADS.submit(_hasher.verify, password_hash, _bytes(password)).result()
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than are asked for now."""
    return _hasher.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """One spelling of what looks the same: keyboards differ in how they compose an é."""
    return normalize("NFKC", password).encode()
