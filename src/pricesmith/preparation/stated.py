"""Prices that the product table says the shop asks, and which of them count: one that the last sales speak against is out of date."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import UNNAMED
from pricesmith.contracts.snapshot import PERIOD_DAYS

from .last_day import last_sound_day
from .prepared import Prepared
from .times import local_date

DAYS = 28
"""How far back sales speak of the price asked now."""
LAST = 3
"""Days with a sale that must all have gone by without one at the stated price before it is out of date."""
SLACK = 0.005
"""Relative distance within which a sale was made at the stated price: rounding of a total, a cent."""


def stated_prices(keys: pl.DataFrame, rows: pl.DataFrame, prepared: Prepared, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """`item`, `stated` (major units), `since` (null where no day is said) and `counts` of every item with a price in the product table.

    keys  item, sku, channel, region;  rows: sales history before `as_of`, see `history`

    A stated price counts until the item was sold on LAST of the last DAYS without anyone paying it, since the day from which it is asked
    where that is said. Without a day it is as undated as a unit cost: what the sales say of the last days is what tells an old one.
    """
    asked = keys.join(_said(prepared, as_of), on="sku").select("item", "sku", "channel", "region", "stated", "since")
    if asked.is_empty():
        return asked.select("item", "stated", "since", counts=pl.lit(True))
    late = _last_days(rows.join(asked.select("item", "since"), on="item"), policy.period, as_of)
    paid = _paid_lines(asked, prepared, policy) if prepared.derived else _paid_rows(rows)
    near = (pl.col("paid") / pl.col("stated") - 1.0).abs() <= SLACK
    lines = late.join(paid, on=["item", "date"]).join(asked.select("item", "stated"), on="item")
    gone = lines.group_by("item").agg((~near.any() & (pl.col("date").n_unique() == LAST)).alias("gone"))
    joined = asked.join(gone, on="item", how="left", maintain_order="left")
    return joined.select("item", "stated", "since", counts=~pl.col("gone").fill_null(False))


def overruled(stated: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """Of prices as `stated_prices` tells them those that do not count and of which the sales say otherwise.

    prices  `item` and `current_price` (major units) as they count
    """
    known = stated.filter(~pl.col("counts")).join(prices.select("item", "current_price"), on="item", how="left", maintain_order="left")
    same = ((pl.col("current_price") / pl.col("stated") - 1.0).abs() <= SLACK).fill_null(False)
    return known.filter(~same).drop("current_price")


def _said(prepared: Prepared, as_of: dt.date) -> pl.DataFrame:
    """`sku`, `stated`, `since` of the product table. A run of a day before the last sale does not see what is asked from a later day."""
    said = prepared.tables["products"].select("sku", stated="price", since="price_from").filter(pl.col("stated") > 0)
    last = last_sound_day(prepared)
    past = last is not None and last >= as_of
    return said.filter((pl.col("since") <= as_of).fill_null(True)) if past else said


def dated_prices(keys: pl.DataFrame, prepared: Prepared, as_of: dt.date) -> pl.DataFrame:
    """`item`, `date` and `price` (major units) of what the product table says is asked from a day on. keys: item, sku"""
    dated = _said(prepared, as_of).filter(pl.col("since").is_not_null())
    return keys.join(dated, on="sku").select("item", date="since", price="stated")


def _last_days(rows: pl.DataFrame, period: str, as_of: dt.date) -> pl.DataFrame:
    """`item` and `date` of the LAST sound rows of each item with a sale outside promotions in the last DAYS, none before its `since`."""
    first = as_of - dt.timedelta(days=max(DAYS, round(2 * PERIOD_DAYS[period])))
    sound = ~pl.col("suspect") & (pl.col("promo") == 0) & (pl.col("units") > 0) & (pl.col("date") >= first)
    lately = rows.filter(sound & (pl.col("date") >= pl.col("since")).fill_null(True)).select("item", "date").unique()
    return lately.sort("item", "date").group_by("item", maintain_order=True).tail(LAST)


def _paid_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """`item`, `date`, `paid`: what sales rows charged, and what they say the regular price was."""
    kinds = [rows.select("item", "date", pl.col(name).alias("paid")) for name in ("price", "list_price")]
    return pl.concat(kinds).filter(pl.col("paid") > 0)


def _paid_lines(asked: pl.DataFrame, prepared: Prepared, policy: Policy) -> pl.DataFrame:
    """The same of order lines: a day's sales are made of several prices."""
    day = local_date(pl.col("at"), policy.timezone).alias("date")
    lines = prepared.tables["orders"].filter((pl.col("units") > 0) & (pl.col("price") > 0))
    keyed = lines.with_columns(pl.col(name).fill_null(UNNAMED) for name in ("channel", "region"))
    return keyed.join(asked, on=["sku", "channel", "region"]).select("item", day, pl.col("price").alias("paid"))
