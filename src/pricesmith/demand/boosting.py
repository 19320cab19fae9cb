"""Boosted forecasts of a snapshot: its cells as a history of periods, scenarios as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import polars as pl

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.snapshot import Snapshot

from .boosted import Boosted, Rows, boost, forecast
from .clock import HORIZON, Clock, clock_of
from .lags import Floats, History, Ints
from .panel import EPOCH, days_since_epoch
from .trees import available

HALF_LIFE = {"day": 21.0, "week": 6.0, "month": 3.0}
YEAR = {"day": 364, "week": 52, "month": 12}
Before = Callable[[dt.date], Floats]
"""Day -> log effect of each row of `snapshot.cells`, learned from the cells before that day."""
FULL = 0.999
"""Share of time available from which a period counts as open."""


def learn(snapshot: Snapshot, effect: Floats, before: Before, seed: int) -> Boosted | None:
    """Learn from a snapshot.

    effect  (N,) log effect of price, promotion, season, events and siblings of each row of `snapshot.cells`, without the item's level
    before  the same, learned from the cells before a day alone: a trial of the last weeks must not have seen them
    Returns None where there is too little to learn from. Raises ImportError where LightGBM is not installed.
    """
    if snapshot.cells.height < 500:
        return None
    clock = clock_of(snapshot)
    ends = int(clock.number(np.array([snapshot.as_of.toordinal() - EPOCH - 1]))[0]) + 1
    horizon = HORIZON[snapshot.period]

    def earlier(start: int) -> History:
        day = clock.day(np.array([start])).astype("datetime64[D]")[0].item()
        return history(snapshot, before(day), clock, ends + horizon)

    return boost(history(snapshot, effect, clock, ends + horizon), earlier, horizon, seed)


def apply(boosted: Boosted, snapshot: Snapshot, effect: Floats, scenario: pl.DataFrame, moved: Floats) -> tuple[Floats, Floats]:
    """Forecast of a scenario.

    effect    (N,) as in `learn`, for the snapshot's cells
    scenario  columns item, date, price (major units), promo
    moved     (m,) the same log effect for the scenario's rows
    Returns (m,) log expected units per period and (m, 3) units at the quantiles .05, .5, .95.
    """
    clock = clock_of(snapshot)
    number = clock.number(days_since_epoch(scenario["date"]))
    past = history(snapshot, effect, clock, max(int(number.max(initial=0)) + 1, 1))
    price = np.log(np.maximum(scenario["price"].cast(pl.Float64).to_numpy(), 1e-9))
    promo = scenario["promo"].cast(pl.Float64).fill_null(0.0).to_numpy()
    item = scenario["item"].to_numpy().astype(np.int64)
    ahead = np.maximum(number - past.units.shape[1], 0)
    return forecast(boosted, past, Rows(item, ahead, price, promo, moved))


def wanted(choice: str) -> bool:
    """Whether to boost, by policy: "never", "auto" where LightGBM is installed, "always" (then it must be)."""
    if choice == "always" and not available():
        raise PolicyError("LightGBM is not installed", where="$.model.boosting", hint='pip install ".[boosting]" in the clone, or "auto"')
    return choice != "never" and available()


def better(boosted: Boosted) -> bool:
    """Whether the mixture foretold the last blocks better than the smoothed level did."""
    smooth, *_, average = boosted.blend.errors
    return average < smooth


def history(snapshot: Snapshot, effect: Floats, clock: Clock, periods: int) -> History:
    """Cells as matrices of items by periods. Cells of one item in one period add up; price and effect are means over their time."""
    cells, count = snapshot.cells, snapshot.items.height
    number = clock.number(days_since_epoch(cells["date"]))
    length = int(number.max()) + 1
    place = cells["item"].to_numpy().astype(np.int64) * length + number
    time = np.maximum(cells["days"].to_numpy(), 1e-9)

    def total(values: Floats) -> Floats:
        return np.bincount(place, values, count * length).reshape(count, length).astype(np.float64)

    whole = np.maximum(total(time), 1e-9)
    there = total(np.ones(len(place))) > 0
    price = np.where(there, total(time * np.log(np.maximum(cells["price"].to_numpy(), 1e-9))) / whole, np.nan)
    open_ = there & (total(time * cells["available"].to_numpy()) >= FULL * np.minimum(whole, 1.0))
    promo = total(time * cells["promo"].cast(pl.Float64).fill_null(0.0).to_numpy()) / whole > 0.5
    names, calendar = _calendar(snapshot, clock, max(periods, length + HORIZON[snapshot.period]), length)
    items = snapshot.items
    shops = items.select(pl.struct("channel", "region").rank("dense")).to_series()
    return History(
        units=total(cells["units"].to_numpy()) * open_,
        open=open_,
        effect=total(time * effect) / whole,
        price=_carried(price),
        promo=promo.astype(np.float64),
        calendar=calendar,
        names=names,
        year=YEAR[snapshot.period],
        halflife=HALF_LIFE[snapshot.period],
        product=_codes(items["sku"]),
        place=_codes(shops),
        category=_codes(items["category"]),
        peers=_peers(items),
    )


def _calendar(snapshot: Snapshot, clock: Clock, periods: int, length: int) -> tuple[tuple[str, ...], Floats]:
    """Month, day of the year, weekday, and events that the history has seen; (periods, C)."""
    days = clock.day(np.arange(periods)).astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    columns = {"month": month.astype(np.float64)}
    if snapshot.period != "month":
        columns["day_of_year"] = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64)
    if snapshot.period == "day":
        columns["weekday"] = ((days.astype(np.int64) + 3) % 7).astype(np.float64)
    when = clock.number(days_since_epoch(snapshot.calendar["date"]))
    for event in sorted(snapshot.calendar["event"].unique().to_list()):
        at = when[(snapshot.calendar["event"] == event).to_numpy()]
        if ((at >= 0) & (at < length)).any():
            flag = np.zeros(periods)
            flag[at[(at >= 0) & (at < periods)]] = 1.0
            columns[f"event{sum(name.startswith('event') for name in columns)}"] = flag
    return tuple(columns), np.column_stack(list(columns.values()))


def _carried(price: Floats) -> Floats:
    """Gaps filled with the last value to the left."""
    known = np.where(np.isfinite(price), np.arange(price.shape[1]), -1)
    last = np.maximum.accumulate(known, axis=1)
    return np.where(last >= 0, np.take_along_axis(price, np.maximum(last, 0), axis=1), np.nan)


def _peers(items: pl.DataFrame) -> Ints:
    """Codes of products of one family, or of one category where no product has a family, at one place."""
    alike = "category" if items["family"].null_count() == items.height else "family"
    names = items.select(pl.struct(pl.coalesce(alike, "sku"), "channel", "region").rank("dense")).to_series()
    return names.to_numpy().astype(np.int64) - 1


def _codes(column: pl.Series) -> Ints:
    plain = column.fill_null("") if column.dtype == pl.String else column
    return plain.rank("dense").to_numpy().astype(np.int64) - 1
