"""What a question can be about: the categories of a shop, the largest first, and its largest products."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.sums import base

from .scenario._product import BETWEEN, label_of

MOST_CATEGORIES, MOST_PRODUCTS = 200, 100
PATIENCE, IMPATIENCE = 5.0, 0.1
"""Seconds that a page waits for an answer about a run of at most LARGE products, and for what can be chosen of a larger one. For an answer
about that it does not wait: it says at once that it is being worked out."""
LARGE = 20_000


class Category(msgspec.Struct, frozen=True):
    """A category and all below it: products, and its share of the shop's expected revenue at today's prices. level: 1 at the top."""

    category: str
    level: int
    products: int
    share: float


class Suggested(msgspec.Struct, frozen=True):
    """A product that can be named: its key in words, its name (with its brand where others have the name too), and its current price
    in minor units."""

    product: str
    name: str | None
    current_price: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """Top categories, each followed by those one step below it; products; both the largest by expected revenue today first."""

    categories: list[Category]
    products: list[Suggested]


def patience(reading: Reading, run: str) -> float:
    """Seconds that a page waits for an answer about the run."""
    return 0.0 if reading.run(run).decided.height > LARGE else PATIENCE


def choices(reading: Reading, run: str) -> Choices:
    seconds = patience(reading, run) or IMPATIENCE
    found: Choices | None = reading.replies.ask(f"choices {run}", lambda: _choices(_revenue(reading, run)), seconds)
    return found or Choices([], [])


def _choices(table: pl.DataFrame) -> Choices:
    top = table.sort("revenue", "sku", descending=[True, False]).head(MOST_PRODUCTS)
    both = pl.col("name") + BETWEEN + pl.col("brand")
    top = top.with_columns(name=pl.when(pl.col("name").is_duplicated()).then(pl.coalesce(both, "name")).otherwise("name"))
    one_key = table.select(pl.struct("channel", "region").n_unique()).item() == 1
    products = [Suggested(row["sku"] if one_key else label_of(row), row["name"], row["current_price"]) for row in top.to_dicts()]
    return Choices(_categories(table), products)


def _categories(table: pl.DataFrame) -> list[Category]:
    whole = max(float(table["revenue"].sum()), 1e-300)
    parts = pl.col("category").str.split("/")
    levels = []
    for level in (1, 2):
        path = parts.list.head(level).list.join("/")
        known = table.filter((pl.col("category") != "") & (parts.list.len() >= level))
        levels.append(known.group_by(path.alias("category")).agg(pl.len(), pl.col("revenue").sum()).with_columns(level=pl.lit(level)))
    every = pl.concat(levels).with_columns(top=pl.col("category").str.split("/").list.first())
    size = levels[0].select(pl.col("category").alias("top"), pl.col("revenue").alias("size"))
    order = every.join(size, on="top").sort("size", "top", "level", "revenue", "category", descending=[True, False, False, True, False])
    rows = order.head(MOST_CATEGORIES).select("category", "level", "len", pl.col("revenue") / whole)
    return [Category(*row) for row in rows.iter_rows()]


def _revenue(reading: Reading, run: str) -> pl.DataFrame:
    """Keys, name, brand, category, current price and `revenue` a day (minor units, the tax included) of each product at today's prices."""
    again = reading.replayed(run).decided
    active = again.items.filter((pl.col("active") == 1).fill_null(True) & (pl.col("current_price") > 0))
    units = base(again, active["item"].to_numpy().astype(np.int64))
    price = pl.col("current_price").cast(pl.Float64)
    table = active.select("sku", "channel", "region", "name", "brand", pl.col("category").fill_null(""), "current_price")
    return table.with_columns(revenue=(price * pl.Series(units)).fill_nan(0.0).fill_null(0.0))
