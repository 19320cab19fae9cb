"""Made-up weekly panels with known own-price elasticities, prices that follow what moves demand, and a cost that does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CATEGORIES = 20
LINES = 200


@dataclass(frozen=True, slots=True)
class Panel:
    """S products over W weeks.

    outcome, price, cost        (S, W) log units, log price, log cost shift (moves the price, not the demand)
    promo, rival, traffic       (S, W) promotion flag, log competitor price, log visitors
    season                      (W, 2) sine and cosine of the year
    category, elasticity        (S,)
    """

    outcome: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    promo: np.ndarray
    rival: np.ndarray
    traffic: np.ndarray
    season: np.ndarray
    category: np.ndarray
    elasticity: np.ndarray

    @property
    def regressors(self) -> np.ndarray:
        """(S, W, 7): log price last, after a constant and the five controls."""
        products, weeks = self.price.shape
        season = np.broadcast_to(self.season, (products, weeks, 2))
        columns = [np.ones((products, weeks)), self.promo, self.rival, self.traffic, season[..., 0], season[..., 1], self.price]
        return np.stack(columns, axis=2)


def weekly_panel(
    products: int, weeks: int = 104, *, seed: int = 7, hidden: float = 0.2, bent: bool = False, one_season: bool = False
) -> Panel:
    """Draw a panel.

    hidden      standard deviation of demand shocks that the price setter sees and the data does not
    one_season  True: every category has the same season, so that common controls can hold it
    bent        True: demand and prices share a curved effect of traffic, competitor gap and season by category; False: all is linear
    """
    draw = np.random.default_rng(seed)
    line = np.sort(draw.integers(0, LINES, products))
    category = line // (LINES // CATEGORIES)
    middle = draw.normal(-2.0, 0.4, CATEGORIES)
    own = middle[category] + draw.normal(0.0, 0.2, LINES)[line] + draw.normal(0.0, 0.3, products)
    elasticity = np.minimum(own, -0.3)
    shape = (products, weeks)
    usual, level = draw.normal(2.5, 0.6, (products, 1)), draw.normal(3.0, 1.0, (products, 1))
    phase, swing = draw.uniform(0.0, 2 * np.pi, CATEGORIES), draw.uniform(0.05, 0.5, CATEGORIES)
    if one_season:
        phase, swing = phase[:1].repeat(CATEGORIES), swing[:1].repeat(CATEGORIES)
    angle = 2 * np.pi * np.arange(weeks) / 52
    season = swing[category, None] * np.sin(angle - phase[category, None])
    traffic, shock = draw.normal(0.0, 0.3, shape), hidden * draw.standard_normal(shape)
    promo = (draw.random(shape) < 0.12).astype(np.float64)
    cost = np.cumsum(draw.normal(0.0, 0.03, shape), axis=1) + draw.normal(0.0, 0.08, shape)
    gap = draw.normal(0.0, 0.10, shape) + 0.5 * (cost - cost.mean(axis=1, keepdims=True))
    curve = _curve(traffic, gap, angle, phase[category, None]) if bent else np.zeros(shape)
    move = 0.5 * cost - 0.2 * promo + 0.12 * traffic + 0.15 * shock + 0.10 * season + 0.15 * curve + draw.normal(0.0, 0.06, shape)
    outcome = level + season + elasticity[:, None] * move + 0.4 * gap + 0.35 * promo + 0.8 * traffic + curve + shock
    outcome += draw.normal(0.0, 0.3, shape)
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return Panel(outcome, usual + move, cost, promo, usual + gap, traffic, waves, category, elasticity)


def _curve(traffic: np.ndarray, gap: np.ndarray, angle: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """A confounder that no line follows: a kink, a saturation, a product, a sharp season of each category."""
    peak = np.exp(3.0 * (np.cos(angle - phase) - 1.0))
    return np.abs(traffic) * 1.5 + 0.5 * np.tanh(8.0 * gap) + 4.0 * traffic * gap + 0.8 * peak


def root_mean_square(estimate: np.ndarray, truth: np.ndarray) -> float:
    """Root mean squared error."""
    return float(np.sqrt(np.nanmean((estimate - truth) ** 2)))
