"""A small made shop for tests: deterministic, built from the table definitions, with demand that falls with the price.

    snapshot = made_snapshot(seed=1, products=12, days=200)

Nothing here is random by itself: the same arguments give the same tables.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.money import to_minor
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import CALENDAR, CELLS, ITEMS, PROMOTIONS, Column, Table

AS_OF = dt.date(2026, 3, 2)
_STEP = {"day": 1, "week": 7, "month": 28}
_BRANDS = ("Acme", "Birke", "Corda")
_CATEGORIES = ("home/kitchen", "home/garden", "toys")


def made_snapshot(
    seed: int = 0, *, products: int = 12, days: int = 200, as_of: dt.date = AS_OF, currency: str = "EUR", period: str = "day"
) -> Snapshot:
    """A shop of `products` items, each with `days` periods of history that end the day before as_of.

    Demand is Poisson around level * (price / usual price) ** elasticity with a weekly and a yearly swing; elasticities lie in -3.5 .. -1.5.
    Every third item has a competitor, every fourth belongs to a family of two, some periods are promotions or partly out of stock.
    """
    rng = np.random.default_rng(seed)
    cells = pl.concat([_history(item, days, as_of, period, rng) for item in range(products)]) if products * days else CELLS.empty()
    cells = cells.sort(CELLS.key)
    items = _items(products, cells, currency, as_of, rng)
    return Snapshot(
        as_of,
        currency,
        period,
        items,
        cells,
        calendar=_calendar(as_of, days, period),
        promotions=_promotions(products, as_of, rng),
        reviews=_reviews(cells, rng),
    )


def made_rows(table: Table, count: int, seed: int = 0) -> pl.DataFrame:
    """`count` valid rows of any table, every column filled within its bounds; key columns are unique together."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {column.name: _values(column, count, rng, column.name in table.key) for column in table.columns}, schema=table.schema
    )


def _values(column: Column, count: int, rng: np.random.Generator, key: bool) -> pl.Series:
    low, high = column.low or 0.0, column.high if column.high is not None else (column.low or 0.0) + 100.0
    number = np.arange(count)
    if column.kind == "text":
        return pl.Series([f"{column.name}-{n:04d}" if key else column.example or f"{column.name} {n % 7}" for n in number], dtype=pl.String)
    if column.kind == "date":
        return pl.Series([AS_OF - dt.timedelta(days=int(n) + 1) for n in number], dtype=pl.Date)
    if column.kind == "moment":
        start = dt.datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=dt.UTC)
        return pl.Series([start - dt.timedelta(minutes=int(n) + 1) for n in number], dtype=column.dtype)
    if column.kind in {"flag", "integer", "minor", "index"}:
        return pl.Series(number if key else rng.integers(int(low), int(high) + 1, count)).cast(column.dtype)
    return pl.Series(np.round(rng.uniform(low, high, count), 2)).cast(column.dtype)


