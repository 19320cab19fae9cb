"""How far this machine's clock is off from a shop's, by the Date of its last answer."""

from __future__ import annotations

from ._caller import Caller


class Clocked:
    """A shop that is called over HTTP."""

    caller: Caller

    @property
    def skew(self) -> float | None:
        """Seconds, give or take one; None before the first answer, or where the shop names no time."""
        return self.caller.skew
