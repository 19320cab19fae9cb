"""Plain methods beside which a pricing method must stand: two regressions, and the true own elasticities without cross effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

from .score import Answer
from .truth import Truth

Tables = Mapping[str, pl.DataFrame]
FLAT = 1e-9
"""Variation of log price below which a price counts as never moved."""


def per_product(truth: Truth, tables: Tables) -> Answer:
    """Log-log least squares of daily sales, log(units + 1) on log price, each product by itself; 0 where its price never moved."""
    moments = _moments(tables).group_by("sku").agg(pl.col("xx").sum(), pl.col("xy").sum())
    return _answer(truth, _by_sku(truth, moments.filter(pl.col("xx") > FLAT).with_columns(slope=pl.col("xy") / pl.col("xx")), "slope"))


def per_category(truth: Truth, tables: Tables) -> Answer:
    """The same with one slope a category and a level for each product."""
    moments = _moments(tables).join(tables["products"].select("sku", "category"), on="sku")
    moments = moments.with_columns(slope=pl.col("xy").sum().over("category") / pl.col("xx").sum().over("category"))
    return _answer(truth, _by_sku(truth, moments, "slope"))


def true_own(truth: Truth, _: Tables) -> Answer:
    """True own elasticities at the current prices, every product as if it stood alone."""
    return _answer(truth, truth.elasticity(truth.current))


BASELINES: dict[str, Callable[[Truth, Tables], Answer]] = {"per_product": per_product, "per_category": per_category, "true_own": true_own}
"""Baseline name -> method."""


def alone(truth: Truth, elasticity: Floats) -> Ints:
    """(n,) allowed price, minor units, with the highest profit of each product at a constant own elasticity."""
    ladder = truth.candidates()
    margin = ladder / truth.unit * truth.kept_rate[:, None] - truth.landed[:, None]
    profit = margin * (ladder / truth.current[:, None]) ** np.clip(elasticity, -50.0, 50.0)[:, None]
    return np.take_along_axis(ladder, profit.argmax(1)[:, None], 1)[:, 0]


def _answer(truth: Truth, elasticity: Floats) -> Answer:
    return Answer.of(alone(truth, elasticity), elasticity)


def _moments(tables: Tables) -> pl.DataFrame:
    """Per product the sums of squares and products of demeaned log price (xx) and with log(units + 1) (xy)."""
    x, y = pl.col("price").log(), (pl.col("units") + 1.0).log()
    return tables["sales"].group_by("sku").agg(xx=(x - x.mean()).pow(2).sum(), xy=((x - x.mean()) * y).sum()).sort("sku")


def _by_sku(truth: Truth, frame: pl.DataFrame, column: str) -> Floats:
    keys = pl.DataFrame({"sku": list(truth.sku)})
    found = keys.join(frame.select("sku", column), on="sku", how="left", maintain_order="left")[column]
    return found.fill_nan(None).fill_null(0.0).to_numpy().astype(np.float64)
