"""What a model expected of periods that came after it was learned, against what was sold in them, item by item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

LASTING = 0.5
"""Share of a row's own noise that stays through all rows of its item: shocks last. With it the 90 % intervals of four weeks held .90 of the
real products, without it .84 (docs/decisions/hindsight.md)."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Units of n items in all of their periods together, and the time in them that they could be bought.

    days       (n,) periods, of which those without stock are left out; 0: not seen
    sold, expected   (n,) at the prices and promotions that were
    alone      (n,) variance of what is sold that is a period's own, counting included
    unsure     (n,) standard deviation of what stays through all periods: level, elasticity, lasting noise
    """

    days: Floats
    sold: Floats
    expected: Floats
    alone: Floats
    unsure: Floats


@dataclass(frozen=True, slots=True)
class Unsure:
    """What the model does not know, as variances of log units.

    noise         (N,) of a row by itself
    level, price  (n,) of the item's level, and of its elasticity;  slope: (N,) change of log units by one more of that
    """

    noise: Floats
    level: Floats
    price: Floats
    slope: Floats


def noise_of(noise: Floats, periods: float) -> tuple[Floats, Floats]:
    """Variance of log units in some periods together, counting aside: what lasts through them all, and what passes. noise: (n,) of one"""
    return LASTING * noise, (1.0 - LASTING) * noise / periods


def hindsight(cells: pl.DataFrame, item: Ints, mean: Floats, unsure: Unsure) -> Hindsight:
    """Sum the rows of each item.

    cells  N rows with `units`, `days`, `available`;  item: (N,) whose they are;  mean: (N,) expected units of a whole period
    """
    count = unsure.level.size
    time = (cells["days"] * cells["available"]).to_numpy()

    def total(values: Floats) -> Floats:
        return np.bincount(item, values, count).astype(np.float64)

    rows = mean * time
    expected, deviation = total(rows), np.sqrt(unsure.noise) * rows
    level, price = np.sqrt(unsure.level) * expected, np.sqrt(unsure.price) * total(rows * unsure.slope)
    stays = np.sqrt(level**2 + price**2 + LASTING * total(deviation) ** 2)
    sold = total(cells["units"].cast(pl.Float64).to_numpy())
    return Hindsight(total(time), sold, expected, expected + (1.0 - LASTING) * total(deviation**2), stays)
