"""Table ITEMS: what may be priced, as of the day of the run."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.money import exponent, minor_expr
from pricesmith.contracts.offers import REFERENCES, column_of
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import ITEMS

from .competitors import with_reference
from .costs import latest_costs
from .list_share import with_list_share
from .prepared import Prepared
from .stated import stated_prices

RIVALS = tuple(map(column_of, REFERENCES))
_MONEY = ("min_price", "max_price", "map_price", "rrp")


def build_items(
    keys: pl.DataFrame, rows: pl.DataFrame, prepared: Prepared, reference: pl.DataFrame, policy: Policy, as_of: dt.date
) -> pl.DataFrame:
    """Items of the keys.

    keys       item, sku, channel, region
    rows       sales history before `as_of`, see `history`
    reference  competitor references, see `references`
    """
    scale = 10.0 ** exponent(policy.currency)
    items = (
        latest_costs(prepared.tables["costs"], prepared.tables["products"], keys, as_of, policy.fees)
        .join(prepared.tables["products"].drop("unit_cost", "price", "price_from"), on="sku", how="left")
        .join(asked_prices(keys, rows, prepared, policy, as_of), on="item", how="left")
        .join(_last_stock(prepared.tables["stock"], as_of), on="sku", how="left")
        .sort("item")
    )
    items = with_list_share(items, prepared, policy, as_of)
    items = with_reference(items.with_columns(date=pl.lit(as_of)), reference, [*RIVALS, "competitor_offers"])
    landed = (pl.col("unit_cost") + pl.col("shipping")) * scale
    named = named_tax(policy)
    assumed = pl.lit(policy.data.cost_assumed) & pl.col("unit_cost").is_not_null()
    items = items.with_columns(
        *(minor_expr(pl.col(name), policy.currency) for name in _MONEY),
        _asked(minor_expr(pl.col("current_price"), policy.currency)).alias("current_price"),
        pl.col("category").fill_null(""),
        pl.col("active").fill_null(1),
        landed.alias("landed_cost"),
        pl.col("unit_cost") * scale,
        pl.col("shipping") * scale,
        *(pl.col(name) * scale for name in RIVALS),
        pl.col("competitor_offers").fill_null(0),
        pl.col("price_stated").fill_null(0),
        named.fill_null(0.0).alias("tax_rate"),
        assumed.cast(pl.Int8).alias("cost_assumed"),
        named.is_null().cast(pl.Int8).alias("tax_assumed"),
    )
    return items.select(pl.col(name).cast(dtype) for name, dtype in ITEMS.schema.items())


def _asked(price: pl.Expr) -> pl.Expr:
    """None in place of a price, in minor units, that is less than the least coin: nobody asks that."""
    return pl.when(price > 0).then(price)


def named_tax(policy: Policy) -> pl.Expr:
    """Tax inside the price of each row of table PRODUCTS, null where prices contain tax and nobody says how much."""
    if policy.tax == "gross":
        return pl.coalesce("tax_rate", pl.lit(policy.data.tax_rate, pl.Float64))
    return pl.repeat(0.0, pl.len())  # a literal of its own is no column to Polars where it filters a long table


def asked_prices(keys: pl.DataFrame, rows: pl.DataFrame, prepared: Prepared, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """`current_price` (major units), `last_sale`, `price_stated` and `price_since` by item: as the product table says where that counts,
    else as sales do.

    keys, rows  as in `build_items`;  an item with neither has no row
    """
    told = stated_prices(keys, rows, prepared, policy, as_of).filter("counts").select("item", "stated", price_since="since")
    joined = current_prices(rows).join(told, on="item", how="full", coalesce=True).sort("item")
    price = pl.coalesce("stated", "current_price").alias("current_price")
    return joined.select("item", price, "last_sale", "price_since", price_stated=pl.col("stated").is_not_null().cast(pl.Int8))


def current_prices(rows: pl.DataFrame) -> pl.DataFrame:
    """Current price (major units) and date of the last row, by item.

    rows  sorted by item and date

    The latest row outside promotions counts, with its list price where given; without one, the latest row. Suspect rows never count.
    """
    sound = rows.filter(~pl.col("suspect"))
    latest = [part.unique("item", keep="last", maintain_order=True) for part in (sound.filter(pl.col("promo") == 0), sound)]
    regular, any_row = (
        part.select("item", pl.col("list_price").alias(name)) for part, name in zip(latest, ("regular", "any"), strict=True)
    )
    prices = any_row.join(regular, on="item", how="left").select("item", pl.coalesce("regular", "any").alias("current_price"))
    last = rows.group_by("item").agg(pl.col("last" if "last" in rows.columns else "date").max().alias("last_sale"))
    return last.join(prices, on="item", how="left")


def _last_stock(stock: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    before = stock.filter(pl.col("date") < as_of).sort("sku", "date")
    return before.group_by("sku", maintain_order=True).agg(pl.col("on_hand").last())
