"""How units answer prices, exactly: own curves and what the prices of a family do to one another.

Products are laid out by family, F families of at most M members; a product alone is a family of one.
With x = log(price / reference price), the log of units relative to the reference is own(x_i) + cross(x of the others).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

CONSTANT, SEMILOG, LOGIT, SEGMENTS = range(4)
SCALED, CROSS, SHARES = range(3)


@dataclass(frozen=True, slots=True)
class Response:
    """Price response of all products of a shop.

    slot       (F, M) product number, -1 where the family has fewer members
    slope      (F, M) derivative of the own curve at the reference price, the family's shares not yet moved
    form       (F, M) CONSTANT, SEMILOG, LOGIT or SEGMENTS
    shape      (F, M) logit: share of buyers at the reference price; segments: half the distance of the two slopes, relative
    kind       (F,) SCALED, CROSS or SHARES
    strength   (F, M) SCALED: k in e_i (x_i - k mean of others); CROSS: cross elasticity; SHARES: elasticity of the family volume
               in its attraction, 1 for independent products, 0 for a fixed volume
    weight     (F, M) SHARES: share of the family's units at the reference prices
    """

    slot: Ints
    slope: Floats
    form: Ints
    shape: Floats
    kind: Ints
    strength: Floats
    weight: Floats

    @property
    def member(self) -> Flags:
        return np.asarray(self.slot >= 0)

    def spread(self, values: Floats) -> Floats:
        """(..., n) by product -> (..., F, M) by family; empty slots get 0."""
        return np.where(self.member, values[..., np.maximum(self.slot, 0)], 0.0)

    def gather(self, laid: Floats) -> Floats:
        """(..., F, M) by family -> (..., n) by product."""
        out = np.empty((*laid.shape[:-2], int(self.member.sum())))
        out[..., self.slot[self.member]] = laid[..., self.member]
        return out

    def own(self, x: Floats) -> Floats:
        """(..., F, M) log ratio from the own price alone."""
        steep = self.slope / (1.0 - np.where(self.form == LOGIT, self.shape, 0.0))
        share = np.where(self.form == LOGIT, self.shape, 0.5)
        semilog = self.slope * np.expm1(x)
        logit = -np.log(share + (1.0 - share) * np.exp(-steep * np.expm1(x)))
        low, high = self._segments()
        segments = np.logaddexp(low * x, high * x) - np.log(2.0)
        return np.select([self.form == CONSTANT, self.form == SEMILOG, self.form == LOGIT], [self.slope * x, semilog, logit], segments)

    def _segments(self) -> tuple[Floats, Floats]:
        spread = np.where(self.form == SEGMENTS, self.shape, 0.0)
        return self.slope * (1.0 - spread), self.slope * (1.0 + spread)

    def own_slope(self, x: Floats) -> Floats:
        """(..., F, M) derivative of `own`."""
        share = np.where(self.form == LOGIT, self.shape, 0.5)
        steep = self.slope / (1.0 - np.where(self.form == LOGIT, self.shape, 0.0))
        bought = 1.0 / (1.0 + (1.0 - share) / share * np.exp(-steep * np.expm1(x)))
        low, high = self._segments()
        part = 1.0 / (1.0 + np.exp((high - low) * x))
        grown = np.exp(x)
        return np.select(
            [self.form == CONSTANT, self.form == SEMILOG, self.form == LOGIT],
            [self.slope + 0.0 * x, self.slope * grown, steep * grown * (1.0 - bought)],
            part * low + (1.0 - part) * high,
        )

    def log_ratio(self, x: Floats) -> Floats:
        """(..., F, M) log of units relative to those at the reference prices."""
        own = self.own(x)
        present = np.where(self.member, x, 0.0)
        others = (present.sum(-1, keepdims=True) - present) / np.maximum(self.member.sum(-1) - 1, 1)[:, None]
        strength = self.strength
        attraction = (self.weight * np.exp(own)).sum(-1, keepdims=True)
        shares = (strength - 1.0) * np.log(attraction)
        effect = np.select(
            [(self.kind == SCALED)[:, None], (self.kind == CROSS)[:, None]], [-self.slope * strength * others, strength * others], shares
        )
        return np.asarray(own + effect)

    def elasticity(self, x: Floats) -> Floats:
        """(..., F, M) own elasticity at the given prices, the prices of the others held."""
        slope = self.own_slope(x)
        pull = self.weight * np.exp(self.own(x))
        share = pull / pull.sum(-1, keepdims=True)
        return np.where((self.kind == SHARES)[:, None], slope * (1.0 + (self.strength - 1.0) * share), slope)

    def cross_elasticity(self, x: Floats, step: float = 1e-5) -> Floats:
        """(F, M) derivative of each member's log units in the mean log price of the others, all of them moving alike; 0 alone."""
        found = np.zeros(self.slot.shape)
        for place in range(self.slot.shape[1]):
            moved = np.where(self.member & (np.arange(self.slot.shape[1]) != place), step, 0.0)
            found[:, place] = (self.log_ratio(x + moved) - self.log_ratio(x - moved))[:, place] / (2.0 * step)
        return np.where(self.member, found, 0.0)
