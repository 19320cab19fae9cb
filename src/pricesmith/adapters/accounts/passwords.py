"""Passwords as Argon2id (RFC 9106), with 19 MiB, two passes and one lane: the OWASP Password Storage Cheat Sheet's first choice."""

from __future__ import annotations

import threading

from pricesmith.contracts.errors import UsageError

from .checks import typed

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
AT_ONCE = 4
"""So many digests are computed at the same time; more wait, so that many who sign in at once do not take the memory."""


class Argon2id:
    """What is kept of a password, and whether one fits. Raises UsageError where argon2-cffi is not installed."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES, lanes: int = LANES) -> None:
        try:
            import argon2
        except ImportError:
            raise UsageError("accounts need argon2-cffi", hint="pip install '.[web]' in the clone") from None
        self._wrong = (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError)
        self._hasher = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = self.digest("")

    def digest(self, password: str) -> str:
        with self._room:
            return self._hasher.hash(typed(password))

    def fits(self, digest: str | None, password: str) -> bool:
        """False too where there is no digest, in the same time."""
        with self._room:
            try:
                return self._hasher.verify(self._nobody if digest is None else digest, typed(password)) and digest is not None
            except self._wrong:
                return False
