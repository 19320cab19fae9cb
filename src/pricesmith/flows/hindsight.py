"""What a model expected of the time after it was learned, at the prices and promotions that came, against what was sold, item by item."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot, last_of
from pricesmith.contracts.tables import DECISIONS
from pricesmith.demand.bridge import latest
from pricesmith.demand.hindsight import Hindsight
from pricesmith.monitoring.outcome import interval

KEY = list(DECISIONS.key)


def compared(then: Snapshot, model: DemandModel, now: Snapshot, days: int) -> pl.DataFrame | None:
    """A row an item that was seen again within the days. then, model: what was known and learned;  now: a later snapshot

    KEY, name, worth (price, minor units), the fields of `demand.hindsight.Hindsight` but `days`; low, high: 90 % interval of what could be
    sold; before: units had it gone on as in the latest periods before; until: the last day that is told.
    None where the later snapshot tells of none of the days, or the model cannot tell.
    """
    cells, tell = since(then, now, days), getattr(model, "hindsight", None)
    if tell is None or then.period != now.period or cells.is_empty():
        return None
    told = tell(then, cells)
    low, high = range_of(told)
    name = pl.col("name") if "name" in then.items.columns else pl.lit(None, pl.String).alias("name")
    rows = then.items.select(*KEY, name, worth=pl.col("current_price").cast(pl.Float64).fill_null(0.0))
    figures = {each: getattr(told, each) for each in ("sold", "expected", "alone", "price", "together")}
    until = cells.select(last_of(pl.col("date").max(), now.period)).item()
    rows = rows.with_columns(**figures, low=low, high=high, before=_as_before(then, told.days), until=pl.lit(until))
    return rows.filter(pl.Series(told.days > 0))


def range_of(told: Hindsight) -> tuple[Floats, Floats]:
    """(n,) 90 % interval of the units of each item that could be sold, as its model sees them."""
    spread = (told.alone - told.expected + told.price**2) / np.where(told.expected > 0, told.expected, 1.0) ** 2 + told.together
    return interval(told.expected, np.maximum(spread, 0.0))


def since(then: Snapshot, now: Snapshot, days: int) -> pl.DataFrame:
    """Cells of the `days` after the earlier snapshot, with its numbers of the items: of items that it knows and that had a price."""
    until = then.as_of + dt.timedelta(days=days)
    cells = now.cells.filter((pl.col("date") >= then.as_of) & (pl.col("date") < until) & (pl.col("price") > 0))
    keys, known = now.items.select("item", *KEY), then.items.select(*KEY, number=pl.col("item"))
    numbers = keys.join(known, on=KEY).select("item", "number")
    return cells.join(numbers, on="item", maintain_order="left").drop("item").rename({"number": "item"})


def _as_before(then: Snapshot, days: Floats) -> Floats:
    """(n,) units of each item, had it gone on as in the latest periods before."""
    cells = latest(then)
    item, time, units = (cells[name].to_numpy() for name in ("item", "days", "units"))
    there, sold = (np.bincount(item, values, days.size) for values in (time * cells["available"].to_numpy(), units))
    return np.where(there > 0, sold / np.where(there > 0, there, 1.0), 0.0) * days
