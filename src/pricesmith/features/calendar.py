"""Holidays and events: plans, so those ahead are known too. A row counts those of its own region and those of every region."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

from .history import keys
from .known import Family, Known

FAR = 60
"""Events further away than this many days, or none at all, count as this far."""


def event(known: Known) -> pl.Series:
    """Name of the event within the row's period, the alphabetically first where several; `none` where there is none."""
    return _within(known)["event"].fill_null("none")


def events_in_period(known: Known) -> Floats:
    """Number of events within the row's period."""
    return _within(known)["count"].fill_null(0).cast(pl.Float64).to_numpy()


def days_to_event(known: Known) -> Floats:
    """Days from the row's first day to the next event, that day included; at most 60."""
    key, region = _event_keys(known), _region_codes(known)
    at = np.searchsorted(key, keys(region, known.day), side="left")
    following = np.append(key, np.iinfo(np.int64).max)[at] - keys(region, known.day)
    near: Floats = np.minimum(following, FAR).astype(np.float64)
    return near


def days_since_event(known: Known) -> Floats:
    """Days from the last event to the row's first day, that day included; at most 60."""
    key, region = _event_keys(known), _region_codes(known)
    at = np.searchsorted(key, keys(region, known.day), side="right")
    since = keys(region, known.day) - np.insert(key, 0, -FAR)[at]
    near: Floats = np.minimum(since, FAR).astype(np.float64)
    return near


def _events(known: Known) -> pl.DataFrame:
    """One row an event and region that has it: region, day, event."""
    regions = known.items.select(pl.col("region").unique(maintain_order=True))
    dated = known.calendar.select("event", pl.col("date").cast(pl.Int32).cast(pl.Int64).alias("day"), pl.col("region").alias("place"))
    return regions.join(dated, how="cross").filter(pl.col("place").is_null() | (pl.col("place") == pl.col("region"))).unique()


def _within(known: Known) -> pl.DataFrame:
    """(n) event and count within each row's period."""
    starts = _events(known).with_columns(pl.lit(list(range(known.length))).alias("back")).explode("back")
    covered = starts.group_by("region", pl.col("day") - pl.col("back")).agg(pl.col("event").min(), pl.len().alias("count"))
    asked = pl.DataFrame({"region": known.of_item("region"), "day": known.day})
    return asked.join(covered, on=("region", "day"), how="left", maintain_order="left")


def _region_codes(known: Known) -> Ints:
    return _codes(known.items["region"]).to_numpy().astype(np.int64)[known.item]


def _codes(regions: pl.Series) -> pl.Series:
    return regions.rank("dense").cast(pl.Int64)


def _event_keys(known: Known) -> Ints:
    """Sorted keys of (region, day) of all events."""
    named = known.items.select(_codes(known.items["region"]).alias("code"), "region").unique()
    coded = _events(known).join(named, on="region")
    return np.unique(keys(coded["code"].to_numpy(), coded["day"].to_numpy()))


FAMILY = Family("calendar", (event, events_in_period, days_to_event, days_since_event))
