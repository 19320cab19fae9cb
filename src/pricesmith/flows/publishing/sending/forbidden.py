"""Prices of a run that a hard rule in force forbids, though the rules that the run was made under allowed them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import Context, Rule
from pricesmith.contracts.tables import DECISIONS, ITEMS
from pricesmith.flows.publishing.answers.approval import run_row
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.rederive import settings_of
from pricesmith.rules.apply import fits_alone, limit

KEY = list(DECISIONS.key)


def forbidden(ledger: Ledger, run: str, prices: pl.DataFrame, policy: Policy) -> pl.Series:
    """(n,) 1 where a hard rule in force forbids the price of its product, as the run knew that; null for a product that it did not know.

    Only rules on a product alone are asked. What a run was made under it kept, so that other rules alone can forbid a price of it.

    prices  keys and `price`, minor units; a product may stand there more than once
    """
    row = run_row(ledger, run)
    if _rules_of(ledger, run) == tuple(policy.rules):
        return pl.Series("forbidden", [0] * prices.height, dtype=pl.Int8)
    items = _items(ledger, row)
    asked = prices.select(*KEY, "price").join(items, on=KEY, how="left", maintain_order="left")
    as_of = row["as_of"]
    assert isinstance(as_of, dt.date)
    broken = _broken(policy.rules, asked, Context(as_of, str(row["currency"]), policy.tax))
    return asked.select(forbidden=pl.when(pl.col("item").is_not_null()).then(broken.cast(pl.Int8)))["forbidden"]


def _rules_of(ledger: Ledger, run: str) -> tuple[Rule, ...] | None:
    """The rules that a run was made under; None where this version cannot read them: then the rules in force are asked."""
    try:
        return tuple(settings_of(ledger, run).rules)
    except PolicyError:
        return None


def _items(ledger: Ledger, row: Mapping[str, object]) -> pl.DataFrame:
    """Table ITEMS of a run; columns that its version did not know are null."""
    names = msgspec.json.decode(str(row["snapshot"]), type=dict[str, str])
    items = contents.to_tables(ledger, {"items": names["items"]})["items"]
    missing = [pl.lit(None, column.dtype).alias(column.name) for column in ITEMS.columns if column.name not in items.columns]
    return items.with_columns(missing)


def _broken(rules: Sequence[Rule], asked: pl.DataFrame, context: Context) -> pl.Series:
    """(n,) whether a hard rule forbids the price, or any rule every change of the product. asked: rows of ITEMS with `price`"""
    bounds = limit(rules, asked, context)
    price = asked["price"].cast(pl.Int64).to_numpy()[:, None]
    fits = fits_alone(rules, asked, price, bounds.low, bounds.high, context)[:, :, 0]
    hard = np.array([rule.hard for rule in rules], dtype=bool)[:, None]
    return pl.Series((~fits & hard).any(axis=0) | (bounds.hold != ""), dtype=pl.Boolean)