def _history(item: int, days: int, as_of: dt.date, period: str, rng: np.random.Generator) -> pl.DataFrame:
    step = _STEP[period]
    day = np.datetime64(as_of, "D") - step * np.arange(days, 0, -1)
    usual = float(np.round(rng.uniform(4.0, 40.0), 2))
    list_price = np.round(usual * rng.choice([0.9, 1.0, 1.1, 1.2], days // 28 + 1).repeat(28)[:days], 2)
    promo = (np.arange(days) % 29 < 3) & (item % 2 == 0)
    price = np.where(promo, np.round(list_price * 0.8, 2), list_price)
    available = np.where((np.arange(days) % 53 == 7) & (item % 3 == 1), 0.5, 1.0)
    season = 1.0 + 0.2 * np.sin(2 * np.pi * day.astype(np.int64) / 365.25) + 0.2 * (day.astype(np.int64) % 7 >= 5)
    rate = rng.uniform(0.5, 8.0) * step * season * (price / usual) ** rng.uniform(-3.5, -1.5) * available
    units = rng.poisson(rate).astype(float)
    rival = np.round(usual * (1.0 + 0.1 * np.sin(np.arange(days) / 17.0)), 2) if item % 3 == 0 else np.full(days, np.nan)
    return pl.DataFrame(
        {
            "item": np.full(days, item),
            "date": day,
            "price": price,
            "promo": promo,
            "promo_kind": pl.Series(np.where(promo, np.where(np.arange(days) % 58 < 29, "flyer", "coupon"), "")).replace("", None),
            "units": units,
            "days": np.ones(days),
            "available": available,
            "list_price": list_price,
            "competitor_price": pl.Series(rival).fill_nan(None),
            "cost": np.full(days, round(usual * 0.55, 2)),
            "views": units * 12.0 + rng.integers(0, 9, days),
        },
        schema=CELLS.schema,
        strict=False,
    )


def _items(products: int, cells: pl.DataFrame, currency: str, as_of: dt.date, rng: np.random.Generator) -> pl.DataFrame:
    last = cells.group_by("item", maintain_order=True).last()
    known = {row["item"]: row for row in last.iter_rows(named=True)}
    rows = [_item(number, known.get(number), currency, as_of, int(rng.integers(0, 90))) for number in range(products)]
    return pl.DataFrame(rows, schema=ITEMS.schema, orient="row")


def _item(number: int, last: dict[str, float] | None, currency: str, as_of: dt.date, on_hand: int) -> dict[str, object]:
    listed = None if last is None else to_minor(last["list_price"], currency)
    cost = None if last is None else float(to_minor(last["cost"], currency) or 0)
    rival = None if last is None or last["competitor_price"] is None else to_minor(last["competitor_price"], currency)
    known: dict[str, object] = {
        "item": number,
        "sku": f"A{number:03d}",
        "channel": "default",
        "region": "default",
        "name": f"product {number}",
        "brand": _BRANDS[number % 3],
        "category": _CATEGORIES[number % 3],
        "family": f"pair-{number // 8}-{number % 4}" if number % 4 == 0 else None,
        "role": "key" if number % 5 == 0 else "tail",
        "currency": currency,
        "active": 1,
        "pack_size": 1.0,
        "current_price": listed,
        "landed_cost": cost,
        "unit_cost": cost,
        "shipping": 0.0,
        "tax_rate": 0.19,
        "fee_rate": 0.0,
        "payment_rate": 0.02,
        "return_rate": 0.05,
        "cost_assumed": 0,
        "tax_assumed": 0,
        "competitor_price": None if rival is None else float(rival),
        **dict.fromkeys(("competitor_cheapest", "competitor_second", "competitor_average"), None if rival is None else float(rival)),
        "competitor_offers": 0 if rival is None else 2,
        "on_hand": float(on_hand),
        "launched": as_of - dt.timedelta(days=400),
        "last_sale": None if last is None else last["date"],
    }
    return {column.name: known.get(column.name) for column in ITEMS.columns}


def _calendar(as_of: dt.date, days: int, period: str) -> pl.DataFrame:
    past = [(as_of - dt.timedelta(days=back), "sale day", None) for back in range(20, max(days * _STEP[period], 21), 90)]
    return pl.DataFrame([*past, (as_of + dt.timedelta(days=5), "holiday", None)], schema=CALENDAR.schema, orient="row").sort("date")


def _promotions(products: int, as_of: dt.date, rng: np.random.Generator) -> pl.DataFrame:
    rows = [
        (f"A{number:03d}", as_of + dt.timedelta(days=int(ahead)), as_of + dt.timedelta(days=int(ahead) + 2), "flyer", 0.2)
        for number, ahead in zip(range(0, products, 4), rng.integers(1, 20, products), strict=False)
    ]
    return pl.DataFrame(rows, schema=PROMOTIONS.schema, orient="row")


def _reviews(cells: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    chosen = cells.filter(pl.Series(rng.uniform(size=cells.height) < 0.05)).select("item", "date").unique(maintain_order=True)
    stars = rng.integers(1, 6, chosen.height).astype(float)
    return chosen.with_columns(pl.Series("stars", stars), pl.Series("reviews", np.ones(chosen.height, np.int64)))
