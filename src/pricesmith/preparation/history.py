"""Sales rows as of a day: promotions marked or found, list prices rebuilt, suspect prices told apart."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import UNNAMED

from .list_price import with_list_price
from .orders import to_sales
from .prepared import SALE_KEY, Prepared
from .promotions import promotion_periods
from .specials import marked, with_specials, without_specials
from .stated import dated_prices
from .suspects import with_suspects
from .times import local_date
from .week_history import weeks_before

COLUMNS = ("item", "sku", "date", "units", "price", "promo", "promo_kind", "list_price", "views", "suspect", "off", "special", "doubtful")
ITEM_KEY = ["sku", "channel", "region"]


def policy_of(prepared: Prepared, policy: Policy) -> Policy:
    """The policy with the period in which the sales are held: weeks where they are too many for days."""
    return policy if prepared.weekly is None else msgspec.structs.replace(policy, period="week")


def sales_before(prepared: Prepared, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """Table SALES of the days before `as_of`, sorted by ITEM_KEY and date; sales made from orders are made again from the orders before it.

    Of weekly sums those of the weeks before it, with columns `bits` and `last` (see `weeks_before`).
    """
    if prepared.weekly is not None:
        return weeks_before(prepared.weekly, as_of)
    if not prepared.derived:
        return prepared.tables["sales"].filter(pl.col("date") < as_of)
    orders = prepared.tables["orders"]
    before = orders.filter(local_date(pl.col("at"), policy.timezone) < as_of)
    return prepared.tables["sales"] if before.height == orders.height else to_sales(before, policy.timezone)


def number_items(sales: pl.DataFrame, products: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Item keys (item and ITEM_KEY) of what may be priced, and the sales rows with `item`.

    sales  rows sorted by ITEM_KEY first
    What may be priced is every product, channel and region with a sales row, and every active product without one.
    """
    begins = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in ITEM_KEY)
    runs = sales.select(begins.alias("begins")).to_series()
    sold = sales.filter(runs).select(ITEM_KEY)
    unsold = products.filter(pl.col("active").fill_null(1) == 1).join(sold, on="sku", how="anti")
    never = unsold.select("sku", pl.lit(UNNAMED).alias("channel"), pl.lit(UNNAMED).alias("region"))
    keys = pl.concat([sold.with_columns(sold=pl.lit(True)), never.with_columns(sold=pl.lit(False))]).sort(ITEM_KEY).with_row_index("item")
    keys = keys.with_columns(pl.col("item").cast(pl.Int32))
    number = keys.filter("sold")["item"].gather(runs.cast(pl.Int32).cum_sum() - 1)
    return keys.drop("sold"), sales.with_columns(number.alias("item"))


def history(prepared: Prepared, policy: Policy, as_of: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Item keys, and their sales rows before `as_of`.

    The rows have COLUMNS (and, for weekly sums, bits and last) and are sorted by item and date. Rows of no units at a price of zero
    say nothing and are left out.
    """
    sales = sales_before(prepared, policy, as_of)
    keys, rows = number_items(sales, prepared.tables["products"])
    rows = rows.filter((pl.col("price") > 0) | (pl.col("units") > 0))
    sought = _sought(rows, prepared, policy)
    rows = _with_promotions(rows, prepared.tables["promotions"], policy.period, as_of)
    rows = _unknown_apart(with_suspects(rows), unknown_items(prepared, keys, as_of))
    rows = with_specials(rows, dated_prices(keys, prepared, as_of)) if sought else without_specials(rows)
    rows = with_list_price(rows)
    return keys, rows.select(*COLUMNS, *(name for name in ("bits", "last") if name in rows.columns))


def _with_promotions(rows: pl.DataFrame, promotions: pl.DataFrame, period: str, as_of: dt.date) -> pl.DataFrame:
    """Fill missing promotion flags and kinds from the promotions table, and add `depth` (null where unknown).

    A row that names a kind and leaves the flag open is on promotion; off promotion there is no kind.
    """
    planned = promotion_periods(promotions, rows["date"].unique().sort(), period, as_of)
    marked = planned.with_columns(pl.lit(1, dtype=pl.Int8).alias("_plan")).rename({"kind": "_kind"})
    none = [pl.lit(None, dtype=marked.schema[name]).alias(name) for name in ("depth", "_kind", "_plan")]
    joined = rows.join(marked, on=["sku", "date"], how="left", maintain_order="left") if marked.height else rows.with_columns(none)
    said = pl.when(pl.col("promo_kind").is_not_null()).then(pl.lit(1, dtype=pl.Int8))
    flagged = joined.with_columns(pl.coalesce("promo", said, "_plan", pl.lit(0, dtype=pl.Int8)).alias("promo"))
    kind = pl.when(pl.col("promo") == 1).then(pl.coalesce("promo_kind", "_kind"))
    return flagged.with_columns(kind.alias("promo_kind")).drop("_plan", "_kind")


def _sought(rows: pl.DataFrame, prepared: Prepared, policy: Policy) -> bool:
    """Whether specials are to be found: no row marks any, and they are those of days; weeks hide when a price fell and came back.

    rows  before promotions are filled in
    """
    return policy.data.unmarked_specials == "found" and policy.period == "day" and prepared.weekly is None and not marked(rows)


def _unknown_apart(rows: pl.DataFrame, unknown: pl.DataFrame) -> pl.DataFrame:
    """Days made of orders of which a line is in quarantine are incomplete, so suspect."""
    if not unknown.height:
        return rows
    marked = rows.join(unknown.with_columns(_unknown=pl.lit(True)), on=["item", "date"], how="left", maintain_order="left")
    return marked.with_columns(suspect=pl.col("suspect") | pl.col("_unknown").fill_null(False)).drop("_unknown")


def unknown_items(prepared: Prepared, keys: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Days that were not observed: columns item, date."""
    return prepared.unknown.filter(pl.col("date") < as_of).join(keys, on=ITEM_KEY).select("item", "date")


__all__ = ["ITEM_KEY", "SALE_KEY", "history", "number_items", "policy_of", "sales_before", "unknown_items"]
