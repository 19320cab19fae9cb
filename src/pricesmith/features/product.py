"""What the product is: fixed properties and its age."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats

from .known import Family, Known


def category(known: Known) -> pl.Series:
    """Widest category."""
    return known.of_item("category").str.split("/").list.first()


def brand(known: Known) -> pl.Series:
    """Brand."""
    return known.of_item("brand")


def role(known: Known) -> pl.Series:
    """Role in the assortment."""
    return known.of_item("role")


def log_pack_size(known: Known) -> Floats:
    """Log of the units of content in a pack."""
    size = known.of_item("pack_size").cast(pl.Float64).to_numpy()
    return np.log(np.where(size > 0, size, np.nan))


def days_on_sale(known: Known) -> Floats:
    """Days since the launch."""
    launched = known.of_item("launched").cast(pl.Int32).cast(pl.Float64).to_numpy()
    return np.where(known.day >= launched, known.day - launched, np.nan)


FAMILY = Family("product", (category, brand, role, log_pack_size, days_on_sale))
