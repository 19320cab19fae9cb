"""What a product sold when it was asked about the price that is proposed now: the plainest witness for or against an expectation."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot, days_of

NEAR = 0.03
"""How far a price may lie from the proposed one, a share of it, to tell of it."""
LEAST_DAYS, FAR = 7.0, 2.0
"""Days from which what was sold speaks against an expectation that lies so many times above or below it."""


class Charged(msgspec.Struct, frozen=True):
    """At regular prices within NEAR of one, in the whole history. units: a day that it could be bought; last: first day of the last period

    far  LEAST_DAYS and more of them, and the whole 90 % interval of what is expected is FAR times as much or more, or as little
    """

    units: float
    days: float
    last: dt.date
    far: bool


def charged(snapshot: Snapshot, cells: pl.DataFrame, price: int, interval: tuple[float, float] | None) -> Charged | None:
    """None where no such price was charged outside promotions.

    cells     rows of table CELLS of one item;  price: minor units
    interval  90 % interval of the units a day that are expected at it, None where that is not known
    """
    asked = price / 10.0 ** exponent(snapshot.currency)
    near = ((pl.col("price") / asked - 1.0).abs() <= NEAR) & (pl.col("promo").fill_null(0) == 0)
    rows = cells.filter(near & (pl.col("days") * pl.col("available") > 0))
    if rows.is_empty():
        return None
    days = float(rows.select((pl.col("days") * pl.col("available") * days_of(snapshot.period)).sum()).item())
    units, last = float(rows["units"].sum()) / days, rows["date"].max()
    far = interval is not None and days >= LEAST_DAYS and (interval[0] > FAR * units or interval[1] < units / FAR)
    return Charged(units, days, last, far)  # type: ignore[arg-type]
