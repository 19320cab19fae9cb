"""Who may ask: keys as the accounts know them, remembered for seconds, so that a request asks no database and a revoked key soon ends."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from dataclasses import dataclass, field

from pricesmith.contracts.accounts import Who

from .records import Refused

RENEW, VALID, GRACE = 3.0, 8.0, 900.0
"""Seconds after which a key is asked about again while its last answer still counts, after which it no longer counts, and for which it
counts all the same where the accounts cannot be read: then nothing can be revoked either, and prices must go on."""
MOST_KEYS, MOST_ASKED, MOST_STRANGERS = 10_000, 64, 16
"""Keys remembered, asked about at once, and among those unknown ones."""
_KEY = re.compile(rb"bearer +(ps_[A-Za-z0-9_-]{1,190})", re.IGNORECASE)
_SIGN = b"WWW-Authenticate: Bearer\r\n"


@dataclass(slots=True)
class Bucket:
    """Requests that may be made at once, refilled steadily; it holds those of one second."""

    per_second: float
    level: float
    seen: float

    def take(self, cost: float, now: float) -> None:
        """Raises Refused (429) with the seconds to wait. What costs more than the whole bucket needs a full one."""
        self.level = min(self.per_second, self.level + (now - self.seen) * self.per_second)
        self.seen = now
        wanted = min(cost, self.per_second)
        if self.level < wanted:
            wait = math.ceil((wanted - self.level) / self.per_second)
            retry = b"Retry-After: %d\r\n" % wait
            raise Refused(429, "too_many_requests", "too many requests with this key", f"try again in {wait} s", headers=retry)
        self.level -= cost


@dataclass(frozen=True, slots=True)
class Known:
    """What the accounts said of a key. Times are seconds of a steady clock.

    at      when they said it
    tried   when they were last asked, with or without an answer
    """

    who: Who | None
    at: float
    tried: float
    bucket: Bucket

    @property
    def failed(self) -> bool:
        return self.tried > self.at

    def counts(self, now: float) -> bool:
        return now - self.at <= VALID or (self.failed and now - self.tried <= VALID and now - self.at <= GRACE)


@dataclass(slots=True)
class Keys:
    """Keys that were asked about lately, by the header that they came in.

    per_second  requests that one key may make
    """

    per_second: float
    _known: OrderedDict[bytes, Known] = field(default_factory=OrderedDict)
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def bucket(self, authorization: bytes, now: float) -> Bucket | None:
        """Of the key that a request came with; None where the accounts must be asked first. Raises Refused where it may not ask."""
        found = self._known.get(authorization)
        if found is None:
            if _KEY.fullmatch(authorization) is None:
                raise Refused(401, "no_key", "a key is needed", "send Authorization: Bearer ps_...", headers=_SIGN)
            return None
        if not found.counts(now):
            return None
        if found.who is None:
            _refuse(found)
        elif not found.who.may("quote"):
            raise Refused(403, "not_allowed", "this key may not ask for quotes", "make one with the scope `quote`")
        return found.bucket

    def knows(self, authorization: bytes) -> bool:
        return authorization in self._known

    def due(self, authorization: bytes, now: float, under_way: int) -> bool:
        """Whether the accounts should be asked now, while so many other questions are under way."""
        found = self._known.get(authorization)
        if found is None:
            return under_way < MOST_STRANGERS
        return now - found.tried > RENEW and under_way < MOST_ASKED

    def heard(self, authorization: bytes, who: Who | None, now: float) -> None:
        """Keep what the accounts said."""
        bucket = self._bucket(who.handle if who else "", now)
        self._keep(authorization, Known(who, now, now, bucket))

    def unheard(self, authorization: bytes, now: float) -> None:
        """The accounts could not be read: what they last said counts on for a while."""
        before = self._known.get(authorization)
        at, who = (before.at, before.who) if before else (now - 2 * VALID, None)
        bucket = before.bucket if before else self._bucket("", now)
        if who is None or now - at > GRACE:
            who, at = None, now - 2 * VALID
        self._keep(authorization, Known(who, at, now, bucket))

    def _keep(self, authorization: bytes, known: Known) -> None:
        self._known.pop(authorization, None)
        self._known[authorization] = known
        if len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)

    def _bucket(self, handle: str, now: float) -> Bucket:
        bucket = self._buckets.pop(handle, None) or Bucket(self.per_second, self.per_second, now)
        self._buckets[handle] = bucket
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return bucket


def _refuse(found: Known) -> None:
    if found.failed:
        raise Refused(503, "accounts", "keys cannot be checked now", "try again in a moment", headers=b"Retry-After: 2\r\n")
    hint = "make another one, or ask an admin"
    raise Refused(401, "wrong_key", "this key is wrong, expired or revoked", hint, headers=_SIGN)


def secret(authorization: bytes) -> str:
    """The key that stands in an Authorization header."""
    found = _KEY.fullmatch(authorization)
    return found[1].decode() if found else ""
