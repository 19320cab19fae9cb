"""What a run sees: everything known before `as_of`, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl

from .tables import CALENDAR, CELLS, PROMOTIONS, REVIEWS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a shop as of one day, as tables. Immutable; equal folders give equal snapshots.

    as_of       the day of the run; only what was dated before it is in here (plans may lie ahead)
    currency    ISO 4217 code of every price
    period      what one sales row totals: "day", "week" or "month"
    items       table ITEMS, sorted by item
    cells       table CELLS, sorted by item, date, price, promo
    calendar    table CALENDAR, planned events included
    promotions  table PROMOTIONS, planned ones included
    reviews     per item and date: columns item, date, stars (sum), reviews (count); empty where there are none
    doubtful    rows of table CELLS that teach nothing, as their price may be that of a special: they are shown, and stand not in `cells`
    """

    as_of: dt.date
    currency: str
    period: str
    items: pl.DataFrame
    cells: pl.DataFrame
    calendar: pl.DataFrame = field(default_factory=CALENDAR.empty)
    promotions: pl.DataFrame = field(default_factory=PROMOTIONS.empty)
    reviews: pl.DataFrame = field(default_factory=REVIEWS.empty)
    doubtful: pl.DataFrame = field(default_factory=CELLS.empty)


PERIOD_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
"""Length of a period in days, of a month on the mean."""


def days_of(period: str) -> pl.Expr:
    """Days of the period that starts on `date`: of a month those of the calendar."""
    return pl.col("date").dt.month_end().dt.day().cast(pl.Float64) if period == "month" else pl.lit(PERIOD_DAYS[period])


_SPANS = {"day": "1d", "week": "1w", "month": "1mo"}


def last_of(start: pl.Expr, period: str) -> pl.Expr:
    """The last day of the period that starts on a day: what a sales row of it totals may have been sold as late as then."""
    return start.dt.offset_by(_SPANS[period]).dt.offset_by("-1d")


def sold_until(start: dt.date | None, period: str, before: dt.date) -> dt.date | None:
    """The last day of which the sales row of a day may tell, as far as it lies before another day; None where there is no row."""
    if start is None:
        return None
    return max(min(until(start, period), before - dt.timedelta(days=1)), start)


def until(start: dt.date, period: str) -> dt.date:
    """The last day of the period that starts on a day."""
    end: dt.date = pl.select(last_of(pl.lit(start, pl.Date), period)).item()
    return end
