"""Promotions: the row's own, those planned for its day, and how often the item was promoted before."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

from .history import keys
from .known import Family, Known


def promo(known: Known) -> Floats:
    """1 where the row's price is a promotion."""
    return known.promo


def promo_depth(known: Known) -> Floats:
    """Share by which a promotion price lies below the last list price before; 0 without promotion."""
    cut = 1.0 - known.price / known.last("list_price")
    return np.where(known.promo == 0, 0.0, np.maximum(cut, 0.0))


def promo_planned(known: Known) -> Floats:
    """1 where the promotion plan covers a day of the row's period."""
    return (_running_plans(known) > 0).astype(np.float64)


def promo_share_91(known: Known) -> Floats:
    """Share of the 91 days before that were in promotion."""
    return known.rate("promo_days", 91, per="days")


def days_since_promo(known: Known) -> Floats:
    """Days since the last promotion day before."""
    return known.day - known.last("promo_on")


def _running_plans(known: Known) -> Ints:
    """(n,) number of plans of the item that began before the period's end and did not end before its start."""
    bound = known.items.select("item", "sku").join(known.promotions.select("sku", "start", "end"), on="sku")
    dated = bound.select(pl.col("item").cast(pl.Int64), *(pl.col(name).cast(pl.Int32).cast(pl.Int64) for name in ("start", "end")))
    item = dated["item"].to_numpy()
    begun, over = np.sort(keys(item, dated["start"].to_numpy())), np.sort(keys(item, dated["end"].to_numpy()))
    # plans of the items before this one cancel: each has begun and is over
    running: Ints = np.searchsorted(begun, keys(known.item, known.day + known.length)) - np.searchsorted(over, keys(known.item, known.day))
    return running


FAMILY = Family("promotion", (promo, promo_depth, promo_planned, promo_share_91, days_since_promo))
