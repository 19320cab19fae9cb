"""Tells others what stands in the audit: every act after the last that was told, in order, each at least once.

How far each webhook was told stands in the ledger's database, so that a restart neither forgets nor repeats the past; a new one begins with
what comes after it was made. Messages are signed as Standard Webhooks (standardwebhooks.com) lays down:

    webhook-id         act-17-<start of the chain digest>: the same whenever it is told again; test-<its time> of a test
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
from pricesmith.contracts.webhooks import Sender
from pricesmith.flows.desk.reading.ledger import Reading

from .deliveries import KIND, OWNER, TEST, Delivery, Told, after, after_test, forget, standing, texts
from .endpoints import WANTED, Endpoint, endpoints

AT_ONCE = 100
"""Messages of one webhook that one round sends."""
SHORTEST = 16
"""Bytes of a signing secret."""
Message = tuple[str, bytes]
"""Its webhook-id, and its body."""


@dataclass(slots=True)
class Telling:
    """The webhooks of one desk.

    secret_of  webhook -> its signing secret; raises PricesmithError
    """

    reading: Reading
    kept: Kept
    send: Sender
    secret_of: Callable[[Endpoint], str]
    _told: dict[str, Told] = field(default_factory=dict)

    def round(self, at: dt.datetime) -> int:
        """Tell what is due, and send the tests that somebody asked for; returns how many acts were taken."""
        acts = self.reading.rows("audit")
        head = 0 if acts.is_empty() else int(acts["seq"][-1])
        wanted = texts(self.kept, WANTED)
        there = endpoints(self.reading.policy, self.kept)
        for one in there:
            if one.mark in wanted:
                self._test(one, wanted[one.mark], head, at)
        return sum(self._tell(one, acts, head, at) for one in there)

    def told(self, mark: str) -> Told | None:
        """How far a webhook was told; None where it is new."""
        if mark not in self._told:
            found = standing(self.kept).get(mark)
            if found is None:
                return None
            self._told[mark] = found
        return self._told[mark]

    def _tell(self, one: Endpoint, acts: pl.DataFrame, head: int, at: dt.datetime) -> int:
        told, taken = self.told(one.mark), 0
        if told is None:
            self._keep(one, Told(head), at)
            return 0
        if told.again is not None and told.again > at:
            return 0
        due = acts.filter(pl.col("seq") > told.seq)
        wanted = due.filter(pl.col("act").is_in(one.settings.acts)) if one.settings.acts else due
        for row in wanted.head(AT_ONCE).iter_rows(named=True):
            sent = self._sent(one, (row["act"], row["subject"]), unsigned(row), at)
            told = after(told, int(row["seq"]), sent)
            self._keep(one, told, at)
            if sent.error:
                return taken
            taken += 1
        if wanted.height <= AT_ONCE and told.seq < head:
            self._keep(one, msgspec.structs.replace(told, seq=head), at)
        return taken

    def _test(self, one: Endpoint, by: str, head: int, at: dt.datetime) -> None:
        """Once, whatever waits."""
        sent = self._sent(one, (TEST, ""), trial_message(by, at), at)
        self._keep(one, after_test(self.told(one.mark) or Told(head), sent), at)
        forget(self.kept, WANTED, one.mark)

    def _sent(self, one: Endpoint, about: tuple[str, str], what: Message, at: dt.datetime) -> Delivery:
        """What became of a message about an act and its subject."""
        name, body = what
        try:
            status = self.send(one.settings.url, headers(name, body, self.secret_of(one), at), body)
        except PricesmithError as error:
            return Delivery(name, *about, at, 1, None, error.what)
        return Delivery(name, *about, at, 1, status, "" if 200 <= status < 300 else f"it answered {status}")

    def _keep(self, one: Endpoint, told: Told, at: dt.datetime) -> None:
        self.kept.put(KIND, OWNER, one.mark, msgspec.json.encode(told).decode(), at)
        self._told[one.mark] = told


def message(row: Mapping[str, Any], secret: str, at: dt.datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body of the message about one row of table AUDIT."""
    name, body = unsigned(row)
    return headers(name, body, secret, at), body


def unsigned(row: Mapping[str, Any]) -> Message:
    """The message about one row of table AUDIT."""
    data = {name: row[name] for name in ("seq", "at", "by", "act", "subject")}
    body = msgspec.json.encode({"type": f"act.{row['act']}", "timestamp": row["at"], "data": data})
    return f"act-{row['seq']}-{row['chain'][:16]}", body


def trial_message(by: str, at: dt.datetime) -> Message:
    """The message that somebody asked for to see whether it arrives."""
    return f"test-{at:%Y%m%dT%H%M%S%f}", msgspec.json.encode({"type": TEST, "timestamp": at, "data": {"by": by}})


def headers(name: str, body: bytes, secret: str, at: dt.datetime) -> dict[str, str]:
    """What a message is sent with. Raises UsageError for a secret that could be guessed."""
    seconds = str(int(at.timestamp()))
    return {"webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": signature(secret, name, seconds, body)}


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
