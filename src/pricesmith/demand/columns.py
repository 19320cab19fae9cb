"""Columns that follow the present estimates, and the mean that they give."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .curve import own_curve
from .design import waves
from .fit_data import Data
from .parts import Part


def bend_price(data: Data, price: Floats, item: Floats, saturation: float) -> Floats:
    """Write into the price column what the curve's form has at the present elasticities; returns what the column leaves out (N,).

    price  (N,) log price over the reference
    """
    k = data.effects.index("price")
    present = item[data.item, k]
    value, slope = own_curve(price, present, saturation)
    data.columns[:, k] = slope
    return np.asarray(value - slope * present)


def fill_season(data: Data, parts: list[Part], shared: Floats, common: Floats) -> None:
    """Write the category's season into each item's own season column: some products swing more with it than others."""
    if "season" not in data.effects:
        return
    places = waves(data.shared_names)
    k = data.effects.index("season")
    for part in parts:
        rows = part.rows
        data.columns[rows, k] = data.shared[rows][:, places] @ shared[part.category][places] + common[rows]


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
