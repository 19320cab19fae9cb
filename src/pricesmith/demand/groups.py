"""Groups by which products are pooled: family, category, and the family inside which prices act on one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Ints

FOUND_FAMILY_LIMIT = 12
"""A leaf category of at most so many products stands in for a family where none is given."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Group numbers of each of n items.

    product   same sku over channels and regions
    family    family (its own product where it has none), inside its category
    category  full category path
    rivals    products that act on one another: same family, channel and region; -1 where alone
    names     category paths by number
    found     True where the shop names no families and small leaf categories stand in for them
    """

    product: Ints
    family: Ints
    category: Ints
    rivals: Ints
    names: tuple[str, ...]
    found: bool = False


def group(items: pl.DataFrame) -> Groups:
    """Groups of the items; a family that is not given is taken from the leaf category where that is small."""
    leaf_size = pl.col("sku").n_unique().over("category")
    found = pl.when((pl.col("category") != "") & leaf_size.is_between(2, FOUND_FAMILY_LIMIT)).then("leaf:" + pl.col("category"))
    given = pl.col("family").is_not_null() & (pl.col("family") != "")
    no_families = not items.select(given.any()).item()
    family = pl.when(given).then("family:" + pl.col("family"))
    rivals = (found if no_families else family).alias("_rivals")
    frame = items.select("sku", "channel", "region", "category", rivals, own=pl.coalesce(family, "sku:" + pl.col("sku")))
    names = frame["category"].unique().sort()
    frame = frame.with_columns(
        product=pl.col("sku").rank("dense") - 1,
        _category=pl.col("category").rank("dense") - 1,
        _family=pl.struct("category", "own").rank("dense") - 1,
        together=pl.struct("_rivals", "channel", "region").rank("dense") - 1,
        members=pl.len().over("_rivals", "channel", "region"),
    )
    alone = frame["_rivals"].is_null().to_numpy() | (frame["members"].to_numpy() < 2)
    number = [frame[column].to_numpy().astype(np.int64) for column in ("product", "_family", "_category", "together")]
    return Groups(number[0], number[1], number[2], np.where(alone, -1, number[3]), tuple(names.to_list()), bool(no_families))
