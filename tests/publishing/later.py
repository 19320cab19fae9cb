"""A made shop some days after its prices came: the snapshot of today, with sales as a test says."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import CELLS


def later(snapshot: Snapshot, prices: pl.Series, rate: Floats, days: int = 28, *, available: float = 1.0, promo: int = 0) -> Snapshot:
    """The shop `days` days after the day of the snapshot.

    prices     (n,) charged since, minor units;  rate (n,) units sold a day
    available  share of each day on which everything could be bought;  promo 1 where all days are promotions
    """
    scale = 10.0 ** exponent(snapshot.currency)
    items = snapshot.items
    last = snapshot.cells.sort("date").group_by("item", maintain_order=True).last().sort("item")
    fresh = [
        last.with_columns(
            date=pl.lit(snapshot.as_of + dt.timedelta(days=day)),
            price=prices / scale,
            list_price=prices / scale,
            units=pl.Series(np.asarray(rate, dtype=np.float64)),
            days=pl.lit(1.0),
            available=pl.lit(available),
            promo=pl.lit(promo),
        )
        for day in range(days)
    ]
    cells = pl.concat([snapshot.cells, *(part.select(CELLS.schema.names()).cast(CELLS.schema) for part in fresh)]).sort(CELLS.key)
    now = items.with_columns(current_price=prices)
    return dataclasses.replace(snapshot, as_of=snapshot.as_of + dt.timedelta(days=days), cells=cells, items=now)
