"""The days after new prices came into a made shop: what was sold then, and what would have been sold had they not come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.tables import SALES, STOCK

from .history import WEEK
from .noise import counts, weekly_shocks
from .shop import SimulatedShop
from .stockroom import Stockroom


@dataclass(frozen=True, slots=True)
class Afterwards:
    """D days at new prices.

    tables       sales of these days, and stock where the shop keeps it
    wanted       (n,) units a day that customers would want on average at the new prices, this time's shocks and drift included
    wanted_before  (n,) the same at the old prices
    """

    tables: dict[str, pl.DataFrame]
    wanted: Floats
    wanted_before: Floats


def afterwards(shop: SimulatedShop, prices: Ints, rng: np.random.Generator, days: int = 28, drift: Floats | float = 0.0) -> Afterwards:
    """Sell for `days` days from the day of the run on.

    prices  (n,) minor units, in the order of `shop.truth.sku`
    days    at most the horizon of the truth, whose mean season every day has
    drift   (n,) or () log of demand over what the truth says: what nobody could foresee
    """
    if not 0 < days <= shop.horizon_days:
        raise UnknownChoice("number of days", str(days), [f"1 to {shop.horizon_days}"])
    truth, world = shop.truth, shop.world
    count = len(truth.sku)
    shocks = weekly_shocks(-(-days // WEEK), count, world.shock_sd, world.shock_memory, rng)
    luck = np.exp(np.repeat(shocks, WEEK, axis=0)[:days] + drift)
    wanted = counts(truth.units(prices) * luck, world.dispersion, rng)
    sold, out, left = _sell(shop, wanted, rng)
    tables = {"sales": _sales(shop, prices, sold, shop.as_of)}
    if world.stock_cover > 0:
        tables["stock"] = _stock(shop, left, out, shop.as_of)
    mean = luck.mean(axis=0)
    return Afterwards(tables, truth.units(prices) * mean, truth.units(truth.current) * mean)


def _sell(shop: SimulatedShop, wanted: Floats, rng: np.random.Generator) -> tuple[Floats, Flags, Floats]:
    """(D, n) units sold, days that were empty from the morning on, and what was left in the evening."""
    room = Stockroom.open(shop.world, shop.truth.base, rng)
    sold, out, left = np.empty_like(wanted), np.empty(wanted.shape, dtype=bool), np.empty_like(wanted)
    for day in range(len(wanted)):
        sold[day], out[day] = room.sell(day, np.ones(wanted.shape[1]), wanted[day], rng)
        left[day] = room.on_hand
    return sold, out, left


def _sales(shop: SimulatedShop, prices: Ints, sold: Floats, start: dt.date) -> pl.DataFrame:
    day, product = np.nonzero(np.ones(sold.shape, dtype=bool) if shop.world.zero_rows else sold > 0)
    price = np.asarray(prices, dtype=np.float64)[product] / shop.truth.unit
    columns = {"units": sold[day, product], "price": price}
    if shop.world.promotions_marked:
        columns["promo"] = np.zeros(len(day), dtype=np.int8)
    if shop.world.list_price_column:
        columns["list_price"] = price
    return _typed(shop, day, product, start, columns).cast({name: SALES.by_name[name].dtype for name in columns})


def _stock(shop: SimulatedShop, left: Floats, out: Flags, start: dt.date) -> pl.DataFrame:
    day, product = np.nonzero(np.ones(left.shape, dtype=bool))
    columns = {"on_hand": left[day, product], "out_of_stock": out[day, product].astype(np.int8)}
    return _typed(shop, day, product, start, columns).cast({name: STOCK.by_name[name].dtype for name in columns})


def _typed(shop: SimulatedShop, day: Ints, product: Ints, start: dt.date, columns: Mapping[str, Any]) -> pl.DataFrame:
    dates = pl.Series([start + dt.timedelta(days=number) for number in range(int(day.max(initial=0)) + 1)])
    keys = {"date": dates.gather(day), "sku": pl.Series(shop.truth.sku).gather(product)}
    return pl.DataFrame({**keys, **{name: pl.Series(values) for name, values in columns.items()}})
