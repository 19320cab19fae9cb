"""Made price changes at the last gate: a batch that every guard lets through, and the channel in which it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State
from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import CHANGES

NOW = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)


def open_state(**changed: Any) -> State:
    """A channel in which nothing is wrong and every wave may leave."""
    plain: dict[str, Any] = {
        "at": NOW,
        "target": "web",
        "currency": "EUR",
        "stopped": "",
        "attested": True,
        "shadow_days": 30.0,
        "wave": 1.0,
        "orders": 3,
        "usual": 4.0,
        "margin_change": 0.0,
        "clock_skew": 0.5,
    }
    return State(**(plain | changed))


def clean_changes(rng: np.random.Generator, count: int, currency: str = "EUR", at: dt.datetime = NOW, step: float = 0.03) -> pl.DataFrame:
    """Table CHANGES of moves up to `step` that obey every guard; half of the products follow competitors, a third depend on stock."""
    unit = 10 ** exponent(currency)
    now = np.maximum(np.round(np.exp(rng.normal(3.2, 0.8, count)) * unit), 200)
    price = np.clip(np.round(now * (1 + rng.uniform(-step, step, count))), np.ceil(now * (1 - step)), np.floor(now * (1 + step)))
    hours = [rng.uniform(0.1, most, count) for most in (20, 5, 1.5, 300)]
    when = [pl.Series([at - dt.timedelta(hours=float(age) + 0.3) for age in ages], dtype=pl.Datetime("us", "UTC")) for ages in hours]
    filled: dict[str, Any] = {
        "sku": [f"P{number:07d}" for number in range(count)],
        "channel": ["web"] * count,
        "region": ["DE"] * count,
        "price": price.astype(np.int64),
        "currency": [currency] * count,
        "current_price": now.astype(np.int64),
        "tax_rate": rng.choice([0.07, 0.19], count),
        "fee_rate": rng.uniform(0.0, 0.1, count),
        "payment_rate": np.full(count, 0.02),
        "discount_share": rng.choice([0.0, 0.05, 0.1], count),
        "landed_cost": now * rng.uniform(0.2, 0.55, count),
        "min_price": np.floor(now * 0.5).astype(np.int64),
        "max_price": np.ceil(now * 2.0).astype(np.int64),
        "exception_floor": None,
        "median_30d": now * rng.uniform(0.97, 1.03, count),
        "low_24h": now.astype(np.int64),
        "high_24h": now.astype(np.int64),
        "price_7d": np.round(now * rng.uniform(0.95, 1.05, count)).astype(np.int64),
        "changes_24h": rng.integers(0, 3, count),
        "changed_at": when[3],
        "revenue": now * np.exp(rng.normal(0.0, 1.0, count)),
        "cost_at": when[0],
        "follows": rng.integers(0, 2, count),
        "competitor_at": when[1],
        "sellers": rng.integers(3, 9, count),
        "influence": rng.uniform(0.0, 0.04, count),
        "uses_stock": (rng.random(count) < 0.3).astype(np.int8),
        "stock_at": when[2],
        "anchor_price": now * rng.uniform(0.97, 1.03, count),
        "alternations_48h": rng.integers(0, 3, count),
        "frozen_until": None,
        "needs": np.ones(count, dtype=np.int64),
        "agreed": np.full(count, 2),
        "rank": rng.permutation(count) / max(count, 1),
        "forbidden": np.zeros(count, dtype=np.int8),
        "undo": np.zeros(count, dtype=np.int8),
    }
    return pl.DataFrame(filled).select(pl.col(name).cast(kind) for name, kind in CHANGES.schema.items())


def hard_changes(rng: np.random.Generator, count: int, currency: str = "EUR") -> pl.DataFrame:
    """Clean changes spoilt at random: empty and impossible cells, slips of unit, the same price, undos, products twice."""
    table = clean_changes(rng, count, currency, step=0.15)
    spoilt = []
    for name, kind in CHANGES.schema.items():
        column = table[name]
        if kind.is_numeric():
            factor = pl.Series(rng.choice([1.0, -1.0, 0.0, 0.1, 0.5, 2.0, 10.0, 100.0], count, p=[0.79, *[0.03] * 7]))
            column = (column * factor).cast(kind, strict=False).alias(name)
        if kind.is_float():
            odd = pl.Series(rng.choice([np.nan, np.inf, -np.inf, 0.0], count))
            column = pl.select(pl.when(pl.lit(pl.Series(rng.random(count) < 0.05))).then(odd).otherwise(column)).to_series().alias(name)
        if name not in CHANGES.key:
            column = pl.select(pl.when(pl.lit(pl.Series(rng.random(count) >= 0.05))).then(column)).to_series().alias(name)
        spoilt.append(column)
    twice = pl.Series(rng.random(count) < 0.02)
    return pl.DataFrame(spoilt).with_columns(
        pl.when(twice).then(pl.lit("P0000000")).otherwise("sku").alias("sku"),
        pl.Series("undo", (rng.random(count) < 0.1).astype(np.int8)),
        pl.when(pl.Series(rng.random(count) < 0.1)).then(pl.lit(4995)).otherwise("price").alias("price"),
    )
