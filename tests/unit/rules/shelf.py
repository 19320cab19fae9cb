"""A few items written out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Ints, Ladder
from pricesmith.contracts.policy import policy_from
from pricesmith.contracts.rule import Context, Rule
from pricesmith.contracts.tables import ITEMS
from pricesmith.rules import RULES

DAY = dt.date(2026, 12, 24)
EUR = Context(DAY, "EUR", "gross")
USUAL: dict[str, Any] = {
    "channel": "web",
    "region": "DE",
    "category": "home/pans",
    "current_price": 1000,
    "landed_cost": 500.0,
    "tax_rate": 0.0,
    "fee_rate": 0.0,
    "payment_rate": 0.0,
    "return_rate": 0.0,
    "active": 1,
    "currency": "EUR",
}


def items(*rows: dict[str, Any]) -> pl.DataFrame:
    """Table ITEMS with the usual cells where a row says nothing else."""
    whole = [{"item": n, "sku": f"S{n}", **USUAL, **row} for n, row in enumerate(rows)]
    return pl.DataFrame([{c.name: row.get(c.name) for c in ITEMS.columns} for row in whole], schema=ITEMS.schema, orient="row")


def rules(*plain: dict[str, Any], currency: str = "EUR") -> tuple[Rule, ...]:
    return policy_from({"currency": currency, "rule": list(plain)}, RULES).rules


def rule(kind: str, **fields: Any) -> Rule:
    return rules({"kind": kind, **fields})[0]


def ladder(frame: pl.DataFrame, *prices: int) -> Ladder:
    """The same prices for every item, joined with its current price."""
    rows = [sorted({*prices, *([row] if row is not None else [])}) for row in frame["current_price"]]
    width = max(map(len, rows))
    whole = np.array([row + [row[-1]] * (width - len(row)) for row in rows], dtype=np.int64)
    valid = np.array([[k < len(row) for k in range(width)] for row in rows])
    current = np.array([-1 if now is None else row.index(now) for row, now in zip(rows, frame["current_price"], strict=True)])
    return Ladder(whole, valid, current)


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)
