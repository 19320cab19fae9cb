"""Columns that follow the present estimates, and the mean that they give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricesmith.contracts.curves import Floats

from .curve import CONSTANT, own_curve
from .design import waves
from .fit_data import Data
from .parts import Part


def shaped(data: Data, item: Floats) -> tuple[Data, Floats]:
    """The data with the price column that the curve's form has at the present elasticities, and what the column leaves out (N,)."""
    k = data.effects.index("price")
    present = item[data.item, k]
    value, slope = own_curve(data.columns[:, k], present, data.saturation)
    columns = data.columns.copy()
    columns[:, k] = slope
    return replace(data, columns=columns, saturation=CONSTANT), value - slope * present


def with_season(data: Data, parts: list[Part], shared: Floats, common: Floats) -> Data:
    """The data with the category's season as a column of each item: some products swing more with it than others."""
    if "season" not in data.effects:
        return data
    places = waves(data.shared_names)
    columns = data.columns.copy()
    k = data.effects.index("season")
    for part in parts:
        rows = part.rows
        columns[rows, k] = data.shared[rows][:, places] @ shared[part.category][places] + common[rows]
    return replace(data, columns=columns)


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
