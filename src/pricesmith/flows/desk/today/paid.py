"""What was sold lately in money: at what was paid for it, and at today's prices. Both lead from the till to what is expected."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.economics import shares, unit_profit
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.bridge import Bridge
from pricesmith.flows.desk.reading.ledger import Reading

from .outlook import bridge_kept, priced

MUCH_LESS = 0.8
"""Share of the expected profit, below which that of what was sold lately is much less."""


class Paid(msgspec.Struct, frozen=True):
    """Profit a day of what was sold from `since` on, with today's costs and fees, major units.

    paid   at what was paid for it: promotions, discounts of order lines and earlier prices as they were
    full   at today's prices, the units as they were
    expected  at today's prices over the days ahead;  less: `paid` is less than MUCH_LESS of it
    """

    since: dt.date
    paid: float
    full: float
    expected: float
    less: bool


def paid(reading: Reading, run: str) -> Paid | None:
    """Of the products that a run prices and whose cost is known. None where the model cannot tell what was sold."""
    bridge = bridge_kept(reading, run)
    if bridge is None:
        return None
    found: Paid = reading.shelf("paid").get(run, lambda one: _of(reading, one, bridge))
    return found


def _of(reading: Reading, run: str, found: Bridge) -> Paid:
    again = reading.replayed(run)
    return summed(again.snapshot, found, priced(again.decided), reading.sums(run)[0].today)


def summed(snapshot: Snapshot, found: Bridge, rows: Ints, expected: float) -> Paid:
    """Of some items, by number. Where nothing says what was paid for one, it counts at today's price. expected: see `Paid`"""
    items = snapshot.items[rows]
    share, asked = shares(items), items["current_price"].cast(pl.Float64).to_numpy()
    got = prices_paid(snapshot, found.since)[rows]
    units, major = found.sold[rows], 10.0 ** exponent(snapshot.currency)
    both = (
        units * unit_profit(price, share["kept"], share["landed"], share["returned"])
        for price in (np.where(np.isnan(got), asked, got), asked)
    )
    paid, full = (float(np.nansum(one)) / major for one in both)
    return Paid(found.since, paid, full, expected, paid < MUCH_LESS * expected)


def prices_paid(snapshot: Snapshot, since: dt.date) -> Floats:
    """(n,) mean price of the units sold from `since` on, minor units; NaN where none were.

    A cell made from order lines has the list price of its day: what they were paid is `paid_share` of the current price.
    """
    sums = snapshot.cells.filter((pl.col("date") >= since) & (pl.col("units") > 0)).group_by("item")
    means = sums.agg(charged=(pl.col("price") * pl.col("units")).sum() / pl.col("units").sum())
    scale, items = 10.0 ** exponent(snapshot.currency), snapshot.items
    lines = pl.col("paid_share") * pl.col("current_price") if "paid_share" in items.columns else pl.lit(None, pl.Float64)
    told = items.select("item", lines=lines).join(means, on="item", how="left", maintain_order="left")
    return told.select(pl.coalesce("lines", pl.col("charged") * scale)).to_series().cast(pl.Float64).fill_null(np.nan).to_numpy()
