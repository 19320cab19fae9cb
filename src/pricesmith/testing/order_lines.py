"""Order lines of shops whose list prices are known, by what hides them from who looks at what was paid.

lines, truth = made_lines("coupons", 24, 360, np.random.default_rng(3))
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

KINDS = ("breaks", "coupons", "trade", "second list", "everything")
"""Quantity breaks; coupons on 15 % of lines; breaks where three lines of four are large; orders at 1.9 times it; all of these."""
START = dt.date(2024, 1, 1)
ELASTICITY = -2.5
_ORDERS = 12
"""Orders of a day: each line falls into one of them."""
_DEAR = 0.35


def made_lines(kind: str, products: int, days: int, rng: np.random.Generator) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """Lines (`order_id`, `date`, `sku`, `units`, `price`) and the list price (products, days) behind them.

    Prices change every 45 days, by 12 %; three weeks a year are promotions at a fifth off. Products sell .15 to 4 lines a day.
    """
    dear = rng.random((days, _ORDERS)) < _DEAR
    truth, rows = np.empty((products, days)), []
    for product in range(products):
        base, rate = rng.uniform(3, 40), np.exp(rng.uniform(np.log(0.15), np.log(4)))
        truth[product] = price = _list_price(base, days, rng)
        for day, count in enumerate(rng.poisson(rate * (price / base) ** ELASTICITY)):
            for order in rng.integers(0, _ORDERS, count):
                units, factor = _line(kind, bool(dear[day, order]), rng)
                date = START + dt.timedelta(days=day)
                rows.append((f"o{day}-{order}", date, f"S{product:03d}", units, round(price[day] * factor, 2)))
    lines = pl.DataFrame(rows, schema=["order_id", "date", "sku", "units", "price"], orient="row")
    return lines.sort("sku", "date", "order_id", "units", "price"), truth


def _list_price(base: float, days: int, rng: np.random.Generator) -> NDArray[np.float64]:
    changes = np.cumsum(rng.exponential(45, days // 10 + 5)).astype(int)
    levels = np.maximum(np.round(base * np.exp(rng.normal(0, 0.12, changes.size + 1)), 1) - 0.01, 0.5)
    price: NDArray[np.float64] = levels[np.searchsorted(changes, np.arange(days), side="right")]
    for start in rng.choice(days, max(days // 120, 1)):
        price[start : start + 7] = np.round(0.8 * price[start : start + 7], 2)
    return price


def _line(kind: str, dear: bool, rng: np.random.Generator) -> tuple[float, float]:
    """Units of a line, and what it pays over the list price."""
    large = rng.random() < (0.75 if kind == "trade" else 0.3)
    units = float(rng.choice([10, 12, 20, 24, 50]) if large else rng.choice([1, 1, 1, 2, 2, 3, 4, 6]))
    factor = 1.0
    if kind != "coupons" and large:
        factor = 0.92 if units < 50 else 0.85
    if kind in ("coupons", "everything") and rng.random() < 0.15:
        factor *= float(rng.choice([0.9, 0.95, 0.8]))
    return units, factor * (1.9 if kind in ("second list", "everything") and dear else 1.0)
