"""The list price behind order lines, day by day, told apart from what single customers paid.

Quantity breaks, coupons and other price lists come again and again at the same multiple of the list price; the list price stays for weeks,
then moves a little. How often which multiple is paid is learned from the shop itself, by turns with the paths that it makes likely (hard
expectation maximisation: segmental k-means, Juang and Rabiner 1990). Where the small lines of a product mostly pay more, by what a quantity
discount usually takes off, theirs is the list price: the others had the discount.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from .price_paths import AT, BIN, CLASSES, Floats, Ints, Lines, path

SAME = 0.005
"""Two list prices within this relative distance are one."""
SMALL_SHARE, LARGE_SHARE = 0.25, 0.75
"""A line is small where its units are at most the first, and large where they are above the second quantile of the line sizes of its
product and channel."""
GRAIN = 0.0025
"""Prices of a product that differ by less, in logs, are one price."""
MOST_POINTS = 60
"""Prices of a product that can be its list price, those of the most lines."""
TURNS, SAMPLE = 3, 1000
"""Turns of learning, and products that are learned from."""
BEFORE = 200.0
"""Lines that what is believed beforehand is worth."""
_BELIEVED = {0: (0.45, 0.45, 0.10), 1: (0.75, 0.15, 0.10)}
"""Share of large (0) and small (1) lines that pay the list price, less, and more, before any line is seen."""
_REACH = 0.7
_ODD = 0.05
"""Share of lines that may pay anything."""
DISCOUNT = -np.log(0.75)
"""What quantity discounts usually take off at most, in logs."""
BLOCK, ORDER = 91, 3
"""Days whose lines say what a product costs then, and lines from which on an order tells of its customer."""
_CELLS = 4_000_000


def list_prices(sold: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`_quote`, the list price, by `item` and `date`, of every day with a line that was sold at a price.

    sold   order lines with units above 0: item, order_id, date, units, price;  items: item, sku, channel
    Days on which only orders of another price list hold the product are left out.
    """
    lines = _sized(_of_the_usual_list(sold.filter(pl.col("price") > 0)), items)
    if lines.is_empty():
        return lines.select("item", "date", pl.col("price").alias("_quote"))
    points, groups = _points(lines), _groups(lines)
    shares = _learned(points, groups)
    return _settled(pl.concat([_quotes(part, shares) for part in _parts(points, groups)]).sort("item", "date"), lines)


