"""Costs that came with a file and cannot be meant so: above the price of their product, or a power of ten away from the cost of before."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.contracts.money import major_expr
from pricesmith.contracts.tables import COSTS, INPUT, PRODUCTS
from pricesmith.flows.desk.guide.endings import current_prices
from pricesmith.flows.desk.reading.ledger import Reading

from .unsaid import rows_of

TABLES = (PRODUCTS.name, COSTS.name)
"""Tables that name costs."""
SHOWN = 3
"""Costs that are told one by one."""
NEAR = 0.06
"""How far the decimal logarithm of a cost through that of before may lie from 1 or 2, either way: about 15 %."""
KEY = ("sku", "channel", "region", "valid_from")
_AMOUNTS = ("unit_cost", "price")


class Doubted(msgspec.Struct, frozen=True):
    """A cost, the one that stood in its place or came before it, and the highest price of its product: major units or None."""

    sku: str
    cost: float
    before: float | None
    price: float | None


def costs_of(reading: Reading, table: str) -> pl.DataFrame:
    """Rows of a table that names costs, as they stand now: texts of KEY, numbers of `unit_cost` and `price`."""
    rows = rows_of(reading, INPUT[table])
    texts = [_text(name).fill_null("").alias(name) if name in rows.columns else pl.lit("").alias(name) for name in KEY]
    own = [name for name in _AMOUNTS if name in rows.columns and name in INPUT[table].by_name]
    numbers = [
        _text(name).cast(pl.Float64, strict=False).alias(name) if name in own else pl.lit(None, pl.Float64).alias(name) for name in _AMOUNTS
    ]
    return rows.select(*texts, *numbers) if "sku" in rows.columns else pl.DataFrame(schema=_schema())


def doubted(reading: Reading, table: str, was: pl.DataFrame) -> list[Doubted]:
    """Costs of rows that say something else than `was`, the rows of the table before, the largest first.

    Each is above every price of its product, or about 10 or 100 times the cost of before, or a tenth or a hundredth of that.
    """
    fresh = costs_of(reading, table).join(was, on=[*KEY, *_AMOUNTS], how="anti", nulls_equal=True).filter(pl.col("unit_cost") > 0)
    if fresh.is_empty():
        return []
    earlier = was.filter(pl.col("unit_cost") > 0).sort("valid_from", maintain_order=True)
    same = earlier.unique(KEY, keep="last").select(*KEY, same="unit_cost")
    other = earlier.unique("sku", keep="last").select("sku", other="unit_cost")
    told = fresh.join(same, on=KEY, how="left").join(other, on="sku", how="left").join(_prices(reading), on="sku", how="left")
    rows = told.select(
        "sku", cost="unit_cost", before=pl.coalesce("same", "other"), price=pl.coalesce("asked", "price")
    ).filter((pl.col("cost") > pl.col("price")).fill_null(False) | _slipped())  # fmt: skip
    return [Doubted(**row) for row in rows.unique(maintain_order=True).sort("cost", "sku", descending=[True, False]).to_dicts()]


def _slipped() -> pl.Expr:
    powers = (pl.col("cost") / pl.col("before")).log10().abs()
    return pl.any_horizontal((powers - power).abs() < NEAR for power in (1, 2)).fill_null(False)


def _prices(reading: Reading) -> pl.DataFrame:
    """sku and `asked`, its highest price, major units."""
    found = current_prices(reading).group_by("sku").agg(pl.col("price").max())
    return found.select("sku", asked=major_expr(pl.col("price"), reading.policy.currency))


def _schema() -> dict[str, type[pl.DataType]]:
    return {**dict.fromkeys(KEY, pl.String), **dict.fromkeys(_AMOUNTS, pl.Float64)}


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars()
