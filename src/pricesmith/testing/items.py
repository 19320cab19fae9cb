"""Items that are hard on rules: missing values, zero and absurd costs, fees that eat the price, groups, zones, equal and extreme prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pricesmith.contracts.curves import Ladder
from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import ITEMS

_TEXT: dict[str, list[str | None]] = {
    "brand": ["own", "national", "own-label", "Acme", None],
    "category": ["home/kitchen/pans", "home/garden", "toys", "gifts/small", ""],
    "role": ["good", "better", "best", "key", None],
    "channel": ["web", "shop"],
    "region": ["DE", "FR"],
}


def hard_items(rng: np.random.Generator, count: int, currency: str = "EUR", missing: float = 0.08) -> pl.DataFrame:
    """`count` rows of table ITEMS in random order of everything but `item`.

    missing  share of empty cells in each column that may be empty
    Money has as many decimals as the currency, costs one more, rates two or three, as files have.
    """
    frame = {name: pl.Series(name, values, strict=False) for name, values in _certain(rng, count).items()}
    for name, choices in _TEXT.items():
        frame[name] = pl.Series(name, [choices[n] for n in rng.integers(0, len(choices), count)], dtype=pl.String)
    for name, values in _perhaps(rng, count, 10 ** exponent(currency)).items():
        frame[name] = pl.Series(name, np.where(rng.random(count) < missing, np.nan, values)).fill_nan(None)
    for name, factor in (("cheapest", 0.9), ("second", 0.95), ("average", 1.02)):
        frame[f"competitor_{name}"] = (frame["competitor_price"] * factor).round(1)
    frame["currency"] = pl.Series("currency", [currency] * count, dtype=pl.String)
    return pl.DataFrame({c.name: frame.get(c.name, pl.Series(c.name, [None] * count)).cast(c.dtype, strict=False) for c in ITEMS.columns})


def _certain(rng: np.random.Generator, count: int) -> dict[str, NDArray[Any]]:
    """Columns without empty cells. Each sku stands in up to three rows, each family has five."""
    return {
        "sku": np.array([f"{'AB'[n % 2]}{n // 3:05d}" for n in range(count)], dtype=object),
        "family": np.array([f"f{n // 5}" for n in range(count)], dtype=object),
        "tax_rate": rng.choice([0.0, 0.07, 0.19, 0.2], count),
        "fee_rate": rng.choice([0.0, 0.08, 0.15, 0.985], count, p=[0.6, 0.2, 0.17, 0.03]),
        "payment_rate": rng.choice([0.0, 0.02, 0.015], count),
        "return_rate": rng.choice([0.0, 0.05, 0.3], count),
        "shipping": np.zeros(count),
        "item": np.arange(count),
        "active": (rng.random(count) > 0.05).astype(np.int8),
    }


def _perhaps(rng: np.random.Generator, count: int, scale: int) -> dict[str, NDArray[Any]]:
    """Columns that may be empty."""
    current = np.maximum(1, np.round(rng.lognormal(np.log(20 * scale), 1.5, count)))
    landed = np.round(np.where(rng.random(count) < 0.05, 0.0, current * rng.uniform(0.2, 1.3, count)), 1)
    low, high = (0.5, 1.1), (0.9, 2.0)
    return {
        "current_price": current,
        "landed_cost": landed,
        "unit_cost": landed,
        "competitor_price": np.round(current * rng.uniform(0.6, 1.6, count) * 2) / 2,
        "min_price": np.round(current * rng.uniform(*low, count)),
        "max_price": np.round(current * rng.uniform(*high, count)),
        "map_price": np.round(current * rng.uniform(*low, count)),
        "rrp": np.round(current * rng.uniform(*high, count)),
        "pack_size": rng.choice([1.0, 2.0, 6.0, 12.0], count),
    }


def hard_ladder(rng: np.random.Generator, items: pl.DataFrame, width: int = 16) -> Ladder:
    """A ladder of random, round and usual prices around each current price, the current price among them; one row in ten is short."""
    current = items["current_price"].fill_null(0).to_numpy()
    known = current > 0
    base = np.where(known, current, 1000)[:, None]
    loose = np.round(base * rng.uniform(0.5, 1.6, (items.height, width - 1)))
    usual = np.floor(loose / 100) * 100 + rng.choice([99, 49, 90, 0], loose.shape)
    chosen = np.maximum(np.where(rng.random(loose.shape) < 0.6, usual, loose), 1).astype(np.int64)
    prices = np.sort(np.concatenate([chosen, base.astype(np.int64)], axis=1), axis=1)
    valid = np.concatenate([np.ones((items.height, 1), dtype=bool), np.diff(prices, axis=1) > 0], axis=1)
    own = np.where(known, (prices == current[:, None]).argmax(axis=1), -1)
    valid &= (rng.random(items.height) > 0.1)[:, None] | (np.arange(width) % 3 == 0)
    valid[np.flatnonzero(known), own[known]] = True
    return Ladder(prices, valid, own.astype(np.int64))
