"""Random secrets, and what is kept of them: SHA-256. 256 random bits cannot be guessed, so that no slower digest is needed."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_KEY = re.compile(r"ps_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_HANDLE = re.compile(r"[0-9a-f]{16}")
_NO_HANDLE = "-"


def new_handle() -> str:
    """A public id."""
    return secrets.token_hex(8)


def new_token() -> str:
    """256 random bits in 43 characters."""
    return secrets.token_urlsafe(32)


def new_key(handle: str) -> str:
    return f"ps_{handle}_{new_token()}"


def known_form(handle: str) -> str:
    """The handle; one that nothing has where it has not the form of one."""
    return handle if _HANDLE.fullmatch(handle) else _NO_HANDLE


def handle_of(key: str) -> str:
    """The public part of a key; a handle that no key has where it is none."""
    found = _KEY.fullmatch(key)
    return found[1] if found else _NO_HANDLE


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(first: str, second: str) -> bool:
    """Compare in a time that says nothing about where they differ."""
    return hmac.compare_digest(first.encode(), second.encode())
