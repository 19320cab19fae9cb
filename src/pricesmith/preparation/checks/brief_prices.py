"""Current prices that were charged on the last days of sale alone and lie well below those of the weeks before: a special, most often."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.preparation.prepared import Warning_
from pricesmith.preparation.specials import LONGEST, longest_special

from .facts import Facts, found

DAYS = 2
"""Days of sale at its current price up to which a product may have it by a special; where the shop's specials were found, theirs."""
MANY = 9
"""Specials from which the longest of them tells how long they last here: the next one is as long at most in nine cases of ten."""
BEFORE = 28
LATELY = 45
"""Days up to the last sale of the shop in which all of this lies; products that have sold nothing for longer are told of elsewhere."""
LEAST = 5
"""Days of sale among the 28 before, from which a usual price is told."""
LOW = 0.9
"""Share of the usual price from which down a current price is taken for a special."""
COLUMNS = ("item", "date", "price", "promo", "list_price", "suspect")
_SAME = 0.01
_USUAL = 0.05
"""How far prices of days may lie from the current price, and from the usual one, to count as the same: half of the days must."""
_TEXT = (
    "{products} products have had their current price on their last days of sale alone ({days} at most), and one at least a tenth higher "
    "in the four weeks before: if that is a special, gains over it are no gains over what the shop asks; write what it asks into `price` "
    "of the product table and since when into `price_from`, or the special into the promotions table"
)


def check_brief_prices(facts: Facts) -> list[Warning_]:
    """Products whose current price is that of few days; shops that tell weeks or months have no such days."""
    if facts.policy.period != "day" and not facts.derived:
        return []
    brief, days = lately_brief(facts.rows, facts.prices, facts.last)
    return found("price_brief", "orders" if facts.derived else "sales", "warning", brief, _TEXT, days=days)


def lately_brief(rows: pl.DataFrame, prices: pl.DataFrame, last: dt.date) -> tuple[pl.DataFrame, int]:
    """Such products as `brief_prices` tells them, and the days of sale up to which their price counts as brief.

    rows    sales history up to `last`, see `history`
    prices  current price by item and sku, and whether and since when the product table says it: such are none. Without a day they may be,
            where the shop's specials were found: a table made while one runs has its price
    """
    specials = rows["special"].any()
    days = max(DAYS, longest_special(rows, MANY) or LONGEST) if specials else DAYS
    said = pl.col("price_since").is_not_null() if specials else pl.col("price_stated") == 1
    lately = rows.select(COLUMNS).filter(pl.col("date") > last - dt.timedelta(days=LATELY))
    return brief_prices(lately, prices.filter(~said), days), days


def brief_prices(rows: pl.DataFrame, prices: pl.DataFrame, days: int = DAYS) -> pl.DataFrame:
    """`sku`, `item`, `current_price`, the `usual` price of the four weeks before it and that of the last day `before` (major units).

    rows  sales history, COLUMNS of `history`;  prices: current price by item and sku, major units
    days  of sale at the current price, at most; beyond DAYS the price of the last day before counts as well as the usual one
    """
    regular = rows.filter((pl.col("price") > 0) & (pl.col("promo") == 0) & ~pl.col("suspect")).select("item", "date", price="list_price")
    asked = regular.join(prices.select("item", "sku", "current_price"), on="item")
    same = (pl.col("price") / pl.col("current_price") - 1.0).abs() <= _SAME
    since = asked.filter(~same).group_by("item").agg(pl.col("date").max().alias("until"), before=pl.col("price").sort_by("date").last())
    asked = asked.join(since, on="item")
    now = asked.filter(pl.col("date") > pl.col("until")).group_by("item").agg(pl.col("date").n_unique().alias("days"))
    before = asked.filter(pl.col("date").is_between(pl.col("until") - dt.timedelta(days=BEFORE - 1), pl.col("until")))
    usual = before.with_columns(usual=pl.col("price").median().over("item"))
    near = ((pl.col("price") / pl.col("usual") - 1.0).abs() <= _USUAL).mean()
    known = usual.group_by("item").agg(
        pl.col("sku", "current_price", "usual").first(), pl.col("before").first(), days_before=pl.len(), near=near
    )
    beside = pl.col("usual") if days <= DAYS else pl.max_horizontal("usual", "before")
    brief = known.join(now, on="item").filter(
        (pl.col("days") <= days) & (pl.col("days_before") >= LEAST) & (pl.col("near") >= 0.5) & (pl.col("current_price") <= LOW * beside)
    )
    return brief.select("sku", "item", "current_price", "usual", "before").sort("item")
