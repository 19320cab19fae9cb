"""Answers that only who knows the idempotency key can read: an answer may hold a key that is shown once, and the database must not.

secret = SHA-256 of caller and idempotency key; what is kept is found, compared and sealed (AES-256-GCM) under HMACs of it
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pricesmith.contracts.errors import LedgerError

_NONCE = 12


class Seal:
    """What can be found and read with one caller's idempotency key."""

    def __init__(self, caller: str, key: str) -> None:
        parts = [part.encode("utf-8", "surrogatepass") for part in (caller, key)]
        self._secret = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()
        self.name = self._under(b"name").hex()

    def mark(self, fingerprint: str) -> str:
        """What is kept of a fingerprint: that of a body with a password could be guessed."""
        return self._under(b"mark" + fingerprint.encode("utf-8", "surrogatepass")).hex()

    def close(self, status: int, body: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, body, str(status).encode())

    def open(self, status: int, sealed: bytes) -> bytes:
        """Raises LedgerError where it was changed since."""
        try:
            return self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], str(status).encode())
        except InvalidTag:
            raise LedgerError("a kept answer is not as it was written", hint="somebody changed table replies; use a new key") from None

    def _cipher(self) -> AESGCM:
        return AESGCM(self._under(b"body"))

    def _under(self, text: bytes) -> bytes:
        return hmac.digest(self._secret, text, "sha256")
