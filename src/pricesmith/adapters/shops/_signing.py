"""Signatures of the Chinese open platforms: sorted names and values, wrapped in or keyed by the secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def joined(params: Mapping[str, str]) -> str:
    """Names and values in ASCII order, without separators; empty values and the signature itself left out."""
    return "".join(f"{name}{params[name]}" for name in sorted(params) if params[name] != "" and name != "sign")


def md5_signature(params: Mapping[str, str], secret: str) -> str:
    """HEX(MD5(secret + joined + secret)), upper case: TOP's `md5` and JD's only one."""
    return hashlib.md5(f"{secret}{joined(params)}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def hmac_signature(params: Mapping[str, str], secret: str, digest: str) -> str:
    """HEX(HMAC(secret, joined)), upper case: TOP's `hmac` (digest md5) and `hmac-sha256` (digest sha256)."""
    return hmac.new(secret.encode(), joined(params).encode(), digest).hexdigest().upper()
