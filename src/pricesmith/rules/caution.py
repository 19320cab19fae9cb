"""How far a price may move whose elasticity rests on weak evidence: the setting `[model] max_move`, which acts beside the rules."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.tables import EVIDENCE

from .apply import Allowed, Bounds, within

WEAK_EVIDENCE = "weak_evidence"
"""What a price list calls it among the rules that stopped a better price."""


@dataclass(frozen=True, slots=True)
class Caution:
    """low, high  (n,) whole minor amounts, both sides of today's price; -inf and +inf where the evidence limits nothing."""

    low: Floats
    high: Floats

    def lets(self, prices: Ints) -> Flags:
        """(n, K) of such prices."""
        return within(prices, self.low, self.high)


def caution(ladder: Ladder, evidence: Ints, model: ModelPolicy) -> Caution:
    """What the settings say of some items. evidence: (n,) index into EVIDENCE"""
    move = np.array([model.max_move.get(grade, np.inf) for grade in EVIDENCE])[evidence]  # type: ignore[call-overload]
    now = ladder.prices[np.arange(ladder.current.size), np.maximum(ladder.current, 0)]
    known = (ladder.current >= 0) & np.isfinite(move)
    step = np.where(known, move, 0.0)
    low, high = ceil_minor(now * (1.0 - step)), floor_minor(now * (1.0 + step))
    return Caution(np.where(known, low, -np.inf), np.where(known, high, np.inf))


def heeded(allowed: Allowed, ladder: Ladder, bounds: Bounds, limits: Caution) -> Allowed:
    """What caution leaves of what the rules allow. Where that is nothing, it clashes with the rules that forbid today's price."""
    if not np.isfinite(limits.low).any():
        return allowed
    valid = allowed.valid & limits.lets(ladder.prices)
    clash = list(allowed.clash)
    for row in np.flatnonzero(allowed.valid.any(axis=1) & ~valid.any(axis=1)):
        now = ladder.prices[row, ladder.current[row]]
        broken = ((now < bounds.low[:, row]) | (now > bounds.high[:, row])) & ~allowed.dropped[:, row]
        clash[row] = (WEAK_EVIDENCE, *(name for name, on in zip(bounds.names, broken, strict=True) if on))
    return dataclasses.replace(allowed, valid=valid, clash=clash)
