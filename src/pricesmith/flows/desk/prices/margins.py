"""What share of what the shop keeps of a price is left over the landed cost."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.economics import kept_share, margin_share

MARGINS = {"margin_now": "current_price", "margin": "price"}
"""Column -> the price whose margin it is."""


def with_margins(table: pl.DataFrame) -> pl.DataFrame:
    """The columns MARGINS besides: 1 - landed cost / (price after tax, fees and payment); null where one is not known or nothing is kept.

    table  prices and `landed_cost` in minor units, `tax_rate`, `fee_rate`, `payment_rate`
    """
    kept = kept_share(*(_numbers(table, name) for name in ("tax_rate", "fee_rate", "payment_rate")))
    landed = _numbers(table, "landed_cost")
    found = {name: margin_share(_numbers(table, price) * kept, landed) for name, price in MARGINS.items()}
    return table.with_columns(pl.Series(name, margin).fill_nan(None) for name, margin in found.items())


def _numbers(table: pl.DataFrame, name: str) -> Floats:
    return table[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
