"""How well the list price behind order lines is found, and what is learned from it, in shops whose truth is known.

Beside it the same of the plainest way: the median of what a day's small lines paid. Run: python -m examples.order_lines [shops of a kind]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl

from pricesmith.flows import batch
from pricesmith.preparation import orders
from pricesmith.testing.order_lines import ELASTICITY, KINDS, START, made_lines

PRODUCTS, DAYS = 60, 540
NEAR = 0.005


def of_small_lines(sold: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`_quote` by item and date: the median price of lines of at most the lower quartile of units, of the last day that has one."""
    sized = sold.join(items.select("item", "sku", "channel"), on="item")
    small = sized.filter(pl.col("units") <= pl.col("units").quantile(0.25, "lower").over("sku", "channel"))
    return small.group_by("item", "date").agg(pl.col("price").quantile(0.5, "higher").alias("_quote"))


def measured(lines: pl.DataFrame, truth: np.ndarray) -> tuple[float, float]:
    """Share of the days whose list price is right, and the median elasticity that is learned."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "data").mkdir()
        (folder / "shop.toml").write_text('currency = "EUR"\ntax = "net"\n', encoding="utf-8")
        lines.select("sku").unique(maintain_order=True).with_columns(unit_cost=1.0).write_csv(folder / "data" / "products.csv")
        at = pl.format("{}T10:00:00Z", pl.col("date")).alias("at")
        lines.select("order_id", at, "sku", "units", "price").write_csv(folder / "data" / "orders.csv")
        loaded = batch.load(folder)
        rows = loaded.prepared.tables["sales"].select("sku", (pl.col("date") - START).dt.total_days().alias("day"), "price")
        true = truth[rows["sku"].str.slice(1).cast(pl.Int64).to_numpy(), rows["day"].to_numpy()]
        learned = batch.price(loaded).decided.decisions["elasticity"].median()
    return float(np.mean(np.abs(rows["price"].to_numpy() / true - 1.0) < NEAR)), float(learned)  # type: ignore[arg-type]


def main(shops: int = 2) -> None:
    print(f"{PRODUCTS} products, {DAYS} days, mean of {shops} shops of a kind; true elasticity {ELASTICITY}")
    print(f"{'lines':12} {'small lines: right':>20} {'elasticity':>11} {'now: right':>11} {'elasticity':>11}")
    for kind in KINDS:
        made = [made_lines(kind, PRODUCTS, DAYS, np.random.default_rng(seed)) for seed in range(shops)]
        with patch.object(orders, "list_prices", of_small_lines):
            plain = np.mean([measured(*one) for one in made], axis=0)
        now = np.mean([measured(*one) for one in made], axis=0)
        print(f"{kind:12} {plain[0]:20.3f} {plain[1]:11.2f} {now[0]:11.3f} {now[1]:11.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
