"""The last day of sales that can be meant: a slip of the pen in one date must not move the day of the run by centuries."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.errors import DataError

from .prepared import Prepared

FAR_DAYS = 366
"""Rows dated more than this after all others are a slip where they are FEW."""
FEW = 0.01


def last_day(prepared: Prepared) -> dt.date:
    """Date of the last sales row, slips aside. Raises DataError where there is none."""
    last = last_sound_day(prepared)
    if last is None:
        raise DataError("there is no usable sales row", where="sales", hint="`pricesmith check` lists what was set aside and why")
    return last


def last_sound_day(prepared: Prepared) -> dt.date | None:
    """Date of the last sales row, slips aside; None where there is none."""
    if prepared.weekly is not None:
        return prepared.weekly.last
    counts = prepared.tables["sales"].group_by("date").len().sort("date")
    dates, share = counts["date"], counts["len"].cum_sum() / max(1, counts["len"].sum())
    slips = counts.filter((dates.diff().dt.total_days() > FAR_DAYS) & (1.0 - share.shift() < FEW))["date"]
    sound = dates.filter(dates < slips[0]) if len(slips) else dates
    last = sound.max()
    return last if isinstance(last, dt.date) else None


def later_rows(prepared: Prepared, last: dt.date) -> pl.DataFrame:
    """Sales rows after the last day: those that are taken for slips."""
    return prepared.tables["sales"].filter(pl.col("date") > last)
