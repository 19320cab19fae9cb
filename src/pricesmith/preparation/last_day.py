"""The last day of sales that can be meant: a slip of the pen in one date must not move the day of the run by centuries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy

from .prepared import Prepared, Warning_, warn
from .times import local_date
from .weekly import last_bit, week_start

FAR_DAYS = 366
"""Rows dated more than this after all others are a slip where they are FEW."""
AGES_DAYS = 3653
"""Rows dated more than this after all others, ten years, are a slip where they are the fewer."""
QUIET_DAYS = 92
"""Rows dated more than this after all others are worth a look where they are a small PART, or after FAR_DAYS the fewer."""
FEW, PART, FEWER = 0.01, 0.1, 0.5


def last_day(prepared: Prepared) -> dt.date:
    """Date of the last sales row, slips aside. Raises DataError where there is none."""
    last = last_sound_day(prepared)
    if last is None:
        raise DataError("there is no usable sales row", where="sales", hint="`pricesmith check` lists what was set aside and why")
    return last


def last_sound_day(prepared: Prepared) -> dt.date | None:
    """Date of the last sales row, slips aside; None where there is none."""
    counts = _counts(prepared)
    first = _after(counts, (FAR_DAYS, FEW), (AGES_DAYS, FEWER))
    return _latest(counts["date"] if first is None else counts["date"].filter(counts["date"] < first))


def later_rows(prepared: Prepared, last: dt.date) -> pl.DataFrame:
    """Sales rows after the last day, those that are taken for slips: columns sku and date, and price where rows are held as they stand."""
    return _dated(prepared, pl.col("date") > last)


@dataclass(frozen=True, slots=True)
class Lonely:
    """Few rows that alone set the last day. rows: sku, date (and price, see `later_rows`); before: the last day of all others."""

    rows: pl.DataFrame
    before: dt.date


def lonely(prepared: Prepared, last: dt.date) -> Lonely | None:
    """The rows up to the last day that stand long after all others; None where there are none."""
    counts = _counts(prepared).filter(pl.col("date") <= last)
    first = _after(counts, (QUIET_DAYS, PART), (FAR_DAYS, FEWER))
    before = None if first is None else _latest(counts["date"].filter(counts["date"] < first))
    if first is None or before is None:
        return None
    return Lonely(_dated(prepared, pl.col("date").is_between(first, last)), before)


def ignored(prepared: Prepared, policy: Policy, as_of: dt.date) -> list[Warning_]:
    """What a run as of a day that was given does not see: the rows dated on or after it."""
    table = "orders" if prepared.derived else "sales"
    dates = (
        prepared.tables["orders"].select(date=local_date(pl.col("at"), policy.timezone))
        if prepared.derived
        else _dated(prepared, pl.col("date") >= as_of)
    )
    later = dates["date"].filter(dates["date"] >= as_of)
    if later.is_empty():
        return []
    text = f"{table}: {len(later)} rows are dated on or after {as_of}, the last of them {_latest(later)}; a run as of that day ignores them"
    return [warn("after_as_of", table, "warning", text, len(later))]


def _dated(prepared: Prepared, kept: pl.Expr) -> pl.DataFrame:
    """A row for each sales row, of weekly sums for each sum: sku, date, and price where rows are held as they stand.

    kept  of which dates
    """
    if prepared.weekly is None:
        return prepared.tables["sales"].select("sku", "date", "price").filter(kept)
    day = (week_start(pl.col("week")) + pl.duration(days=last_bit(pl.col("bits")))).alias("date")
    sums = prepared.weekly.sums.lazy().select("number", day).filter(kept).collect()
    return sums.join(prepared.weekly.keys.select("number", "sku"), on="number", how="left").select("sku", "date")


def _counts(prepared: Prepared) -> pl.DataFrame:
    """`date`, ascending, and `len`: how many rows are of it."""
    if prepared.weekly is None:
        return prepared.tables["sales"].group_by("date").len().sort("date")
    last = (week_start(pl.col("week").first()) + pl.duration(days=last_bit(pl.col("bits")).max())).alias("date")
    return prepared.weekly.sums.group_by("week").agg(last, pl.len()).select("date", "len").sort("date")


def _after(counts: pl.DataFrame, *bounds: tuple[int, float]) -> dt.date | None:
    """The first date that lies more than so many days after the one before, with less than a share of all rows from it on."""
    gap = counts["date"].diff().dt.total_days()
    share = 1.0 - (counts["len"].cum_sum() / max(1, counts["len"].sum())).shift()
    odd = pl.Series([False]).new_from_index(0, counts.height)
    for days, below in bounds:
        odd = odd | ((gap > days) & (share < below)).fill_null(False)
    found = counts["date"].filter(odd).min()
    return found if isinstance(found, dt.date) else None


def _latest(dates: pl.Series) -> dt.date | None:
    last = dates.max()
    return last if isinstance(last, dt.date) else None
