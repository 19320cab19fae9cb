"""How often somebody may ask: a bucket of requests for each key, person or address, refilled steadily."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from .problem import Refused

PER_SECOND, AT_ONCE = 20.0, 100.0
SIGN_INS_PER_SECOND, SIGN_INS_AT_ONCE = 0.2, 10.0
KNOWN = 10_000
"""Buckets kept; the one unused for longest is given up first, and is full again when it is next asked for."""


@dataclass(slots=True)
class Limits:
    """Buckets by name. Times are seconds of a steady clock, given."""

    per_second: float = PER_SECOND
    at_once: float = AT_ONCE
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, name: str, now: float) -> None:
        """Raises Refused (429) with the seconds to wait where the bucket is empty."""
        with self._lock:
            level, seen = self._levels.pop(name, (self.at_once, now))
            level = min(self.at_once, level + (now - seen) * self.per_second)
            enough = level >= 1.0
            self._levels[name] = (level - 1.0 if enough else level, now)
            if len(self._levels) > KNOWN:
                self._levels.popitem(last=False)
        if not enough:
            wait = math.ceil((1.0 - level) / self.per_second)
            raise Refused(429, "too_many_requests", "too many requests", f"try again in {wait} s", {"Retry-After": str(wait)})
