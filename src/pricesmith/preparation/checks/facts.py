"""What the checks look at: the tables, and the sales history up to the last row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.preparation.prepared import Warning_, warn


@dataclass(frozen=True, slots=True)
class Facts:
    """rows: sales history with column `sku`, see `history`;  prices: current price by item and sku (major units);  last: last sales day;
    later: sales rows dated so far after it that they are taken for slips."""

    tables: dict[str, pl.DataFrame]
    rows: pl.DataFrame
    prices: pl.DataFrame
    unknown: pl.DataFrame
    derived: bool
    last: dt.date
    policy: Policy
    later: pl.DataFrame


def found(code: str, table: str, level: str, rows: pl.DataFrame, message: str, column: str = "sku") -> list[Warning_]:
    """One warning about `rows`, with its products as examples; none where there are no rows. `message` may name {count} and {products}."""
    if not rows.height:
        return []
    examples = rows[column].unique().sort()
    text = message.format(count=rows.height, products=len(examples))
    return [warn(code, table, level, f"{table}: {text}", rows.height, examples.head(5))]
