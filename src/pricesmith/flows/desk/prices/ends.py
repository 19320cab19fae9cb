"""Prices of today that a run keeps though they end otherwise than a rule of endings asks: it binds prices that change, and no others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.rule import Context
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import KEY, Run

ENDINGS = "price_endings"


def kept_otherwise(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    """Those of the rows of the run's products whose price stays and ends otherwise than one of its rules of endings asks of new prices."""
    rules = [rule for rule in run.policy.rules if rule.kind == ENDINGS]
    kept = rows.filter((pl.col("action") == "keep") & pl.col("current_price").is_not_null())
    if not rules or kept.is_empty():
        return kept.clear()
    named = {column for rule in rules for column in rule.where} - set(kept.columns)
    items = kept.with_columns([pl.lit(None, dtype=pl.String).alias(column) for column in sorted(named)])
    prices = kept["current_price"].cast(pl.Int64).to_numpy()[:, None]
    context = Context(run.as_of, run.currency, run.policy.tax)
    fits = np.all([rule.admits(items, prices, context)[:, 0] for rule in rules], axis=0)
    return kept.filter(~pl.Series(fits))


def with_endings(run: Run, shown: pl.DataFrame, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a page of the table with `ends_otherwise`. shown: the same products with the columns of the run"""
    found: Collection[Key] = {Key(*row) for row in kept_otherwise(run, shown).select(KEY).iter_rows()}
    return [{**row, "ends_otherwise": _key(row) in found} for row in rows]


def _key(row: Mapping[str, Any]) -> Key:
    return Key(row["sku"], row["channel"], row["region"])
