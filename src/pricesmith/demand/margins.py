"""What the margin of a product tells of its elasticity: whoever set its price may have known how customers react.

A price is worth most where the margin is one over the size of the elasticity (Lerner 1934), so prices set with some sense leave higher
margins where customers react less. How far that is so in a shop is learned from it: a slope of the products' own estimates in their
margins, which is 0 where prices were set without it, where costs are assumed, and where all products of a category have one margin.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.economics import kept_share, margin_share

BELIEVED = 1.5
"""Standard deviation of the slope before any data: elasticity for a margin of 1, within a category."""


def margins(items: pl.DataFrame, category: Ints) -> Floats:
    """(n,) share of what is kept of the current price over the landed cost, 0 to 1, less the mean of the category; 0 where it is not known.

    items  current_price, landed_cost, tax_rate, fee_rate, payment_rate, cost_assumed: an assumed cost tells nothing
    """
    price, landed, tax, fee, payment = (
        items[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in ("current_price", "landed_cost", "tax_rate", "fee_rate", "payment_rate")
    )
    margin = margin_share(price * kept_share(tax, fee, payment), landed)
    known = np.isfinite(margin) & (items["cost_assumed"].fill_null(0).to_numpy() == 0)
    margin = np.clip(np.where(known, margin, 0.0), 0.0, 1.0)
    mean = np.bincount(category, margin * known) / np.maximum(np.bincount(category, known), 1)
    return np.asarray(np.where(known, margin - mean[category], 0.0))


def slope(estimate: Floats, information: Floats, variance: Floats, margin: Floats, category: Ints) -> float:
    """Elasticity for a margin of 1: weighted least squares within categories, drawn to 0 as far as BELIEVED says.

    estimate, information  (n,) what each product's data alone say, and its inverse variance;  variance: (n,) of the truth around its prior
    margin                 (n,) of `margins`
    """
    weight = np.where(information > 1e-9, 1.0 / (1.0 / np.maximum(information, 1e-9) + variance), 0.0)
    total = np.maximum(np.bincount(category, weight), 1e-300)
    x, y = (value - (np.bincount(category, weight * value) / total)[category] for value in (margin, estimate))
    return float(np.sum(weight * x * y) / (np.sum(weight * x * x) + 1.0 / BELIEVED**2))
