"""Specials that nobody marked: prices that fell for some days and came back.

A promotion sells more than its price does, and much of what it sells is no answer to a price that stays. Where the tables mark no
promotion, each counted as a move of the list price and made demand look more elastic than it is.

The price that a product asks beside its specials is the morphological closing of its prices in time (Serra 1982): at every row the largest
price that rows on both sides of it reach, LONGEST days and one apart at most. What lies well below it is a dip. Where a shop's dips usually
end at the price before them, as sale prices do (the V-shaped filter of Nakamura and Steinsson 2008) and prices under review do not, such
dips are specials. Those that end at another price may be either, so they teach nothing: taken for specials they made the lift of a special
too small, and what was missing of it passed for an answer to price.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

LONGEST = 14
"""Days that a special lasts at most: the rows on both its sides are no more than a day further apart."""
CUT = 0.05
"""Least share by which a special lies below the price beside it."""
SAME = 0.01
BACK = 0.5
"""Least share of a shop's dips on whose two sides the price is the same, within SAME: else its prices move for other reasons."""
COMPLETE = 0.5
"""Share of what is found that a table of promotions names, from which it is taken to name all there are."""
MOST = 1 / 3
"""Share of a product's rows above which what looks like specials is one of its usual prices: of weekends, of an experiment."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def with_specials(rows: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Add `special` and `doubtful`: the row is one of a special, or may be. Specials get `promo` = 1, doubtful rows `suspect`.

    rows   of days: columns item, date, price, promo, suspect; sorted by item and date
    asked  item, date and price of what the shop says it asks from a day on; days after the item's rows count, as a price that came back
    Rows that are on a planned promotion are neither; where the plans name COMPLETE of what is found, they are believed to name all.
    A price that has not come back yet is neither.
    """
    kept, found = rows.with_row_index("row").filter(~pl.col("suspect")), np.zeros((2, rows.height), dtype=bool)
    last = kept.group_by("item").agg(pl.col("date").max().alias("last"))
    later = asked.join(last, on="item").filter(pl.col("date") > pl.col("last"))
    points = pl.concat([kept.select("row", "item", "date", "price"), later.select("item", "date", "price")], how="diagonal").sort(
        "item", "date"
    )
    marks = specials(points["item"].to_numpy(), points["date"].to_physical().to_numpy(), points["price"].to_numpy())
    known = points["row"].is_not_null().to_numpy()
    found[:, points["row"].drop_nulls().to_numpy()] = marks[:, known]
    planned = (rows["promo"] == 1).to_numpy()
    if planned.any():
        complete = (found[0] & planned).sum() >= COMPLETE * found[0].sum()
        found = found & ~planned & (not complete)
    promo = pl.when("special").then(pl.lit(1, dtype=pl.Int8)).otherwise("promo")
    marked = rows.with_columns(pl.Series(name, flags) for name, flags in zip(("special", "doubtful"), found, strict=True))
    return marked.with_columns(promo.alias("promo"), suspect=pl.col("suspect") | pl.col("doubtful"))


def without_specials(rows: pl.DataFrame) -> pl.DataFrame:
    """The same columns where none are sought."""
    return rows.with_columns(special=pl.lit(False), doubtful=pl.lit(False))


def longest_special(rows: pl.DataFrame, least: int) -> int | None:
    """Days with a sale of the longest special, None below `least` specials. rows: columns item, special; sorted by item and date"""
    spans = rows.select("special", span=pl.struct("item", "special").rle_id()).filter("special").group_by("span").len()
    return int(spans["len"].max()) if spans.height >= least else None  # type: ignore[arg-type]


def doubtful_days(rows: pl.DataFrame) -> pl.DataFrame:
    """`item` and `date` of the days without a row amid doubtful ones: what they sold, and at what price, is as unknown.

    rows  columns item, date, doubtful; sorted by item and date
    """
    amid = pl.col("doubtful") & pl.col("doubtful").shift(-1) & (pl.col("item") == pl.col("item").shift(-1))
    day = pl.duration(days=1)
    gaps = rows.select("item", "date", amid.alias("amid"), pl.col("date").shift(-1).alias("next")).filter("amid")
    gaps = gaps.filter(pl.col("next") > pl.col("date") + day)
    return gaps.select("item", pl.date_ranges(pl.col("date") + day, pl.col("next") - day).alias("date")).explode("date")


def marked(rows: pl.DataFrame) -> bool:
    """Whether any sales row says whether it is on promotion, or what the list price is. rows: columns promo, promo_kind, list_price."""
    return any(rows[name].null_count() < rows.height for name in ("promo", "promo_kind", "list_price"))


def specials(item: Ints, date: Ints, price: Floats) -> NDArray[np.bool_]:
    """(2, n) which rows are specials, and which are doubtful.

    item, date, price  (n,) sorted by item and date; dates as whole days, prices above 0
    """
    low, found = price < (1.0 - CUT) * closing(item, date, price, LONGEST + 1), np.zeros((2, price.size), dtype=bool)
    starts, ends = np.flatnonzero(low[1:] & ~low[:-1]) + 1, np.flatnonzero(low[:-1] & ~low[1:])
    if not starts.size:
        return found
    # the first and the last row of an item are never low, so a dip has both its neighbours in its own item
    same = np.abs(np.log(price[ends + 1] / price[starts - 1])) <= SAME
    if same.mean() < BACK:
        return found
    _, owner, rows = np.unique(item, return_inverse=True, return_counts=True)
    unusual = np.bincount(owner, weights=low) <= MOST * rows
    found[:, low] = np.repeat([same, ~same], ends - starts + 1, axis=1)
    return found & unusual[owner]


def closing(item: Ints, date: Ints, price: Floats, days: int) -> Floats:
    """(n,) at every row the largest price that rows before and after it reach (or it and one of them), no more than `days` apart.

    It is the least of the largest prices in all windows of `days` that hold the row: those that begin just after an earlier row, and the
    one that ends with it.
    """
    if not item.size:
        return price
    span = int(date.max() - date.min()) + 2 * days + 2
    place = (item.astype(np.int64) * span + date).astype(np.int64)
    here, ahead = pl.DataFrame({"at": place, "price": price}), pl.DataFrame({"at": -place[::-1], "price": price[::-1]})
    since = here.select(pl.col("price").rolling_max_by("at", window_size=f"{days + 1}i", closed="right")).to_series()
    after = ahead.select(pl.col("price").rolling_max_by("at", window_size=f"{days}i", closed="left")).to_series().reverse()
    windows = pl.DataFrame({"at": place, "after": after})
    least = windows.select(pl.col("after").rolling_min_by("at", window_size=f"{days}i", closed="left")).to_series()
    return pl.select(pl.min_horizontal(since, least)).to_series().to_numpy()
