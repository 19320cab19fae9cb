"""Rows at the last gate that every guard lets through, to be changed one column at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES
from pricesmith.guards import GUARDS
from pricesmith.testing.changes import NOW, open_state

LIMITS = GuardPolicy()
HOUR, MINUTE, SECOND = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)

ROW: dict[str, Any] = {
    "sku": "A",
    "channel": "web",
    "region": "DE",
    "price": 1000,
    "currency": "EUR",
    "current_price": 1000,
    "tax_rate": 0.25,
    "fee_rate": 0.1,
    "payment_rate": 0.1,
    "discount_share": 0.2,
    "landed_cost": 256.0,
    "median_30d": 1000.0,
    "low_24h": 1000,
    "high_24h": 1000,
    "price_7d": 1000,
    "changes_24h": 0,
    "changed_at": NOW - 24 * HOUR,
    "revenue": 100.0,
    "cost_at": NOW - HOUR,
    "follows": 1,
    "competitor_at": NOW - HOUR,
    "sellers": 5,
    "influence": 0.01,
    "uses_stock": 1,
    "stock_at": NOW - HOUR,
    "anchor_price": 1000.0,
    "alternations_48h": 0,
    "needs": 1,
    "agreed": 2,
    "rank": 0.5,
    "forbidden": 0,
    "undo": 0,
}
"""Its floor is 256 / (1 / 1.25 x 0.8) / 0.8 = 500."""


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """Table CHANGES of rows that differ from ROW as told; products are named A, B, ... unless told."""
    whole = [ROW | {"sku": f"P{number:05d}"} | row for number, row in enumerate(rows)]
    return pl.DataFrame(whole, schema=CHANGES.schema, strict=False)


def many(count: int, **columns: Any) -> pl.DataFrame:
    """`count` rows; a list gives one value a row."""
    return table(*({name: value[row] if isinstance(value, list) else value for name, value in columns.items()} for row in range(count)))


def ask(name: str, changes: pl.DataFrame, limits: GuardPolicy = LIMITS, **state: Any) -> Verdict:
    return GUARDS[name].judge(changes, open_state(**state), limits)


def code(name: str, row: dict[str, Any] | None = None, limits: GuardPolicy = LIMITS, **state: Any) -> str:
    """What a guard says of one row."""
    found = ask(name, table(row or {}), limits, **state).held
    assert found.shape == (1,)
    return str(found[0])


def stop(name: str, changes: pl.DataFrame | None = None, limits: GuardPolicy = LIMITS, **state: Any) -> str:
    """Why a guard stops the channel."""
    return ask(name, table({}) if changes is None else changes, limits, **state).stop


__all__ = ["HOUR", "LIMITS", "MINUTE", "NOW", "ROW", "SECOND", "State", "ask", "code", "many", "stop", "table"]
