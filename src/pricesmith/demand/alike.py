"""What the nearest others say of a price elasticity: that of their middle one, as if it stood in the place of the product itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats

OWN = 0.05
"""Weight of its own data from which on another store says something: below it, it has what it says from similar products too."""
FEWEST = 3
"""Other products of a category below which the whole shop is looked at."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Similar products, seen from one product.

    elasticity  at this product's current price, on its curve and averaged as its own is: only the middle of the others' effect is put in
    products    so many others that were sold;  places: the same, with each store (channel and region) told apart
    category    they are of its category; else of the whole shop, where it has too few
    """

    elasticity: float
    products: int
    category: bool
    places: int


@dataclass(frozen=True, slots=True)
class OtherPlaces:
    """The same product in other stores (channels and regions), seen from one of them.

    elasticity  as in `Alike`;  places  so many other stores whose own sales say something of it
    """

    elasticity: float
    places: int


def elsewhere(sku: pl.Series, share: Floats, item: int) -> np.ndarray:
    """(m,) the same product in other stores whose own sales say something of it. share: (n,) weight of each item's own data"""
    return np.flatnonzero((sku == sku[item]).to_numpy() & (share >= OWN) & (np.arange(share.size) != item))


def others(sku: pl.Series, category: pl.Series, sold: Floats, item: int) -> tuple[np.ndarray, bool]:
    """(m,) the other products that were sold, of its category (True), or of the whole shop where that has fewer than FEWEST.

    sku, category  (n,) key and path of each product;  sold  (n,) rows that it was learned from
    """
    apart = (sold > 0) & (sku != sku[item]).to_numpy()
    path = category[item]
    near = apart & (category.eq_missing(path).to_numpy() if path else np.zeros(sold.size, dtype=bool))
    return (np.flatnonzero(near), True) if near.sum() >= FEWEST else (np.flatnonzero(apart), False)
