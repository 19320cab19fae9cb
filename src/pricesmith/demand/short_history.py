"""A history of about a year or less: it tells the price from the season, but not what the season will do next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricesmith.contracts.curves import Floats

from .design import YEAR, Shared, shared_columns, waves
from .training import Trained

SEASON_DAYS = 380
"""Length of the history, in days, from which the season is foretold. In less, a wave, a trend and the level lean on one another: together
they fit the past, and beyond its end the wave runs away."""
PRIOR_UNITS = 2.0
"""Expected units, adjusted for noise, that its category's level is worth where the level of an item is taken anew."""


def is_short(trained: Trained) -> bool:
    """Whether season and trend are in the fit, but too little is known of them for a forecast."""
    day, drifts = trained.panel.day, {"season", "trend"} & set(trained.names)
    return bool(day.size and drifts) and int(np.ptp(day)) + 1 < SEASON_DAYS


def foretold(trained: Trained) -> Shared:
    """The shared columns of forecasts: those of the fit, without the yearly waves where the history is short."""
    return replace(trained.shared, harmonics=0) if is_short(trained) else trained.shared


def at_new_levels(trained: Trained, count: int) -> tuple[Floats, Floats]:
    """(N,) fitted mean of the rows without season and trend, each item at the level that suits all its rows then, and (n,) its log factor.

    An item with few rows follows its category.
    """
    item, category = trained.panel.item, trained.groups.category
    mean = _steady_mean(trained)
    trust = 1.0 / (1.0 + trained.effects.overdispersion * mean)
    sold, expected = (np.bincount(item, values * trust, count) for values in (trained.panel.units, mean))
    of_all = np.bincount(category, sold) / np.maximum(np.bincount(category, expected), 1e-9)
    around = np.where(of_all > 0, of_all, 1.0)[category]
    factor = (PRIOR_UNITS * around + sold) / (PRIOR_UNITS + expected)
    return mean * factor[item], np.log(factor)


def _steady_mean(trained: Trained) -> Floats:
    """(N,) what moves with prices, promotions, events and weekdays alone."""
    panel, effects, names = trained.panel, trained.effects, trained.names
    drift = np.zeros(panel.item.size)
    if "season" in names:
        places = waves(trained.shared.names)
        own = effects.shared[trained.groups.category[panel.item], places]
        swing = 1.0 + effects.item[panel.item, names.index("season")]
        drift += swing * np.einsum("ij,ij->i", shared_columns(trained.shared, panel.day)[:, places], own)
    if "trend" in names:
        drift += effects.item[panel.item, names.index("trend")] * (panel.day - panel.day.max()) / YEAR
    return np.asarray(effects.mean * np.exp(-np.clip(drift, -8.0, 8.0)))