def _of_the_usual_list(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines without those of orders that pay another, dearer price list: most of their lines pay well over what their products cost then.

    Products change their prices one by one, so an order of ORDER lines that are mostly dear tells of its customer. Cheap orders stay: a
    sale in the whole shop looks like them.
    """
    block = (pl.col("date").cast(pl.Int32) // BLOCK).alias("block")
    over = lines.select("item", "order_id", block, "price").with_columns(
        (pl.col("price") / pl.col("price").median().over("item", "block")).log().alias("over")
    )
    dear = over.group_by("order_id").agg((pl.col("over").median() > DISCOUNT) & (pl.len() >= ORDER)).filter("over")
    kept = lines.join(dear.select("order_id"), on="order_id", how="anti", maintain_order="left")
    without = lines.join(kept.select("item").unique(), on="item", how="anti", maintain_order="left")
    return pl.concat([kept, without])


def _sized(sold: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Lines with whether they are small or large, and with the number of their price (see GRAIN)."""
    groups = items.select("item", pl.struct("sku", "channel").rank("dense").alias("group"))
    sized = sold.join(groups, on="item", how="left")
    units = pl.col("units")
    least, most = (units.quantile(share, "lower") for share in (SMALL_SHARE, LARGE_SHARE))
    limits = sized.group_by("group").agg(least.alias("limit"), most.alias("most"))
    small = (units <= pl.col("limit")).cast(pl.Int64).alias("small")
    number = (pl.col("price").log() / GRAIN).round().cast(pl.Int64).alias("number")
    return sized.join(limits, on="group", how="left").select("item", "date", "price", small, number, large=units > pl.col("most"))


def _points(lines: pl.DataFrame) -> pl.DataFrame:
    """`item`, `point` (major units) and its `row` from 0, ascending: the prices of each product that can be its list price."""
    counted = lines.group_by("item", "number").agg(pl.len().alias("lines"), pl.col("price").median().alias("point"))
    ranked = counted.sort("item", "lines", "point", descending=[False, True, True])
    kept = ranked.group_by("item", maintain_order=True).head(MOST_POINTS)
    return kept.sort("item", "point").select("item", "point", pl.int_range(pl.len()).over("item").alias("row"))


def _groups(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of one product, day, price and size, counted: item, date, small, paid (log), count, and the number of its day as `step`."""
    counted = lines.group_by("item", "date", "number", "small").agg(
        pl.len().cast(pl.Float64).alias("count"), pl.col("price").median().log().alias("paid")
    )
    return counted.with_columns((pl.col("date").rank("dense").over("item") - 1).cast(pl.Int64).alias("step"))


@dataclass(frozen=True, slots=True)
class Part:
    """Some products, laid out for their paths. days: item, date and owner of the rows of `lines.date`;  prices: of lines.points"""

    lines: Lines
    days: pl.DataFrame
    prices: Floats


def _parts(points: pl.DataFrame, groups: pl.DataFrame) -> Iterator[Part]:
    """All products in parts that fit into memory; those with alike numbers of prices together."""
    width = points.group_by("item").agg(pl.len().alias("width"))
    load = width.join(groups.group_by("item").agg(pl.len().alias("lines")), on="item").sort("width", "item")
    load = load.with_columns((pl.col("width") * pl.col("lines")).cum_sum().floordiv(_CELLS).alias("part"))
    for (_,), some in load.group_by("part", maintain_order=True):
        wanted = some.select("item")
        yield _laid_out(points.join(wanted, on="item", how="semi"), groups.join(wanted, on="item", how="semi"))


def _laid_out(points: pl.DataFrame, groups: pl.DataFrame) -> Part:
    order = groups.group_by("item").agg(pl.col("step").max()).sort("step", "item", descending=[True, False])
    owner = order.select("item", pl.int_range(pl.len()).alias("owner"))
    placed = points.join(owner, on="item")
    prices = np.full((int(points["row"].max()) + 1, order.height), np.nan)  # type: ignore[arg-type]
    prices[placed["row"].to_numpy(), placed["owner"].to_numpy()] = placed["point"].to_numpy()
    rows = groups.join(owner, on="item").sort("step", "owner", "paid", "small")
    days = rows.select("step", "owner", "item", "date").unique(maintain_order=True).with_row_index("day")
    rows = rows.join(days.select("step", "owner", "day"), on=["step", "owner"], how="left", maintain_order="left")
    step = days["step"].to_numpy()
    lines = Lines(
        points=np.log(prices),
        date=days["date"].cast(pl.Int32).to_numpy().astype(np.int64),
        starts=np.searchsorted(step, np.arange(int(step[-1]) + 2)),
        day=rows["day"].to_numpy().astype(np.int64),
        owner=rows["owner"].to_numpy().astype(np.int64),
        small=rows["small"].to_numpy(),
        count=rows["count"].to_numpy(),
        paid=rows["paid"].to_numpy(),
    )
    return Part(lines, days.select("item", "date", "owner"), prices)


def _learned(points: pl.DataFrame, groups: pl.DataFrame) -> Floats:
    """(2, CLASSES) share of large and of small lines that pay each multiple of the list price."""
    items = points["item"].unique().sort()
    some = pl.DataFrame({"item": items.gather_every(max(len(items) // SAMPLE, 1))})
    known = points.join(some, on="item", how="semi"), groups.join(some, on="item", how="semi")
    believed = np.stack([_believed(*_BELIEVED[small]) for small in (0, 1)])
    shares = believed
    for _ in range(TURNS):
        seen = sum((_seen(part.lines, path(part.lines, shares)) for part in _parts(*known)), np.zeros((2, CLASSES)))
        mixed = (seen + BEFORE * believed) / (seen.sum(axis=1, keepdims=True) + BEFORE)
        shares = (1.0 - _ODD) * mixed + _ODD / CLASSES
    return np.asarray(shares)


def _believed(at: float, less: float, more: float) -> Floats:
    """(CLASSES,) shares: the list price itself, and the rest evenly over what is less and more by up to _REACH."""
    over = (np.arange(CLASSES) - AT) * BIN
    below, above = (over < 0) & (over > -_REACH), (over > 0) & (over < _REACH)
    shares = below * less / below.sum() + above * more / above.sum() + (over == 0) * at
    return np.asarray((1.0 - _ODD) * shares + _ODD / CLASSES)


def _seen(lines: Lines, stood: Ints) -> Floats:
    """(2, CLASSES) lines by size and by the multiple of the list price that they paid."""
    over = _over(lines, stood)
    return np.stack([np.bincount(over[lines.small == size], lines.count[lines.small == size], CLASSES) for size in (0, 1)])


def _over(lines: Lines, stood: Ints) -> Ints:
    """(m,) class of the multiple of the list price that each group paid."""
    list_price = lines.points[stood[lines.day], lines.owner]
    return np.asarray(np.clip(np.rint((lines.paid - list_price) / BIN), -AT, AT) + AT, dtype=np.int64)


def _quotes(part: Part, shares: Floats) -> pl.DataFrame:
    stood = path(part.lines, shares)
    owner = part.days["owner"].to_numpy()
    quote = part.prices[stood, owner] * np.exp(_discount(part.lines, stood))[owner]
    return part.days.select("item", "date").with_columns(_quote=pl.Series(quote))


def _settled(quotes: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Quotes in which a last price below the one before, that so far only large lines have paid, is the one before: a discount likelier.

    quotes  item, date, _quote, sorted;  lines: item, date, large
    """
    last = pl.col("_quote").last().over("item")
    earlier = quotes.filter((pl.col("_quote") / last - 1.0).abs() > SAME)
    before = earlier.group_by("item").agg(pl.col("date").last().alias("until"), pl.col("_quote").last().alias("before"))
    since = lines.join(before, on="item").filter(pl.col("date") > pl.col("until"))
    thin = since.group_by("item").agg(pl.col("large").all()).filter("large")
    told = quotes.join(before.join(thin, on="item", how="semi"), on="item", how="left", maintain_order="left")
    taken = (pl.col("date") > pl.col("until")) & (pl.col("_quote") < pl.col("before"))
    return told.select("item", "date", pl.when(taken).then("before").otherwise("_quote").alias("_quote"))


def _discount(lines: Lines, stood: Ints) -> Floats:
    """(k,) what most small lines of each product pay over the path of its price, in logs, where it is a usual quantity discount; else 0."""
    products, over = lines.points.shape[1], _over(lines, stood)
    small = lines.small == 1
    counted = np.zeros((products, CLASSES))
    np.add.at(counted, (lines.owner[small], over[small]), lines.count[small])
    most = counted.argmax(axis=1)
    usual = (most > AT) & ((most - AT) * BIN <= DISCOUNT) & (counted.max(axis=1) > counted[:, AT])
    return np.where(usual, (most - AT) * BIN, 0.0)
