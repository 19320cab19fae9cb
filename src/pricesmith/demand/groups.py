"""Groups by which products are pooled: family, category, and the family inside which prices act on one another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

FOUND_FAMILY_LIMIT = 12
"""A leaf category of at most so many products stands in for a family where none is given."""

_GIVEN = pl.col("family").is_not_null() & (pl.col("family") != "")
_FAMILY = pl.when(_GIVEN).then("family:" + pl.col("family"))


@dataclass(frozen=True, slots=True)
class Groups:
    """Group numbers of each of n items.

    product   same sku over channels and regions
    family    family (its own product where it has none), inside its category
    category  full category path
    rivals    products that act on one another: same family, channel and region; -1 where alone
    names     category paths by number
    found     True where the shop names no families and small leaf categories stand in for them
    margin    (n,) see `margins.margins`; empty where it is left out
    """

    product: Ints
    family: Ints
    category: Ints
    rivals: Ints
    names: tuple[str, ...]
    found: bool = False
    margin: Floats = field(default_factory=lambda: np.zeros(0))


def group(items: pl.DataFrame) -> Groups:
    """Groups of the items; a family that is not given is taken from the leaf category where that is small."""
    frame = items.select("sku", "category", own=pl.coalesce(_FAMILY, "sku:" + pl.col("sku")))
    names = frame["category"].unique().sort()
    frame = frame.with_columns(
        product=pl.col("sku").rank("dense") - 1,
        _category=pl.col("category").rank("dense") - 1,
        _family=pl.struct("category", "own").rank("dense") - 1,
    )
    product, family, category = (frame[column].to_numpy().astype(np.int64) for column in ("product", "_family", "_category"))
    return Groups(product, family, category, rivals(items), tuple(names.to_list()), not names_families(items))


def rivals(items: pl.DataFrame) -> Ints:
    """(n,) `Groups.rivals` of the items."""
    leaf_size = pl.col("sku").n_unique().over("category")
    found = pl.when((pl.col("category") != "") & leaf_size.is_between(2, FOUND_FAMILY_LIMIT)).then("leaf:" + pl.col("category"))
    frame = items.select("channel", "region", among=_FAMILY if names_families(items) else found)
    frame = frame.select(
        together=pl.struct("among", "channel", "region").rank("dense").cast(pl.Int64) - 1,
        alone=pl.col("among").is_null() | (pl.len().over("among", "channel", "region") < 2),
    )
    return np.where(frame["alone"].to_numpy(), -1, frame["together"].to_numpy())


def names_families(items: pl.DataFrame) -> bool:
    """True where the shop names families."""
    return bool(items.select(_GIVEN.any()).item())
