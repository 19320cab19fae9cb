"""A made shop as the tables that a user's folder would hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts import tables as defined
from pricesmith.contracts.curves import Flags, Floats, Ints

from .assortment import Assortment
from .competitors import Competition
from .history import History
from .lawful import Law, snap
from .world import World


def skus(count: int) -> list[str]:
    """Product keys that sort in the order of their numbers."""
    return [f"P{number:05d}" for number in range(count)]


def shown(history: History, goods: Assortment, zero_rows: bool) -> Flags:
    """(D, n) True for days with a sales row: launched, and sold something where the shop writes no rows of zeros."""
    days = np.arange(len(history.units))[:, None]
    return np.asarray((days >= goods.launched) & (zero_rows | (history.units > 0)))


def products_table(goods: Assortment, law: Law, world: World, start: dt.date, rng: np.random.Generator) -> pl.DataFrame:
    count = len(goods.units)
    top = goods.category // 3
    scale = 10.0 ** (2 if world.currency != "JPY" else 0)
    launched = np.where(goods.launched > 0, goods.launched, -rng.integers(30, 900, count))
    return _typed(
        {
            "sku": skus(count),
            "name": [f"Product {number}" for number in range(count)],
            "brand": [f"brand-{number}" for number in rng.integers(0, 12, count)],
            "category": [f"dept-{a}/group-{b}" for a, b in zip(top, goods.category, strict=True)],
            "currency": [world.currency] * count,
            "tax_rate": goods.tax,
            "min_price": _bound(law.low, scale),
            "max_price": _bound(law.high, scale),
            "family": [f"fam-{number:04d}" if number >= 0 else None for number in goods.family],
            "launched": [start + dt.timedelta(days=int(day)) for day in launched],
            "active": np.ones(count, dtype=np.int8),
        },
        defined.PRODUCTS,
    )


def costs_table(goods: Assortment, path: Floats, start: dt.date) -> pl.DataFrame:
    """One row at the start and one at each change; `path` (D, n) is the log cost relative to the start."""
    changed = np.vstack([np.ones((1, path.shape[1]), dtype=bool), np.diff(path, axis=0) != 0])
    day, product = np.nonzero(changed)
    landed, shipping = landed_cost(goods, path[day, product], product)
    return _typed(
        {
            "sku": _keys(product),
            "valid_from": _dates(day, start),
            "unit_cost": landed - shipping,
            "shipping": shipping,
            "fee_rate": goods.fee[product],
            "payment_rate": goods.payment[product],
            "return_rate": goods.returned[product],
        },
        defined.COSTS,
    ).sort("sku", "valid_from")


def landed_cost(goods: Assortment, log_cost: Floats, product: Ints) -> tuple[Floats, Floats]:
    """Landed cost and the shipping in it, to four decimals, at a log cost relative to the start."""
    shipping = np.round(goods.shipping[product], 4)
    unit_cost = np.round(np.maximum(goods.landed[product] * np.exp(log_cost) - shipping, 1e-4), 4)
    return unit_cost + shipping, shipping


def sales_table(history: History, visible: Flags, world: World, start: dt.date) -> pl.DataFrame:
    day, product = np.nonzero(visible)
    columns: dict[str, Any] = {
        "date": _dates(day, start),
        "sku": _keys(product),
        "units": history.units[day, product],
        "price": history.price[day, product],
    }
    if world.promotions_marked:
        columns["promo"] = history.promo[day, product].astype(np.int8)
    if world.list_price_column:
        columns["list_price"] = history.list_price[day, product]
    return _typed(columns, defined.SALES)


def stock_table(history: History, goods: Assortment, start: dt.date) -> pl.DataFrame:
    day, product = np.nonzero(np.arange(len(history.units))[:, None] >= goods.launched)
    columns = {
        "date": _dates(day, start),
        "sku": _keys(product),
        "on_hand": history.on_hand[day, product],
        "out_of_stock": history.out[day, product].astype(np.int8),
    }
    return _typed(columns, defined.STOCK)


def offers_table(rivals: Competition, goods: Assortment, world: World, days: int, start: dt.date) -> pl.DataFrame:
    day, offer = np.nonzero(rivals.seen[:days])
    product = rivals.product[offer]
    open_ = day >= goods.launched[product]
    day, offer, product = day[open_], offer[open_], product[open_]
    dates = [dt.datetime.combine(start + dt.timedelta(days=number), dt.time(6), dt.UTC) for number in range(days)]
    price = snap(goods.reference[product] * np.exp(rivals.observed[day, offer]), world.currency, ())
    moments = pl.Series(dates, dtype=pl.Datetime("us", "UTC"))
    rival = pl.Series([f"rival-{number}" for number in range(3)]).gather(rivals.competitor[offer])
    return _typed(
        {"observed_at": moments.gather(day), "sku": _keys(product), "competitor": rival, "price": price},
        defined.COMPETITOR_PRICES,
    )


def promotions_table(cut: Floats, goods: Assortment, start: dt.date) -> pl.DataFrame:
    """One row a promotion; `cut` (D, n) is the price cut as a share of the list price."""
    cut = np.where(np.arange(len(cut))[:, None] >= goods.launched, cut, 0.0)
    edge = np.zeros((1, cut.shape[1]))
    step = np.diff(np.vstack([edge, cut, edge]), axis=0)
    product, begin = np.nonzero(((step != 0)[:-1] & (cut > 0)).T)
    _, after = np.nonzero(((step != 0)[1:] & (cut > 0)).T)
    columns = {
        "sku": _keys(product),
        "start": _dates(begin, start),
        "end": _dates(after, start),
        "kind": ["price cut"] * len(product),
        "depth": cut[begin, product],
    }
    return _typed(columns, defined.PROMOTIONS)


def calendar_table(events: Ints, start: dt.date) -> pl.DataFrame:
    return _typed({"date": _dates(events, start), "event": ["Sale day"] * len(events)}, defined.CALENDAR)


def _bound(minor: Floats, scale: float) -> list[float | None]:
    return [float(value) / scale if np.isfinite(value) else None for value in minor]


def _keys(product: Ints) -> pl.Series:
    count = int(product.max()) + 1 if len(product) else 0
    return pl.Series(skus(count), dtype=pl.String).gather(product)


def _dates(day: Ints, start: dt.date) -> pl.Series:
    return pl.Series(np.asarray(day, dtype="int64") + (start - dt.date(1970, 1, 1)).days, dtype=pl.Int32).cast(pl.Date)


def _typed(columns: Mapping[str, Any], table: defined.Table) -> pl.DataFrame:
    frame = pl.DataFrame({name: values if isinstance(values, pl.Series) else pl.Series(values) for name, values in columns.items()})
    return frame.cast({name: table.by_name[name].dtype for name in frame.columns})
