"""Who was right? Each proposal that was accepted, rejected or overridden, valued later by what demand turned out to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import gammaincinv

from pricesmith.contracts.curves import Floats, Ints, response

LOW, HIGH = 0.05, 0.95
POINTS = 15
BLOCK = 2048
"""Products whose pairs are held at once."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned since of n products.

    current  (n,) price at which the elasticities hold;  draws (n, D) posterior of the elasticity there
    form, saturation  (n,) form of the curve; see contracts/curves.py
    """

    current: Floats
    draws: Floats
    form: Ints
    saturation: Floats

    def log_units(self, price: Floats) -> Floats:
        """(n, D) log of units at a price (n,) over those at the current one."""
        ratio = np.log(price / self.current)[:, None]
        return response(ratio, self.draws, self.form[:, None], self.saturation[:, None])


@dataclass(frozen=True, slots=True)
class Counted:
    """Units (n,) sold in so many days (n,); noise: variance of a day's count = mean + noise * mean**2."""

    units: Floats
    days: Floats
    noise: float

    def rates(self) -> Floats:
        """(n, POINTS) units a day that customers may have wanted, in equally likely steps.

        A gamma with the variance of the count; half a unit is added, Jeffreys' prior of a Poisson mean: none sold is not none wanted.
        """
        units = self.units + 0.5
        shape = 1.0 / (1.0 / units + self.noise / self.days)
        steps = (np.arange(POINTS) + 0.5) / POINTS
        return np.asarray((units / self.days / shape)[:, None] * gammaincinv(shape[:, None], steps))


def value(
    seen: Counted, charged: Floats, proposed: tuple[Floats, Floats], other: tuple[Floats, Floats], learned: Learned
) -> tuple[Floats, Floats, Floats]:
    """Profit a day at the proposed price less that at the other one: mean and 90 % bounds (n,), by what was learned since.

    seen             what was sold at the price charged, whichever of the two it was
    proposed, other  (n,) prices, and (n,) profit of one unit at them, minor units

    Units at a price are those sold, times the curve between it and the price charged. The bounds also hold that a count is luck.
    """
    at_charged = learned.log_units(charged)
    gains = [margin[:, None] * np.exp(learned.log_units(price) - at_charged) for price, margin in (proposed, other)]
    gain, rates = gains[0] - gains[1], seen.rates()
    bounds = [_bounds(gain[part], rates[part]) for part in _parts(len(gain))]
    low, high = np.concatenate([np.zeros((2, 0)), *bounds], axis=1)
    return np.asarray(gain.mean(axis=1) * seen.units / seen.days), low, high


def _parts(count: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, count, BLOCK)]


def _bounds(gain: Floats, rates: Floats) -> Floats:
    """(2, m) bounds of gain a unit (m, D) times units a day (m, POINTS), all pairs of them."""
    pairs = (gain[:, :, None] * rates[:, None, :]).reshape(len(gain), -1)
    return np.asarray(np.quantile(pairs, (LOW, HIGH), axis=1))


def better(low: Floats, high: Floats) -> pl.Series:
    """(n,) `proposed` or `other`: the price that brings more with 95 % certainty; `open` where neither does."""
    return pl.Series(np.where(low > 0, "proposed", np.where(high < 0, "other", "open")).astype(str), dtype=pl.String)


def summary(ledger: pl.DataFrame) -> pl.DataFrame:
    """By `answer`: `proposals`, `value` (sum a day: what the proposals would bring more, or brought), and how often which was `better`."""
    counts = {f"better_{name}": (pl.col("better") == name).sum().cast(pl.Int64) for name in ("proposed", "other", "open")}
    return ledger.group_by("answer").agg(proposals=pl.len().cast(pl.Int64), value=pl.col("value").sum(), **counts).sort("answer")
