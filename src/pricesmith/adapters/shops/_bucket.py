"""A token bucket: so many calls a second, so many at once."""

from __future__ import annotations

from pricesmith.contracts.shop import Surroundings


class Bucket:
    """Waits until a call may leave.

    per_second  rate at which tokens come back; None is no limit
    burst       tokens that it holds at most
    """

    def __init__(self, per_second: float | None, burst: int, around: Surroundings) -> None:
        self.per_second, self.burst, self.around = per_second, float(max(burst, 1)), around
        self._tokens, self._at = self.burst, around.clock()

    def take(self) -> None:
        """Take one token; where there is none, wait for it, and up to a tenth longer so that callers spread."""
        if self.per_second is None:
            return
        self._refill(self.per_second)
        if self._tokens < 1.0:
            need = (1.0 - self._tokens) / self.per_second
            self.around.sleep(need * (1.0 + 0.1 * float(self.around.rng.random())))
            self._refill(self.per_second)
        self._tokens -= 1.0

    def _refill(self, per_second: float) -> None:
        now = self.around.clock()
        elapsed = max((now - self._at).total_seconds(), 0.0)
        self._tokens, self._at = min(self.burst, self._tokens + elapsed * per_second), now
