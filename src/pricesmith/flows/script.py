"""What a short script needs beside `learn` and `decide`: a shop folder as of a day, and what a run says of one product."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.errors import DataError, UnknownChoice, UsageError
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import Decided

from . import batch
from .desk.product.curves import points
from .near import unknown_product

PLACE = ("channel", "region")


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop folder as of a day.

    snapshot  everything known before that day, and the plans: what `learn` and `decide` ask for
    policy    what `shop.toml` says, its rules among it
    warnings  the data report, as `pricesmith check --json` prints it: code, level, message, count, places, ...
    """

    snapshot: Snapshot
    policy: Policy
    warnings: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Elasticity:
    """Percent change of units for one percent of price, at the current price.

    low, high  90 % interval
    evidence   `experiment`, `instrument`, `adjusted`, `pooled` or `prior`, the strongest first
    """

    value: float
    low: float
    high: float
    evidence: str


def load(folder: str | Path, as_of: dt.date | str | None = None) -> Shop:
    """Read and check a shop folder.

    as_of  day of the run, a date or text such as "2026-11-24": only what is dated before it is used; by default the day after the last sale
    Raises DataError and PolicyError with file and place, DataError too where `pricesmith check` says that pricing is blocked.
    """
    day = _day(as_of)
    loaded = batch.told_as_of(batch.load(Path(folder)), day)
    return Shop(batch.take(loaded, day), loaded.policy, tuple(loaded.prepared.warnings))


def elasticity(result: Decided, sku: str, *, channel: str | None = None, region: str | None = None) -> Elasticity:
    """How demand for one product answers its price, with the 90 % interval. channel, region: needed where it is sold in several.

    Raises UnknownChoice for a product or place that is not there, DataError for one that is not priced.
    """
    item = _item(result, sku, channel, region)
    place = {name: result.items[name][item] for name in ("sku", *PLACE)}
    found = result.decisions.filter(*(pl.col(name) == value for name, value in place.items()))
    if found.is_empty():
        raise DataError(f"product {sku!r} is not priced", hint="its `active` is 0 in products")
    return Elasticity(*found.select("elasticity", "elasticity_lo", "elasticity_hi", "evidence").row(0))


def demand_curve(result: Decided, sku: str, *, channel: str | None = None, region: str | None = None) -> pl.DataFrame:
    """What one product would sell at each candidate price, those of its family as chosen: a row a price, ascending.

    price                        integer minor currency units
    units, units_lo, units_hi    expected units a day and their 90 % interval
    profit, profit_lo, profit_hi the same of its own profit, major currency units a day; null where its cost is not known
    allowed                      the rules let this price be published
    No rows where no current price is known. Raises UnknownChoice as `elasticity` does.
    """
    currency = result.shop.snapshot.currency
    told = points(result, _item(result, sku, channel, region), currency)
    columns = {"units": told.units, "units_lo": told.low, "units_hi": told.high}
    columns |= {"profit": told.profit, "profit_lo": told.least, "profit_hi": told.most}
    minor = np.rint(told.price * 10.0 ** exponent(currency)).astype(np.int64)
    numbers = [pl.Series(name, values).fill_nan(None) for name, values in columns.items()]
    return pl.DataFrame([pl.Series("price", minor), *numbers, pl.Series("allowed", told.allowed)])


def _day(told: dt.date | str | None) -> dt.date | None:
    """A time of a day stands for the day."""
    if told is None or isinstance(told, dt.date):
        return told.date() if isinstance(told, dt.datetime) else told
    try:
        return dt.date.fromisoformat(told)
    except (TypeError, ValueError):
        raise UsageError(f"{told!r} is not a date", where="as_of", hint="write it as 2026-11-24") from None


def _item(result: Decided, sku: str, channel: str | None, region: str | None) -> int:
    """The row in `items` of a product in one place."""
    if not isinstance(result, Decided):
        raise UsageError("this is not what `decide` gave", where="result", hint="give what `pricesmith.decide(...)` returned")
    for name, named in (("sku", sku), ("channel", channel), ("region", region)):
        if not isinstance(named, str) and (name == "sku" or named is not None):
            raise UsageError(f"{named!r} is not text", where=name, hint=f"write {str(named)!r}" if named is not None else "name a product")
    found = result.items.filter(pl.col("sku") == sku)
    if found.is_empty():
        raise unknown_product(result.items, sku)
    for name, wanted in (("channel", channel), ("region", region)):
        if wanted is not None:
            if wanted not in found[name]:
                raise UnknownChoice(name, wanted, found[name].unique().to_list())
            found = found.filter(pl.col(name) == wanted)
    if found.height > 1:
        places = ", ".join(f"channel={channel!r} region={region!r}" for channel, region in found.select(PLACE).iter_rows())
        raise UsageError(f"product {sku!r} is sold in {found.height} places", hint=f"name one: {places}")
    return int(found["item"][0])
