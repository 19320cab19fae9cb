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
_MESSAGES = {
    "unit_slip": "{count} prices of {products} products are 10, 100 or 1000 times off their median (cents for euros?); mend them",
    "pack_slip": "{count} prices of {products} products differ from the median by the pack size (pack for piece?); mend them",
    "price_outlier": "{count} prices of {products} products are far from their median; check them",
}
_SET_ASIDE = "days with a price more than 5 times off are left out of learning"


def check_prices(facts: Facts) -> list[Warning_]:
    """Unit slips, pack against piece, outliers, goods given away, and prices outside min_price and max_price."""
    source = "orders" if facts.derived else "sales"
    rows = _odd_rows(facts)
    given_away = rows.filter((pl.col("price") <= 0) & (pl.col("units") > 0))
    listed = [
        warning
        for code, text in _MESSAGES.items()
        for odd in [rows.filter(pl.col("kind") == code)]
        for warning in found(code, source, "warning", odd, f"{text}; {_SET_ASIDE}", facts.places(odd))
    ]
    text = "{count} rows of {products} products sell units at a price of 0; they are left out of learning; write the price charged"
    return [*listed, *found("zero_price", source, "warning", given_away, text, facts.places(given_away)), *_limits(facts)]


def _odd_rows(facts: Facts) -> pl.DataFrame:
    """Rows of items with any odd price; `kind` is the code of what is odd about a row, null where nothing is."""
    off = pl.col("off").log()
    odd = facts.rows.filter((off.abs() > _LEAST) | (pl.col("price") <= 0)).select("item").unique()
    packs = facts.tables["products"].select("sku", pl.col("pack_size").fill_null(1.0))
    rows = facts.rows.join(odd, on="item", how="semi", maintain_order="left").join(packs, on="sku", how="left", maintain_order="left")
    slip = pl.min_horizontal((off.abs() - math.log(10**power)).abs() for power in (1, 2, 3)) < SLIP_TOLERANCE
    pack = (pl.col("pack_size") >= 2) & ((off.abs() - pl.col("pack_size").log()).abs() < SLIP_TOLERANCE) & (pl.col("promo") == 0)
    spread = (off - off.median().over("item")).abs().median().over("item") * _SCALE
    far = (off.abs() > math.log(OUTLIER_FACTOR)) & ((off.abs() > OUTLIER_DEVIATIONS * spread) | (off.abs() > math.log(FACTOR)))
    kind = pl.when(slip).then(pl.lit("unit_slip")).when(pack).then(pl.lit("pack_slip")).when(far).then(pl.lit("price_outlier"))
    return rows.with_columns(pl.when(pl.col("off").is_not_null() & (pl.col("price") > 0)).then(kind).alias("kind"))


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
