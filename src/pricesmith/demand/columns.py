"""Columns that follow the present estimates, and the mean that they give."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .curve import own_curve
from .design import waves
from .fit_data import Data
from .parts import Part, by_category


def bend_price(data: Data, price: Floats, item: Floats, saturation: float) -> Floats:
    """Write into the price column what the curve's form has at the present elasticities; returns what the column leaves out (N,).

    price  (N,) log price over the reference
    """
    k = data.effects.index("price")
    present = item[data.item, k]
    value, slope = own_curve(price, present, saturation)
    data.columns[:, k] = slope
    return np.asarray(value - slope * present)


def swing(data: Data, item: Floats) -> Floats:
    """(N,) how far each row moves with the season and the weeks of its category: 1 + its item's season effect (n, q)."""
    if "season" not in data.effects:
        return np.ones(data.item.size)
    return np.asarray(1.0 + item[data.item, data.effects.index("season")])


def fill_season(raw: Data, work: Data, parts: list[Part], item: Floats, shared: Floats, common: Floats) -> Floats:
    """Write the season of its category into each item's column, and its swing into its waves; returns what the columns leave out (N,).

    An item's season is its swing times the season of its category, a product of two unknowns. Both are moved in one step, so each column is
    the derivative by its own unknown; with waves that did not swing, the turns of a fit never settled.

    raw, work  rows as given, and those of the fit, whose columns follow the present estimates
    """
    places = waves(raw.shared_names)
    k = raw.effects.index("season")
    factor = swing(raw, item)
    rest = np.zeros(raw.item.size)
    for part in parts:
        rows = part.rows
        season = raw.shared[rows, places] @ shared[part.category, places]
        work.columns[rows, k] = season + common[rows]
        work.shared[rows, places] = raw.shared[rows, places] * factor[rows, None]
        rest[rows] = -season * (factor[rows] - 1.0)
    return rest


def season_sizes(data: Data, parts: list[Part], item: Floats, information: Floats) -> Floats:
    """(categories,) mean swing of each category's items, weighted by what is known of them; 1 where nothing is.

    information  (n,) of the items' season effects
    """
    k = data.effects.index("season")
    sizes = np.ones(max((part.category for part in parts), default=-1) + 1)
    for category, members in by_category(parts).items():
        owners = np.concatenate([part.owners for part in members])
        if information[owners].sum() > 0.0:
            sizes[category] += float(np.clip(np.average(item[owners, k], weights=information[owners]), -0.5, 1.0))
    return sizes


def mean_of_rows(data: Data, parts: list[Part], item: Floats, shared: Floats, common: Floats, out: Floats) -> None:
    """Write the fitted mean of every row into `out` (N,); `common` (N,) is a log offset."""
    for part in parts:
        rows = part.rows
        effects = item[data.item[rows]]
        linear = np.einsum("ij,ij->i", data.columns[rows], effects) + data.shared[rows] @ shared[part.category]
        out[rows] = data.exposure[rows] * np.exp(np.clip(linear + common[rows], -18.0, 16.0))


def log_score(units: Floats, mean: Floats, dispersion: float) -> Floats:
    """(N,) negative binomial log likelihood up to terms without the mean; comparable at equal dispersion only."""
    size = 1.0 / max(dispersion, 1e-8)
    safe = np.maximum(mean, 1e-12)
    score: Floats = units * np.log(safe) - (units + size) * np.log(size + safe)
    return score
