"""What an earlier run foretold of the time since its data ended, at the prices that were, against what was sold."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.shop import Key
from pricesmith.contracts.snapshot import Snapshot, last_of
from pricesmith.demand.bridge import latest
from pricesmith.monitoring.outcome import interval

from .reading import KEY, Reading
from .replay import model_of, snapshot_of
from .sellable import around_sum

SHOWN = 3
"""Products that are named."""


class Foretold(msgspec.Struct, frozen=True):
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

    products        how many;  inside: share of them that sold within their 90 % intervals
    miss            sum of what lies between sold and expected, product by product, over what was sold;  as_before: the same, had each gone
                    on selling as in the four weeks (or the month) before. None where nothing was sold
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
    inside: float
    miss: float | None
    as_before: float | None
    furthest: list[Miss]


class Seen(msgspec.Struct, frozen=True):
    """rows: those seen; KEY, name, worth (price, minor units), the fields of `demand.hindsight.Hindsight`, low, high, before."""

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
    low, high = _sum_interval(rows)
    off = ~((pl.col("sold") >= pl.col("low")) & (pl.col("sold") <= pl.col("high")))
    far = rows.filter(off).sort((pl.col("sold") - pl.col("expected")).abs() * pl.col("worth"), *KEY, descending=[True, *[False] * len(KEY)])
    furthest = [Miss(**row) for row in far.head(SHOWN).select(Miss.__struct_fields__).iter_rows(named=True)]
    whole = float(sold.sum())
    miss, as_before = (float(np.abs(sold - other).sum()) / whole if whole else None for other in (expected, before))
    inside = 1.0 - far.height / rows.height
    return Hindsight(
        seen.run, seen.since, seen.until, rows.height, float(expected.sum()), low, high, whole, inside, miss, as_before, furthest
    )  # fmt: skip


def foretold(reading: Reading, run: str, key: Key) -> Foretold | None:
    """Of one product."""
    seen = _seen(reading, run)
    same = (pl.col("sku") == key.sku) & (pl.col("channel") == key.channel) & (pl.col("region") == key.region)
    rows = [] if seen is None else seen.rows.filter(same).select("expected", "low", "high", "sold").rows()
    return Foretold(seen.run, seen.since, seen.until, *rows[0]) if seen is not None and rows else None


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
    return compared(earlier, snapshot_of(reading, earlier), model_of(reading, earlier), reading.replayed(run).snapshot, days)


def compared(run: str, then: Snapshot, model: DemandModel, now: Snapshot, days: int) -> Seen | None:
    """Product by product. then, model: of the run; now: a later snapshot.

    None where that tells of none of the `days` after the run, or the model cannot tell.
    """
    cells, tell = since(then, now, days), getattr(model, "hindsight", None)
    if tell is None or then.period != now.period or cells.is_empty():
        return None
    told = tell(then, cells)
    low, high = _intervals(told.expected, told.alone, told.unsure)
    name = pl.col("name") if "name" in then.items.columns else pl.lit(None, pl.String).alias("name")
    rows = then.items.select(*KEY, name, worth=pl.col("current_price").cast(pl.Float64).fill_null(0.0))
    figures = {each: getattr(told, each) for each in ("sold", "expected", "alone", "unsure")}
    rows = rows.with_columns(**figures, low=low, high=high, before=_as_before(then, told.days))
    last = cells.select(last_of(pl.col("date").max(), now.period)).item()
    return Seen(run, then.as_of, min(last, now.as_of - dt.timedelta(days=1)), rows.filter(pl.Series(told.days > 0)))


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


def _intervals(expected: Floats, alone: Floats, unsure: Floats) -> tuple[Floats, Floats]:
    fair = np.where(expected > 0, expected, 1.0)
    return interval(expected, np.maximum(alone - expected + unsure**2, 0.0) / fair**2)


def _sum_interval(rows: pl.DataFrame) -> tuple[float, float]:
    low, high = around_sum(float(rows["expected"].sum()), float(rows["alone"].sum()), rows["unsure"].to_numpy())
    return max(low, 0.0), high
