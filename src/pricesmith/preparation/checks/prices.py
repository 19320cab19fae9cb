"""Prices that look like slips, and current prices outside their limits."""

from __future__ import annotations

import math

import polars as pl

from pricesmith.preparation.prepared import Warning_
from pricesmith.preparation.suspects import FACTOR

from .facts import Facts, found

SLIP_TOLERANCE = math.log(1.03)
OUTLIER_FACTOR = 2.0
_LEAST = math.log(OUTLIER_FACTOR) - 2 * SLIP_TOLERANCE
"""Only items with a price at least so far off (in logs) can have a slip or an outlier: packs hold two pieces or more."""
OUTLIER_DEVIATIONS = 8.0
_SCALE = 1.4826
_SET_ASIDE = "days with a price more than 5 times off are left out of learning"


def check_prices(facts: Facts) -> list[Warning_]:
    """Unit slips, pack against piece, outliers, goods given away, and prices outside min_price and max_price."""
    off = pl.col("off").log()
    strange = facts.rows.filter((off.abs() > _LEAST) | (pl.col("price") <= 0)).select("item").unique()
    packs = facts.tables["products"].select("sku", pl.col("pack_size").fill_null(1.0))
    rows = (
        facts.rows.join(strange, on="item", how="semi", maintain_order="left")
        .join(packs, on="sku", how="left")
        .with_columns(
            (pl.min_horizontal((off.abs() - math.log(10**power)).abs() for power in (1, 2, 3)) < SLIP_TOLERANCE).alias("slip"),
            ((pl.col("pack_size") >= 2) & ((off.abs() - pl.col("pack_size").log()).abs() < SLIP_TOLERANCE) & (pl.col("promo") == 0)).alias(
                "pack"
            ),
        )
    )
    spread = (off - off.median().over("item")).abs().median().over("item") * _SCALE
    far = (off.abs() > math.log(OUTLIER_FACTOR)) & ((off.abs() > OUTLIER_DEVIATIONS * spread) | (off.abs() > math.log(FACTOR)))
    known = pl.col("off").is_not_null() & (pl.col("price") > 0)
    slips, packed = rows.filter(known & pl.col("slip")), rows.filter(known & ~pl.col("slip") & pl.col("pack"))
    outliers = rows.filter(known & far & ~pl.col("slip") & ~pl.col("pack"))
    source = "orders" if facts.derived else "sales"
    return [
        *found(
            "unit_slip", source, "warning", slips, "{count} prices of {products} products are 10, 100 or 1000 times off their median "
            f"(cents for euros?); mend them in the source; {_SET_ASIDE}",
        ),
        *found(
            "pack_slip", source, "warning", packed, "{count} prices of {products} products differ from the median by just the pack size "
            f"(pack for piece?); mend them in the source; {_SET_ASIDE}",
        ),
        *found("price_outlier", source, "warning", outliers, "{count} prices of {products} products are far from their median; "
               f"check them; {_SET_ASIDE}"),
        *found("zero_price", source, "warning", rows.filter((pl.col("price") <= 0) & (pl.col("units") > 0)),
               "{count} rows of {products} products sell units at a price of 0; they are left out of learning; write the price charged"),
        *_limits(facts),
    ]  # fmt: skip


def _limits(facts: Facts) -> list[Warning_]:
    products = facts.tables["products"]
    priced = facts.prices.join(products.select("sku", "min_price", "max_price"), on="sku")
    outside = priced.filter((pl.col("current_price") < pl.col("min_price")) | (pl.col("current_price") > pl.col("max_price")))
    crossed = products.filter(pl.col("min_price") > pl.col("max_price"))
    strange = products.filter(pl.col("currency") != facts.policy.currency)
    return [
        *found(
            "price_outside_limits", "products", "warning", outside,
            "{count} current prices lie outside min_price and max_price; the next run moves them inside, or holds them",
        ),
        *found("limits_contradict", "products", "warning", crossed, "{count} products have min_price above max_price; no price fits"),
        *found(
            "currency_mismatch", "products", "warning", strange,
            f"{{count}} products are not in {facts.policy.currency}, the shop's currency; they are held; convert their prices",
        ),
    ]  # fmt: skip
