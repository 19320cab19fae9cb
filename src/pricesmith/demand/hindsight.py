"""What a model expected of later periods, against what was sold in them, item by item; and how far the two may lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

from .state import Known, State

LASTING = 0.3
"""Share of what a week or month of one item differs by itself that stays, beside the shocks that the model knows to last. With it, and what
all products have in common, 90 % intervals of four weeks held .92 of the real products (docs/decisions/hindsight.md)."""
WEEK = {"day": 7.0, "week": 1.0, "month": 1.0}
"""Periods over which single days are averaged before that share is taken."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Variances of log units around what is expected, counting aside.

    lasting  (n,) of an item by itself, through all periods;  passing: (n,) of an item by itself in one period, or the mean of some
    together of all items at once
    """

    lasting: Floats
    passing: Floats
    together: float

    def over(self, periods: float) -> Noise:
        """The same of the mean of so many periods."""
        return Noise(self.lasting, self.passing / max(periods, 1.0), self.together)


def noise_of(noise: Floats, row: float, shocks: float, together: float, period: str) -> Noise:
    """noise: (n,) of a period of each item;  row, shocks: the shop's, of a period by itself and of what lasts;  together: of all items."""
    share, slow = row / max(row + shocks, 1e-12), LASTING / WEEK[period]
    return Noise(noise * (1.0 - share + slow * share), noise * share * (1.0 - slow), together)


def noise_in(state: State, known: Known, period: str) -> Noise:
    """Of some items in one period, as a model learned it."""
    shocks = state.facts.get("shock_variances")
    lasting = sum(map(float, shocks.values())) if isinstance(shocks, dict) else 0.0
    return noise_of(known["dispersion"], state.number("row_dispersion"), lasting, state.number("common_variance"), period)


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Units of n items in all of their periods together, and the time in them that they could be bought.

    days       (n,) periods, of which those without stock are left out; 0: not seen
    sold, expected   (n,) at the prices and promotions that were
    alone      (n,) variance of what is sold around the expectation that is the item's own: counting, noise, level
    price      (n,) standard deviation of the expectation for what is not known of the elasticity
    together   variance of log units of all items at once
    """

    days: Floats
    sold: Floats
    expected: Floats
    alone: Floats
    price: Floats
    together: float


@dataclass(frozen=True, slots=True)
class Unsure:
    """What the model does not know.

    noise  of the items;  swell: (N,) factor on its variances in a row: promotions are noisier
    level, price  (n,) variances of the log level, and of the elasticity;  slope: (N,) change of log units by one more of that
    """

    noise: Noise
    swell: Floats
    level: Floats
    price: Floats
    slope: Floats


def hindsight(cells: pl.DataFrame, item: Ints, mean: Floats, unsure: Unsure) -> Hindsight:
    """Sum the rows of each item.

    cells  N rows with `units`, `days`, `available`;  item: (N,) whose they are;  mean: (N,) expected units of a whole period
    """
    count, noise = unsure.level.size, unsure.noise
    time = (cells["days"] * cells["available"]).to_numpy()

    def total(values: Floats) -> Floats:
        return np.bincount(item, values, count).astype(np.float64)

    rows = mean * time
    expected, swollen = total(rows), np.sqrt(unsure.swell) * rows
    alone = expected + noise.passing * total(swollen**2) + noise.lasting * total(swollen) ** 2 + unsure.level * expected**2
    price = np.sqrt(unsure.price) * np.abs(total(rows * unsure.slope))
    sold = total(cells["units"].cast(pl.Float64).to_numpy())
    return Hindsight(total(time), sold, expected, alone, price, noise.together)
