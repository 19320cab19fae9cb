"""Tells others what stands in the audit: every act after the last that was told, in order, each at least once.

How far each webhook was told stands in the ledger's database, so that a restart neither forgets nor repeats the past; a new one begins with
what comes after it was written into shop.toml. Messages are signed as Standard Webhooks (standardwebhooks.com) lays down:

    webhook-id         act-17-<start of the chain digest>: the same whenever it is told again
    webhook-timestamp  seconds since 1970, UTC
    webhook-signature  v1,<base64 of HMAC-SHA256 of id.timestamp.body under the secret>
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from pricesmith.contracts.accounts import Kept
from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.webhooks import Sender, WebhookPolicy

from .reading import Reading

KIND, OWNER = "webhook", "pricesmith"
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0
"""Seconds until a message that was not taken is sent again, doubled each time."""
AT_ONCE = 100
"""Messages of one webhook that one round sends."""
SHORTEST = 16
"""Bytes of a signing secret."""


class Told(msgspec.Struct, frozen=True):
    """How far a webhook was told. seq: the last act; failures in a row since; again: when it is next tried; error: why it was not taken."""

    seq: int
    failures: int = 0
    again: dt.datetime | None = None
    error: str = ""


@dataclass(slots=True)
class Telling:
    """The webhooks of one desk.

    secret_of  name and settings of a webhook -> its signing secret; raises PricesmithError
    """

    reading: Reading
    kept: Kept
    send: Sender
    secret_of: Callable[[str, WebhookPolicy], str]
    _told: dict[str, Told] = field(default_factory=dict)

    def round(self, at: dt.datetime) -> int:
        """Tell what is due, and return how many messages were taken."""
        acts = self.reading.rows("audit")
        head = 0 if acts.is_empty() else int(acts["seq"][-1])
        return sum(self._tell(name, settings, acts, head, at) for name, settings in self.reading.policy.webhooks.items())

    def told(self, name: str) -> Told | None:
        """How far a webhook was told; None where it is new."""
        if name not in self._told:
            found = standing(self.kept).get(name)
            if found is None:
                return None
            self._told[name] = found
        return self._told[name]

    def _tell(self, name: str, settings: WebhookPolicy, acts: pl.DataFrame, head: int, at: dt.datetime) -> int:
        told, taken = self.told(name), 0
        if told is None:
            self._keep(name, Told(head), at)
            return 0
        if told.again is not None and told.again > at:
            return 0
        due = acts.filter(pl.col("seq") > told.seq)
        wanted = due.filter(pl.col("act").is_in(settings.acts)) if settings.acts else due
        for row in wanted.head(AT_ONCE).iter_rows(named=True):
            error = self._sent(name, settings, row, at)
            if error:
                self._keep(name, Told(told.seq, told.failures + 1, at + _pause(told.failures), error), at)
                return taken
            told, taken = Told(int(row["seq"])), taken + 1
            self._keep(name, told, at)
        if wanted.height <= AT_ONCE and told.seq < head:
            self._keep(name, Told(head), at)
        return taken

    def _sent(self, name: str, settings: WebhookPolicy, row: Mapping[str, Any], at: dt.datetime) -> str:
        """Why a message was not taken, "" where it was."""
        try:
            headers, body = message(row, self.secret_of(name, settings), at)
            status = self.send(settings.url, headers, body)
        except PricesmithError as error:
            return error.what
        return "" if 200 <= status < 300 else f"it answered {status}"

    def _keep(self, name: str, told: Told, at: dt.datetime) -> None:
        self.kept.put(KIND, OWNER, name, msgspec.json.encode(told).decode(), at)
        self._told[name] = told


def standing(kept: Kept) -> dict[str, Told]:
    """How far each webhook was told, by name; those that are no longer in shop.toml too."""
    rows = kept.all(KIND, OWNER).select("handle", "name").rows()
    texts = {name: kept.get(KIND, OWNER, handle) for handle, name in rows}
    return {name: msgspec.json.decode(text, type=Told) for name, text in texts.items() if text is not None}


def message(row: Mapping[str, Any], secret: str, at: dt.datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body of the message about one row of table AUDIT."""
    data = {name: row[name] for name in ("seq", "at", "by", "act", "subject")}
    body = msgspec.json.encode({"type": f"act.{row['act']}", "timestamp": row["at"], "data": data})
    name, seconds = f"act-{row['seq']}-{row['chain'][:16]}", str(int(at.timestamp()))
    return {"webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": signature(secret, name, seconds, body)}, body


def signature(secret: str, name: str, seconds: str, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC-SHA256 of id, time and body."""
    signed = f"{name}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_bytes(secret), signed, hashlib.sha256).digest()).decode()


def _bytes(secret: str) -> bytes:
    """`whsec_` and base64, or a text as it is. Raises UsageError for one that could be guessed."""
    try:
        found = base64.b64decode(secret.removeprefix("whsec_"), validate=True) if secret.startswith("whsec_") else secret.encode()
    except binascii.Error:
        found = b""
    if len(found) < SHORTEST:
        raise UsageError("the signing secret of the webhook is too short", hint=f"{SHORTEST} random bytes or more")
    return found


def _pause(failures: int) -> dt.timedelta:
    return dt.timedelta(seconds=min(FIRST_PAUSE * 2.0 ** min(failures, 20), LONGEST_PAUSE))
