"""How fast price effects move over the years: customers change, rivals enter, a currency loses worth.

A column of price times the years before the last row joins the shared effects of each category, so that an item's own price effect is
today's, not the mean of its history's. The prior holds it near zero where the history says little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Z90, Floats, Ints

from .design import YEAR
from .effects import Effects
from .panel import Panel

NAME = "price_drift"
LEAST_DAYS = 730
"""A shorter history cannot tell a drift from elasticities that follow the season."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The drift of C categories.

    by_year, deviation  (C,) change of an elasticity in a year, and its standard deviation
    years               mean age of the rows that tell the price effects, about half the history
    """

    by_year: Floats
    deviation: Floats
    years: float

    @property
    def variance(self) -> Floats:
        """(C,) what an elasticity of today owes to a drift that is only estimated."""
        return np.asarray((self.years * self.deviation) ** 2)

    def over(self, category: Ints) -> tuple[float, float, float]:
        """Mean change in a year over items of these categories (n,), with its 90 % interval."""
        share = np.bincount(category, minlength=self.by_year.size) / category.size
        mean, reach = float(share @ self.by_year), Z90 * float(np.sqrt(np.sum((share * self.deviation) ** 2)))
        return mean, mean - reach, mean + reach


def drift_column(panel: Panel) -> Floats | None:
    """(N,) log price times years, 0 at the last row; None where the history is too short or no price moved."""
    if not panel.day.size or np.ptp(panel.day) < LEAST_DAYS or not np.any(panel.price):
        return None
    return np.asarray(panel.price * (panel.day - panel.day.max()) / YEAR)


def learned_drift(effects: Effects, names: tuple[str, ...], panel: Panel) -> Drift | None:
    """What a fit says of the drift; None where its shared effects, by their names, are without it."""
    if NAME not in names:
        return None
    place = names.index(NAME)
    return Drift(effects.shared[:, place], effects.shared_deviation[:, place], 0.5 * float(np.ptp(panel.day)) / YEAR)
