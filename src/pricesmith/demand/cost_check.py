"""What cost changes alone say of the shop's mean elasticity: an interval that stays valid however little costs move prices.

Residuals of the finished model are set against the cost at the time each price was set. A slope b is refused when the scores
s_i(b) = sum of weight * cost * (residual - (b - b0) * price) of the products do not add up to about zero (Anderson and Rubin 1949,
clustered by product). With weak costs the set is wide, outside an interval, or everything: that is the honest answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats

from .identification import Markup
from .panel import Panel

CHI2_90 = 2.705543454095404
"""90 % point of chi-squared with one degree of freedom."""


@dataclass(frozen=True, slots=True)
class CostCheck:
    """Mean elasticity by costs alone: the estimate, and the Anderson-Rubin set that is not refused at 90 %.

    shape  "interval" (low to high), "outside" (below low or above high), or "everything"
    """

    elasticity: float
    shape: str
    low: float
    high: float

    def document(self) -> dict[str, object]:
        """As JSON; an end that is infinite is None."""
        ends = [float(end) if np.isfinite(end) else None for end in (self.low, self.high)]
        return {"elasticity": self.elasticity, "shape": self.shape, "low": ends[0], "high": ends[1]}


def check_costs(panel: Panel, markup: Markup, mean: Floats, dispersion: float, elasticity: Floats) -> CostCheck | None:
    """Compare the model with its costs; None where costs never move.

    mean        (N,) fitted mean of each row;  dispersion  variance of a row beyond Poisson as a share of its squared mean
    elasticity  (n,) learned elasticities, whose mean is b0
    """
    weight = mean / (1.0 + dispersion * mean) * (markup.cost != 0)
    count = elasticity.size
    residual = (panel.units - mean) / np.maximum(mean, 1e-9)
    outcome = np.bincount(panel.item, weight * markup.cost * residual, count).astype(np.float64)
    price = np.bincount(panel.item, weight * markup.cost * panel.regular, count).astype(np.float64)
    if not np.any(price) or abs(price.sum()) < 1e-12:
        return None
    moved = np.bincount(panel.item, weight * markup.cost**2, count)
    centre = float(np.average(elasticity, weights=np.maximum(moved, 1e-12)))
    shape, low, high = anderson_rubin_set(outcome, price)
    return CostCheck(centre + float(outcome.sum() / price.sum()), shape, centre + low, centre + high)


def anderson_rubin_set(outcome: Floats, price: Floats) -> tuple[str, float, float]:
    """Slopes d with  (sum_i o_i - d p_i)^2 <= CHI2_90 * sum_i (o_i - d p_i)^2, a quadratic inequality; o, p by product."""
    square = float(price.sum() ** 2 - CHI2_90 * np.sum(price**2))
    cross = float(outcome.sum() * price.sum() - CHI2_90 * np.sum(outcome * price))
    constant = float(outcome.sum() ** 2 - CHI2_90 * np.sum(outcome**2))
    inner = cross**2 - square * constant
    if square > 0.0:
        root = np.sqrt(max(inner, 0.0))
        return "interval", (cross - root) / square, (cross + root) / square
    if square < 0.0 < inner:
        root = np.sqrt(inner)
        ends = sorted(((cross - root) / square, (cross + root) / square))
        return "outside", ends[0], ends[1]
    return "everything", -np.inf, np.inf
