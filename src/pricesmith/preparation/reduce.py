"""A sales table too large to hold as rows -> weekly sums, checked as strictly as rows are.

One stream over the files counts what is sound and sums it. Only where the sums say that something is wrong (fewer sound rows than rows, an
item's week with one day twice, a product that nobody knows) are those rows read again, and judged by `validate` like every other row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import SALES

from .parse import parse
from .prepared import QUARANTINE, SALE_KEY
from .validate import Checked, validate
from .weekly import ITEM, MILLIONTHS, ROW, Weekly, add, doubled, item_numbers, monday, weekly_sums

OPTIONAL = ("channel", "region", "promo", "list_price", "views")
PAIRS_AT_ONCE = 200_000
"""Doubled weeks of items that are read again at a time: bounds the memory where a whole file stands twice."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """weekly: sums of the accepted rows;  the rest as in Prepared, for the sales table alone."""

    weekly: Weekly
    quarantine: pl.DataFrame
    unknown: pl.DataFrame
    rows: int
    repeated: int


@dataclass(frozen=True, slots=True)
class _Rows:
    frame: pl.DataFrame


def can_reduce(raw: LargeTable) -> bool:
    """Streams need typed columns: dates as dates, numbers as numbers."""
    schema = raw.lazy.collect_schema()
    typed = [name for name, column in SALES.by_name.items() if column.kind != "text" and name in schema]
    return all(schema[name] != pl.String for name in typed) and schema.get("sku") == pl.String


def reduce(raw: LargeTable, known: pl.Series, timezone: str) -> Reduced:
    """Weekly sums of a large sales table.

    raw       typed rows (see `can_reduce`)
    known     products that the shop has
    """
    given = {name for name in OPTIONAL if name in raw.lazy.collect_schema()} | {"sku"}
    sound, typed = _reading(raw, given, timezone)
    sums = weekly_sums(typed, given).collect(engine="streaming")
    judged: list[Checked] = []
    if int((sums["mask"] // ROW).sum()) < raw.rows:
        judged.append(validate(SALES, _Rows(raw.pick(~sound)), timezone))
    sums, strangers = _without_strangers(raw, sums, known, sound, timezone)
    sums, twice = _without_doubled(raw, sums, given, sound, timezone)
    judged += strangers + twice
    return _reduced(raw, sums, given, judged)


def _reading(raw: LargeTable, given: set[str], timezone: str) -> tuple[pl.Expr, pl.LazyFrame]:
    """Which rows are sound, and these rows typed. Text is left as it stands: it is cleaned once per distinct value, later."""
    schema = raw.lazy.collect_schema()
    parsed = {
        name: parse("sales", SALES.by_name[name], schema[name], timezone) for name in ("date", "units", "price", *given) if name not in ITEM
    }
    sound = pl.all_horizontal((pl.col("sku").str.len_bytes() > 0).fill_null(False), *(one.sound for one in parsed.values()))
    text = [pl.col(name) for name in ITEM if name in given]
    return sound, raw.lazy.filter(sound).select(*text, *(one.value.alias(name) for name, one in parsed.items()))


def _without_strangers(
    raw: LargeTable, sums: pl.DataFrame, known: pl.Series, sound: pl.Expr, timezone: str
) -> tuple[pl.DataFrame, list[Checked]]:
    """Sums of the shop's products; the rows of others go to quarantine."""
    names = sums["sku"].unique().cast(pl.String)
    strange = names.filter(~names.str.strip_chars().is_in(known.implode()))
    if not len(strange):
        return sums, []
    checked = validate(SALES, _Rows(raw.pick(sound & pl.col("sku").is_in(strange.implode()))), timezone)
    rejected = checked.without(pl.repeat(True, checked.accepted.height, eager=True), "sku", "unknown_sku")
    return sums.filter(~pl.col("sku").cast(pl.String).is_in(strange.implode())), [rejected]


def _without_doubled(
    raw: LargeTable, sums: pl.DataFrame, given: set[str], sound: pl.Expr, timezone: str
) -> tuple[pl.DataFrame, list[Checked]]:
    """Sums in which no day of an item stands twice: the weeks concerned are read again, row by row."""
    numbers, _ = item_numbers(sums, given)
    week = (sums["week_promo"] // 3).to_numpy().astype(np.int64)
    twice = doubled(numbers, week, sums["mask"].to_numpy())
    if not twice.any():
        return sums, []
    weeks = sums.select("sku", pl.col("week_promo") // 3)
    pairs = weeks.filter(twice).unique().sort("sku", "week_promo")
    kept = [sums.filter(~pl.struct("sku", pl.col("week_promo") // 3).is_in(pairs.to_struct().implode()))]
    judged = []
    for start in range(0, pairs.height, PAIRS_AT_ONCE):
        part = pairs[start : start + PAIRS_AT_ONCE].with_columns(pl.col("sku").cast(pl.String))
        checked = validate(SALES, _Rows(_rows_of(raw, part, sound, timezone)), timezone)
        judged.append(checked)
        typed = checked.accepted.lazy().select("date", "units", "price", *given)
        kept.append(weekly_sums(typed, given).collect().select(sums.columns).cast(sums.schema))
    return add(kept, given), judged


def _rows_of(raw: LargeTable, pairs: pl.DataFrame, sound: pl.Expr, timezone: str) -> pl.DataFrame:
    """Sound rows of weeks of products. pairs: columns sku (as in the file) and week_promo (number of the week)."""
    date = parse("sales", SALES.by_name["date"], raw.lazy.collect_schema()["date"], timezone).value
    wanted = sound & pl.col("sku").is_in(pairs["sku"].unique().implode()) & monday(date).is_in(pairs["week_promo"].unique().implode())
    rows = raw.pick(wanted)
    return rows.with_columns(monday(date).alias("week_promo")).join(pairs, on=["sku", "week_promo"], how="semi").drop("week_promo")


def _reduced(raw: LargeTable, sums: pl.DataFrame, given: set[str], judged: list[Checked]) -> Reduced:
    numbers, keys = item_numbers(sums, given)
    promo = pl.col("week_promo") % 3
    cells = sums.select(
        pl.Series("number", numbers, dtype=pl.Int32),
        pl.col("week_promo") // 3,
        pl.when(promo < 2).then(promo).cast(pl.Int8).alias("promo"),
        "price",
        (pl.col("units") / MILLIONTHS).alias("units"),
        (pl.col("mask") % ROW).alias("bits"),
        _given("list_price", given),
        _given("views", given) / MILLIONTHS,
    ).rename({"week_promo": "week"})
    weekly = Weekly(keys, cells)
    quarantine = pl.concat([pl.DataFrame(schema=QUARANTINE), *(one.quarantine for one in judged)]).sort("file", "line")
    bad = [one.bad.select(SALE_KEY) for one in judged]
    unknown = weekly.unobserved(pl.concat([SALES.empty().select(SALE_KEY), *bad]).drop_nulls().unique())
    return Reduced(weekly, quarantine, unknown, raw.rows, sum(one.repeated for one in judged))


def _given(name: str, given: set[str]) -> pl.Expr:
    return (pl.col(name) if name in given else pl.lit(None, dtype=pl.Float64)).alias(name)
