"""The demand curve of one product as a run saw it: candidate prices, expected units with their interval, profit, and what was sold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints, response
from pricesmith.contracts.economics import shares, unit_profit
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot, days_of
from pricesmith.engine import Decided

LATE = 91
"""Days before as_of whose sales stand out beside a curve: a quarter."""


@dataclass(frozen=True, slots=True)
class Points:
    """Expected demand of one item over its K candidate prices, the other prices of its family as chosen.

    price             (K,) major units, ascending
    units, low, high  (K,) units a day; the 90 % interval of the expectation
    profit            (K,) the item's own, major units a day; NaN where the cost is not known
    least, most       (K,) the 90 % interval of that expectation: that of the units, each worth what one earns
    family            (K,) change of the profit of the rest of its family against keeping its price, major units a day; 0 where alone
    allowed           (K,) the rules let this price be published
    """

    price: Floats
    units: Floats
    low: Floats
    high: Floats
    profit: Floats
    least: Floats
    most: Floats
    family: Floats
    allowed: Flags


def points(decided: Decided, item: int, currency: str) -> Points:
    """The curve of one item (its row in `items`); no points where no current price is known."""
    block = decided.opened(np.array([item]))
    ladder, curves = block.ladder, block.curves
    columns = np.flatnonzero(ladder.valid[0]) if ladder.current[0] >= 0 else np.zeros(0, dtype=np.int64)
    prices = ladder.prices[0, columns]
    now = int(ladder.prices[0, max(int(ladder.current[0]), 0)])
    lift = family_lift(decided, item)
    ratio = np.log(prices / max(now, 1))[:, None]
    drawn = response(ratio, curves.draws[0][None, :], curves.form[0], curves.saturation[0]) + curves.level[0][None, :]
    low, high = np.quantile(curves.base[0] * lift * np.exp(drawn), (0.05, 0.95), axis=1) if columns.size else (np.zeros(0), np.zeros(0))
    units = curves.units[0, columns] * lift
    share = {name: values[0] for name, values in shares(block.items).items()}
    major = 10.0 ** exponent(currency)
    margin = unit_profit(prices, share["kept"], share["landed"], share["returned"]) / major
    low, high = np.minimum(low, units), np.maximum(high, units)
    return Points(
        prices / major,
        units,
        low,
        high,
        margin * units,
        np.minimum(margin * low, margin * high),
        np.maximum(margin * low, margin * high),
        family_change(decided, item, prices) / major,
        block.allowed.valid[0, columns],
    )


def family_change(decided: Decided, item: int, prices: Ints) -> Floats:
    """(K,) what each price (minor units) of the item does to the daily profit of the rest of its family, whose prices are as chosen.

    Against the item's current price: at the chosen one it is the family's part of `profit_change`.
    """
    return np.asarray(np.nansum(family_members(decided, item, prices)[2], axis=0))


def family_members(decided: Decided, item: int, prices: Ints) -> tuple[Ints, Floats, Floats]:
    """What each price (K,) of an item, minor units, does to the m others of its family, against its current price.

    (m,) their rows in `items`; (m, K) share by which their units change; (m, K) change of their profit, minor units a day, NaN where it
    is not known
    """
    family, column = decided.shop.demand.family, decided.column
    members = np.flatnonzero(family == family[item]) if family[item] >= 0 else np.array([item])
    block = decided.opened(members)
    known = (column[members] >= 0) & (block.ladder.current >= 0)
    own, others = int(np.flatnonzero(members == item)[0]), np.flatnonzero(known & (members != item))
    if not known[own] or not others.size:
        return np.zeros(0, dtype=np.int64), np.zeros((0, prices.size)), np.zeros((0, prices.size))
    now, chosen = (float(block.ladder.prices[own, place]) for place in (block.ladder.current[own], column[item]))
    profit = decided.expected.profit[members[others]][:, None]
    rate = (block.curves.cross[others] / others.size)[:, None]
    at_price, at_now = (np.exp(rate * np.log(np.atleast_1d(price) / chosen)) for price in (prices, now))
    return members[others], np.exp(rate * np.log(np.atleast_1d(prices) / now)) - 1.0, profit * (at_price - at_now)


def smooth(decided: Decided, item: int, prices: Floats, currency: str) -> tuple[Floats, Floats, Floats]:
    """Expected units a day at any (m,) prices in major units, and the 90 % interval of the expectation; beyond the candidate prices too."""
    block = decided.opened(np.array([item]))
    curves = block.curves
    now = float(block.ladder.prices[0, block.ladder.current[0]]) / 10.0 ** exponent(currency)
    drawn = response(np.log(prices / now)[:, None], curves.draws[0][None, :], curves.form[0], curves.saturation[0])
    base = float(curves.base[0]) * family_lift(decided, item)
    units = base * np.exp(drawn).mean(axis=1)
    low, high = np.quantile(base * np.exp(drawn + curves.level[0][None, :]), (0.05, 0.95), axis=1)
    return units, np.minimum(low, units), np.maximum(high, units)


def family_lift(decided: Decided, item: int) -> float:
    """Factor on the item's units by the chosen prices of the rest of its family."""
    column, block = int(decided.column[item]), decided.opened(np.array([item]))
    if column < 0 or block.ladder.current[0] < 0:
        return 1.0
    own = float(block.curves.units[0, column])
    expected = float(decided.expected.units[item])
    return expected / own if own > 0 and np.isfinite(expected) else 1.0


def seen(snapshot: Snapshot, item: int) -> pl.DataFrame:
    """What was sold of an item: one row a week (or longer period) and price: price, units a day, promo (0 or 1), late (0 or 1).

    late  sold in the last LATE days before as_of: season, rivals and its level were then nearest to those that the curve is about
    """
    span = {"day": "1w", "week": "1w", "month": "1mo"}[snapshot.period]
    cells = snapshot.cells.filter((pl.col("item") == item) & (pl.col("days") > 0) & (pl.col("available") > 0))
    grouped = cells.group_by(pl.col("date").dt.truncate(span), "price", "promo", maintain_order=True)
    rows = grouped.agg(pl.col("units").sum(), days=(pl.col("days") * days_of(snapshot.period)).sum())
    daily = pl.col("units") / pl.col("days")
    late = pl.col("date") >= snapshot.as_of - dt.timedelta(days=LATE)
    return rows.select("price", units=daily, promo=pl.col("promo").fill_null(0).cast(pl.Int64), late=late.cast(pl.Int64))


def bounds(decided: Decided, item: int, currency: str) -> tuple[float, float]:
    """Lowest and highest price that the rules allow, major units; infinite where free."""
    major = 10.0 ** exponent(currency)
    limits = decided.shop.bounds
    return float(limits.low[:, item].max(initial=-np.inf)) / major, float(limits.high[:, item].min(initial=np.inf)) / major
