"""Products that sold lately less, or more, than a run's own model can explain: something that it does not know moves them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats
from pricesmith.contracts.shop import Key
from pricesmith.demand.bridge import latest
from pricesmith.engine import Decided
from pricesmith.flows.desk.outcome.hindsight import Miss
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.hindsight import range_of

TAIL = 0.05
"""Share of products that sell less than their 90 % interval by luck alone."""
NAMED = 3
"""Products that are named."""


class Lately(msgspec.Struct, frozen=True):
    """Units of one product from `since` on: sold, and expected at the prices and promotions that were, with their 90 % interval."""

    since: dt.date
    sold: float
    expected: float
    low: float
    high: float


class Unexplained(msgspec.Struct, frozen=True):
    """Products that sold less than their whole interval.

    count   of so many that could be bought (`of`);  luck: so many would by luck alone;  rising: those of them whose price is to rise
    worst   those whose missing units are worth most at their prices first, NAMED at most
    """

    since: dt.date
    count: int
    of: int
    luck: float
    rising: int
    worst: list[Miss]


@dataclass(frozen=True, slots=True)
class _Told:
    """Units of n items in the latest periods. seen: (n,) they could be bought then"""

    since: dt.date
    seen: Flags
    sold: Floats
    expected: Floats
    low: Floats
    high: Floats


def unexplained(reading: Reading, run: str) -> Unexplained | None:
    """None where the model cannot tell, and where luck alone would bring about as many."""
    told = _told_of(reading, run)
    if told is None:
        return None
    below = np.flatnonzero(told.seen & (told.sold < told.low))
    luck = TAIL * float(told.seen.sum())
    if below.size <= luck + 2.0 * np.sqrt(luck):
        return None
    decided = reading.replayed(run).decided
    name = pl.col("name") if "name" in decided.items.columns else pl.lit(None, pl.String).alias("name")
    figures = {each: pl.Series(getattr(told, each)) for each in ("sold", "expected", "low", "high")}
    rows = decided.items.select(*KEY, name, "current_price").with_columns(**figures)[below]
    listed = rows.join(decided.decisions.select(*KEY, "price"), on=KEY, how="left", maintain_order="left")
    worst = listed.sort((pl.col("expected") - pl.col("sold")) * pl.col("current_price"), descending=True, nulls_last=True)
    named = [Miss(**row) for row in worst.head(NAMED).select(Miss.__struct_fields__).iter_rows(named=True)]
    rising = listed.filter(pl.col("price") > pl.col("current_price")).height
    return Unexplained(told.since, below.size, int(told.seen.sum()), luck, rising, named)


def sold_lately(reading: Reading, run: str, key: Key) -> Lately | None:
    """Of one product, where it sold less or more than its whole interval; else None."""
    told = _told_of(reading, run)
    if told is None:
        return None
    items = reading.replayed(run).decided.items.with_row_index("place")
    item = items.filter(sku=key.sku, channel=key.channel, region=key.region)["place"]
    if not item.len() or not told.seen[item[0]] or told.low[item[0]] <= told.sold[item[0]] <= told.high[item[0]]:
        return None
    return Lately(told.since, *(float(part[item[0]]) for part in (told.sold, told.expected, told.low, told.high)))


def _told_of(reading: Reading, run: str) -> _Told | None:
    """Worked out once for a run."""
    found: _Told | None = reading.shelf("unexplained").get(run, lambda name: _tell(reading.replayed(name).decided))
    return found


def _tell(decided: Decided) -> _Told | None:
    tell, snapshot = getattr(getattr(decided.shop.demand, "model", None), "hindsight", None), decided.shop.snapshot
    cells = latest(snapshot)
    since = cells["date"].min()
    if tell is None or not isinstance(since, dt.date):
        return None
    past = tell(snapshot, cells)
    return _Told(since, (past.days > 0.0) & (past.expected > 0.0), past.sold, past.expected, *range_of(past))
