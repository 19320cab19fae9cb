"""When the prices of runs came into shops, and when others took their place, from the ledger."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import DECISIONS
from pricesmith.preparation.times import local_date

from .next_price import PLACE, next_price
from .rederive import Rederived

KEY = list(DECISIONS.key)


def came(ledger: Ledger, timezone: str) -> pl.DataFrame:
    """Prices that came: `run`, keys, `at`, `price`, `since` (first whole day of it), `ended` (day of another price; null: none yet).

    The first time counts, where a price of a run came more than once.
    """
    ours = ledger.read("intents").filter(pl.col("kind") == "publish").select("intent", "run")
    applied = ledger.read("applied").select("at", "price", "intent", *PLACE)
    rows = applied.with_row_index("row").join(ours, on="intent", maintain_order="left")
    rows = rows.unique(["run", *KEY], keep="first", maintain_order=True).with_columns(start=pl.col("row") + 1)
    rows = rows.with_columns(then=applied["at"].gather(next_price(rows, applied)))
    first, ended = local_date(pl.col("at"), timezone) + dt.timedelta(days=1), local_date(pl.col("then"), timezone)
    return rows.select("run", *KEY, "at", "price", ended=ended, since=first)


def begins(ledger: Ledger, again: Rederived, run: str, by_hand: pl.DataFrame | None = None) -> pl.DataFrame:
    """Items of a run: keys, `price` in force and `before` (minor units), `changed` (a new price came), `since`, `ended` as in `came`.

    by_hand  prices that were not published from here, in place of those that were: keys, `price`, `since` and `ended`
    Products whose price stayed are looked at from the first day of the others on, until their price in a shop was changed after all.
    Raises DataError where no price of the run is known to have come.
    """
    zone = again.policy.timezone
    ours = came(ledger, zone).filter(pl.col("run") == run) if by_hand is None else by_hand
    arrived = ours.select(*KEY, "price", "since", "ended")
    if arrived.is_empty():
        hint = (
            "publish it, or say when its prices came: --since DATE; how its forecasts met newer sales stands on the page Today of the desk"
        )
        raise DataError(f"no price of run {run} is known to have come into a shop", where="ledger", hint=hint)
    items = again.decided.items.select(*KEY, before="current_price")
    first = arrived["since"].min()
    assert isinstance(first, dt.date)
    stayed = _left(ledger, first, zone)
    joined = items.join(arrived, on=KEY, how="left", maintain_order="left").join(stayed, on=KEY, how="left", maintain_order="left")
    new = pl.col("price").is_not_null()
    return joined.select(
        *KEY,
        pl.col("price").fill_null(pl.col("before")),
        "before",
        pl.col("since").fill_null(pl.col("since").min()),
        ended=pl.coalesce("ended", "left"),
        changed=new & (pl.col("price") != pl.col("before")).fill_null(True),
    )


def _left(ledger: Ledger, since: dt.date, timezone: str) -> pl.DataFrame:
    """Keys and `left`: the first day from `since` on when the price in a shop became another one."""
    applied = ledger.read("applied").with_columns(earlier=pl.col("price").shift(1).over("target", *KEY))
    other = applied.filter(pl.col("earlier").is_not_null() & (pl.col("earlier") != pl.col("price")))
    days = other.select(*KEY, left=local_date(pl.col("at"), timezone))
    return days.filter(pl.col("left") >= since).group_by(KEY).agg(pl.col("left").min())
