"""The orders of the last weeks as the shop tells them: is there a rush after a cut, and how does a week usually go?

They are read from the shop and kept nowhere: a worker that starts anew reads them again.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.shop import ShopSource
from pricesmith.contracts.tables import DECISIONS, INPUT
from pricesmith.flows.publishing.desk import Desk
from pricesmith.preparation.validate import validate

KEY = list(DECISIONS.key)
ORDERS = INPUT["orders"]
WEEK, HOUR = dt.timedelta(days=7), dt.timedelta(hours=1)
WEEKS = 4
FRESH = dt.timedelta(minutes=1)
"""How old a reading may be."""
AFTER_CUT = dt.timedelta(days=1)
"""How long after a cut a rush is looked for."""


def read(desk: Desk) -> pl.DataFrame | None:
    """Lines of table ORDERS of the last weeks, returns left out; None where the shop does not tell them. Raises ShopBusy."""
    now, memory = desk.now(), desk.memory
    if memory.orders_at is not None and now - memory.orders_at < FRESH:
        return memory.orders
    known = memory.orders
    since = now - WEEKS * WEEK - 2 * HOUR if known is None or memory.orders_at is None else memory.orders_at - 2 * HOUR
    fresh = _told(desk, since)
    if fresh is not None and known is not None:
        fresh = pl.concat([known, fresh]).unique(list(ORDERS.key), keep="last", maintain_order=True)
    memory.orders, memory.orders_at = fresh, now
    return fresh


def _told(desk: Desk, since: dt.datetime) -> pl.DataFrame | None:
    if not isinstance(desk.shop, ShopSource):
        return None
    try:
        raw = desk.shop.pull(ORDERS, since)
    except ShopBusy:
        raise
    except ShopError:
        return None
    if raw is None:
        return None
    lines = ORDERS.empty() if raw.frame.is_empty() else validate(ORDERS, raw, desk.policy.timezone).accepted
    return lines.filter(pl.col("units") > 0)


def last_cut(applied: pl.DataFrame, now: dt.datetime) -> dt.datetime | None:
    """When the first price that we cut within AFTER_CUT came to stand; None where we cut none.

    applied  rows of table APPLIED of one target in the order in which they were written
    """
    recent = applied.filter((pl.col("at") > now - AFTER_CUT) & (pl.col("cause") == "publish"))
    moved = applied.join(recent.select(KEY).unique(), on=KEY, how="semi", maintain_order="left")
    cut = moved.with_columns(before=pl.col("price").shift(1).over(KEY)).filter(
        (pl.col("at") > now - AFTER_CUT) & (pl.col("cause") == "publish") & (pl.col("price") < pl.col("before"))
    )
    first = cut["at"].min()
    return first if isinstance(first, dt.datetime) else None


def rush(orders: pl.DataFrame, cut: dt.datetime | None, now: dt.datetime) -> tuple[int, float | None]:
    """Orders within an hour since a cut (0 where there was none), and the 99th percentile of what that hour of the week usually has.

    The usual hour is that of each of the last WEEKS weeks, the hour before and the hour after; None where no week has been seen whole.
    """
    since = now if cut is None else max(cut, now - HOUR)
    oldest = orders["at"].min()
    if not isinstance(oldest, dt.datetime) or oldest > now - WEEK - 2 * HOUR:
        return _count(orders, since, now), None
    ends = [now - week * WEEK + shift * HOUR for week in range(1, WEEKS + 1) for shift in (-1, 0, 1)]
    counts = [_count(orders, end - HOUR, end) for end in ends if end - HOUR >= oldest]
    return _count(orders, since, now), float(np.quantile(counts, 0.99))


def pace(orders: pl.DataFrame, since: dt.datetime, now: dt.datetime) -> float | None:
    """How the time since then usually goes: lines in the same part of the last weeks over those of an average part; None where unknown."""
    oldest = orders["at"].min()
    if not isinstance(oldest, dt.datetime) or oldest > since - WEEK or now <= since:
        return None
    weeks = [week for week in range(1, WEEKS + 1) if since - week * WEEK >= oldest]
    there = [orders.filter(pl.col("at").is_between(since - week * WEEK, now - week * WEEK)).height for week in weeks]
    usual = orders.filter(pl.col("at") < since).height * ((now - since) / (since - oldest))
    return float(np.mean(there)) / usual if usual > 0 else None


def _count(orders: pl.DataFrame, start: dt.datetime, end: dt.datetime) -> int:
    return orders.filter((pl.col("at") > start) & (pl.col("at") <= end))["order_id"].n_unique()
