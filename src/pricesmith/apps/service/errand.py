"""What a browser keeps while its person is at a provider: sealed with a key of this process, and worth nothing after ten minutes."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from pricesmith.contracts.signing_in import Errand

ERRAND = "ps_errand"
LONGEST = 600
"""Seconds."""


def sealed(secret: bytes, errand: Errand, at: dt.datetime) -> str:
    return _box(secret).encrypt_at_time(msgspec.json.encode(errand), int(at.timestamp())).decode()


def opened(secret: bytes, kept: str, at: dt.datetime) -> Errand | None:
    """None where there is none, or it is too old or not ours."""
    try:
        return msgspec.json.decode(_box(secret).decrypt_at_time(kept.encode(), LONGEST, int(at.timestamp())), type=Errand)
    except (InvalidToken, msgspec.MsgspecError, UnicodeError):
        return None


def _box(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.new(secret, b"errand\0", hashlib.sha256).digest()))
