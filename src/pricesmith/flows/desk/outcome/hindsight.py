"""What an earlier run foretold of the time since its data ended, at the prices that were, against what was sold."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.shop import Key
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.desk.runs.sellable import around_sum
from pricesmith.flows.desk.what_if.replay import model_of, snapshot_of
from pricesmith.flows.hindsight import compared

SHOWN = 3
"""Products that are named."""


class ProductHindsight(msgspec.Struct, frozen=True):
    """Units of one product from `since` to `until`: foretold by a run, with the 90 % interval of what could be sold, and sold."""

    run: str
    since: dt.date
    until: dt.date
    expected: float
    low: float
    high: float
    sold: float


class Miss(msgspec.Struct, frozen=True):
    """A product that sold more or less than the whole interval: units."""

    sku: str
    channel: str
    region: str
    name: str | None
    expected: float
    low: float
    high: float
    sold: float


class Hindsight(msgspec.Struct, frozen=True):
    """All products of a run that were seen again. Units in the whole time from `since` to `until`.

    before          units that all had sold, had each gone on as in the four weeks (or the month) before
    products        how many;  inside: share of them that sold within their 90 % intervals
    miss            sum of what lies between sold and expected, product by product, over what was sold;  as_before: the same, had each gone
                    on selling as in the four weeks (or the month) before. None where nothing was sold
    worse           that of the forecast is the larger one
    furthest        products outside their intervals, those whose difference is worth most at their prices first
    """

    run: str
    since: dt.date
    until: dt.date
    products: int
    expected: float
    low: float
    high: float
    sold: float
    before: float
    inside: float
    miss: float | None
    as_before: float | None
    worse: bool
    furthest: list[Miss]


class Seen(msgspec.Struct, frozen=True):
    """rows: of `flows.hindsight.compared`."""

    run: str
    since: dt.date
    until: dt.date
    rows: pl.DataFrame


def hindsight(reading: Reading, run: str) -> Hindsight | None:
    """Of the run that `looked_back` names. None where there is none, or its model cannot tell."""
    seen = _seen(reading, run)
    return None if seen is None else summed(seen)


def summed(seen: Seen) -> Hindsight:
    """All products together."""
    rows = seen.rows
    expected, sold, before = (rows[name].to_numpy() for name in ("expected", "sold", "before"))
    low, high = around_sum(float(expected.sum()), float(rows["alone"].sum()), rows["price"].to_numpy(), rows["together"][0], positive=True)
    off = ~((pl.col("sold") >= pl.col("low")) & (pl.col("sold") <= pl.col("high")))
    far = rows.filter(off).sort((pl.col("sold") - pl.col("expected")).abs() * pl.col("worth"), *KEY, descending=[True, *[False] * len(KEY)])
    furthest = [Miss(**row) for row in far.head(SHOWN).select(Miss.__struct_fields__).iter_rows(named=True)]
    whole = float(sold.sum())
    miss, as_before = (float(np.abs(sold - other).sum()) / whole if whole else None for other in (expected, before))
    inside = 1.0 - far.height / rows.height
    worse = miss is not None and as_before is not None and miss > as_before
    sums = (rows.height, float(expected.sum()), low, high, whole, float(before.sum()))
    return Hindsight(seen.run, seen.since, seen.until, *sums, inside, miss, as_before, worse, furthest)


def foretold(reading: Reading, run: str, key: Key) -> ProductHindsight | None:
    """Of one product."""
    seen = _seen(reading, run)
    same = (pl.col("sku") == key.sku) & (pl.col("channel") == key.channel) & (pl.col("region") == key.region)
    rows = [] if seen is None else seen.rows.filter(same).select("expected", "low", "high", "sold").rows()
    return ProductHindsight(seen.run, seen.since, seen.until, *rows[0]) if seen is not None and rows else None


def looked_back(reading: Reading, run: str) -> str | None:
    """The run whose forecasts are looked at: of those of the whole shop whose data ended earlier, the last one whose days ahead are over.

    Where none is that old, the oldest. None where no run's data ended earlier.
    """
    this = reading.run(run)
    runs = reading.made().filter(pl.col("kind") == "price", pl.col("as_of") < this.as_of, pl.col("currency") == this.currency)
    over = runs.filter(pl.col("as_of") <= this.as_of - dt.timedelta(days=this.policy.horizon_days)).sort("as_of", "seq")
    chosen = over["run"].tail(1) if over.height else runs.sort("as_of", "seq", descending=[False, True])["run"].head(1)
    return None if chosen.is_empty() else str(chosen[0])


def _seen(reading: Reading, run: str) -> Seen | None:
    earlier = looked_back(reading, run)
    if earlier is None:
        return None
    found: Seen | None = reading.shelf("hindsight").get(f"{earlier} {run}", lambda _: _compared(reading, earlier, run))
    return found


def _compared(reading: Reading, earlier: str, run: str) -> Seen | None:
    days = reading.run(earlier).policy.horizon_days
    return seen(earlier, snapshot_of(reading, earlier), model_of(reading, earlier), reading.replayed(run).snapshot, days)


def seen(run: str, then: Snapshot, model: DemandModel, now: Snapshot, days: int) -> Seen | None:
    """What `compared` says of a run. then, model: of the run"""
    rows = compared(then, model, now, days)
    if rows is None or rows.is_empty():
        return None
    until: dt.date = rows["until"][0]
    return Seen(run, then.as_of, min(until, now.as_of - dt.timedelta(days=1)), rows)
