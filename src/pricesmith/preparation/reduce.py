"""A sales table too large to hold as rows -> weekly sums, checked as strictly as rows are.

One pass over its parts counts what is sound and sums it. Only where the sums say that something is wrong (fewer sound rows than rows, an
item's week with one day twice, a product that nobody knows) are those rows read again, and judged by `validate` like every other row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.shop import UNNAMED
from pricesmith.contracts.tables import SALES

from .grouping import Ints, combined, positions, separate
from .names import Names
from .parse import parse
from .prepared import QUARANTINE, SALE_KEY
from .validate import Checked, validate
from .weekly import CODED, ITEM, MILLIONTHS, ROW, Weekly, add, doubled, monday, weekly_sums

OPTIONAL = ("channel", "region", "promo", "promo_kind", "list_price", "views")
PAIRS_AT_ONCE = 200_000
"""Doubled weeks of items that are read again at a time: bounds the memory where a whole file stands twice."""
SUMS_AT_ONCE = 16_000_000
"""Sums of parts that may wait to be added up."""


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the rows of a table are read.

    given  columns of OPTIONAL that the table has, and sku
    sound  expression: True where nothing is wrong with a row by itself
    typed  expressions of the columns of a sound row; text as it stands
    """

    raw: LargeTable
    timezone: str
    given: set[str]
    sound: pl.Expr
    typed: list[pl.Expr]

    def judged(self, wanted: pl.Expr) -> Checked:
        """The verdict on the rows for which an expression holds."""
        return validate(SALES, _Rows(self.raw.pick(wanted)), self.timezone)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Weekly sums (see `weekly_sums`), the names that their codes stand for, and the number of rows in them."""

    frame: pl.DataFrame
    names: dict[str, Names]
    rows: int


def can_reduce(raw: LargeTable) -> bool:
    """Sums need typed columns: dates as dates, numbers as numbers, names as text."""
    schema = raw.schema
    typed = [name for name, column in SALES.by_name.items() if column.kind != "text" and name in schema]
    named = [schema[name] for name in CODED if name in schema]
    return all(schema[name] != pl.String for name in typed) and all(kind in (pl.String, pl.Categorical, pl.Enum) for kind in named)


def reduce(raw: LargeTable, known: pl.Series, timezone: str, barred: Collection[str] = ()) -> Reduced:
    """Weekly sums of a large sales table.

    raw       typed rows (see `can_reduce`)
    known     products that the shop has
    barred    products whose own row was set aside
    """
    reading = _reading(raw, timezone)
    blanks = {"channel": UNNAMED, "region": UNNAMED, "promo_kind": ""}
    expected = {name: Names.of(pl.Series([blank]), blank) for name, blank in blanks.items() if name in reading.given}
    sums = _sums(reading, {"sku": Names.of(known, ""), **expected})
    judged = [reading.judged(~reading.sound)] if sums.rows < raw.rows else []
    sums, strangers = _without_strangers(reading, sums, known, barred)
    sums, twice = _without_doubled(reading, sums)
    return _reduced(reading, sums, judged + strangers + twice)


def _item(reading: _Reading) -> list[str]:
    return [name for name in ITEM if name in reading.given]


def _reading(raw: LargeTable, timezone: str) -> _Reading:
    given = {name for name in OPTIONAL if name in raw.schema} | {"sku"}
    parsed = {
        name: parse("sales", SALES.by_name[name], raw.schema[name], timezone)
        for name in ("date", "units", "price", *given)
        if name not in CODED
    }
    sound = pl.all_horizontal((_text("sku").str.len_bytes() > 0).fill_null(False), *(one.sound for one in parsed.values()))
    typed = [*(_text(name) for name in CODED if name in given), *(one.value.alias(name) for name, one in parsed.items())]
    return _Reading(raw, timezone, given, sound, typed)


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String)


def _sums(reading: _Reading, names: dict[str, Names]) -> _Sums:
    """Sums of all sound rows, part by part."""
    total = _Sums(weekly_sums(_coded(SALES.empty(), names)[0], reading.given), names, 0)
    waiting = [total.frame]
    for part in reading.raw.parts():
        read = part.select(*reading.typed, reading.sound.alias("_sound")).collect()
        rows = read if read["_sound"].all() else read.filter("_sound")
        coded, names = _coded(rows, names)
        waiting.append(weekly_sums(coded, reading.given))
        total = _Sums(total.frame, names, total.rows + rows.height)
        if sum(sums.height for sums in waiting[1:]) > max(SUMS_AT_ONCE, waiting[0].height):
            waiting = [add(waiting, reading.given)]
    return replace(total, frame=add(waiting, reading.given))


def _coded(rows: pl.DataFrame, names: dict[str, Names]) -> tuple[pl.DataFrame, dict[str, Names]]:
    """Rows with codes in place of texts, and the names with those that are new."""
    encoded = {name: known.encode(rows[name]) for name, known in names.items()}
    codes = [pl.Series(name, code) for name, (code, _) in encoded.items()]
    return rows.with_columns(codes), {name: known for name, (_, known) in encoded.items()}


def _without_strangers(reading: _Reading, sums: _Sums, known: pl.Series, barred: Collection[str]) -> tuple[_Sums, list[Checked]]:
    """Sums of the shop's products; the rows of others go to quarantine."""
    seen, _ = positions(sums.frame["sku"].to_numpy())
    names = pl.DataFrame({"code": seen, "name": sums.names["sku"].names.gather(seen)})
    strange = names.filter(~pl.col("name").is_in(known.implode()))
    if not strange.height:
        return sums, []
    checked = reading.judged(reading.sound & _text("sku").str.strip_chars().is_in(strange["name"].implode()))
    rejected = checked.unknown(pl.repeat(True, checked.accepted.height, eager=True), barred)
    return replace(sums, frame=sums.frame.filter(~pl.col("sku").is_in(strange["code"].implode()))), [rejected]


def _without_doubled(reading: _Reading, sums: _Sums) -> tuple[_Sums, list[Checked]]:
    """Sums in which no day of an item stands twice: the weeks concerned are read again, row by row."""
    item, _ = combined([sums.frame[name].to_numpy() for name in _item(reading)])
    twice = doubled(item, sums.frame["week_promo"].to_numpy() // 3, sums.frame["mask"].to_numpy())
    if not twice.any():
        return sums, []
    weeks = sums.frame.select("sku", (pl.col("week_promo") // 3).alias("week"))
    pairs = weeks.filter(twice).unique().sort("sku", "week")
    kept = [sums.frame.join(pairs, left_on=["sku", pl.col("week_promo") // 3], right_on=["sku", "week"], how="anti")]
    judged, names = [], sums.names
    for start in range(0, pairs.height, PAIRS_AT_ONCE):
        part = pairs[start : start + PAIRS_AT_ONCE]
        checked = _judged_weeks(reading, part.select(sums.names["sku"].names.gather(part["sku"]).alias("name"), "week"))
        coded, names = _coded(checked.accepted, names)
        judged.append(checked)
        kept.append(weekly_sums(coded, reading.given))
    return _Sums(add(kept, reading.given), names, sums.rows), judged


def _judged_weeks(reading: _Reading, pairs: pl.DataFrame) -> Checked:
    """The verdict on the sound rows of products in weeks. pairs: columns name (of the product) and week (its number)."""
    name = _text("sku").str.strip_chars()
    week = monday(parse("sales", SALES.by_name["date"], reading.raw.schema["date"], reading.timezone).value).cast(pl.Int64)
    wanted = reading.sound & name.is_in(pairs["name"].unique().implode()) & week.is_in(pairs["week"].unique().implode())
    rows = reading.raw.pick(wanted)
    of_pairs = rows.with_columns(name.alias("_name"), week.alias("_week")).join(
        pairs, left_on=["_name", "_week"], right_on=["name", "week"], how="semi"
    )
    return validate(SALES, _Rows(of_pairs.drop("_name", "_week")), reading.timezone)


def _reduced(reading: _Reading, sums: _Sums, judged: list[Checked]) -> Reduced:
    numbers, keys = _numbered(sums)
    promo = pl.col("week_promo") % 3
    cells = sums.frame.select(
        pl.Series("number", numbers, dtype=pl.Int32),
        (pl.col("week_promo") // 3).cast(pl.Int32).alias("week"),
        pl.when(promo < 2).then(promo).cast(pl.Int8).alias("promo"),
        _kind(sums),
        "price",
        (pl.col("units") / MILLIONTHS).alias("units"),
        (pl.col("mask") % ROW).alias("bits"),
        _given("list_price", reading.given),
        _given("views", reading.given) / MILLIONTHS,
    )
    weekly = Weekly(keys, cells)
    quarantine = pl.concat([pl.DataFrame(schema=QUARANTINE), *(one.quarantine for one in judged)]).sort("file", "line")
    bad = [one.bad.select(SALE_KEY) for one in judged]
    unknown = weekly.unobserved(pl.concat([SALES.empty().select(SALE_KEY), *bad]).drop_nulls().unique())
    return Reduced(weekly, quarantine, unknown, reading.raw.rows, sum(one.repeated for one in judged))


def _numbered(sums: _Sums) -> tuple[Ints, pl.DataFrame]:
    """Number of each sum's item, and the items (number and ITEM) sorted by name."""
    named = [name for name in ITEM if name in sums.names]
    item, sizes = combined([sums.frame[name].to_numpy() for name in named])
    distinct, position = positions(item)
    codes = dict(zip(named, separate(distinct, sizes), strict=True))
    texts = [sums.names[name].names.gather(codes[name]).alias(name) if name in codes else pl.lit(UNNAMED).alias(name) for name in ITEM]
    keys = pl.DataFrame({"row": np.arange(len(distinct))}).with_columns(texts).sort(ITEM)
    number = np.empty(len(distinct), dtype=np.int64)
    number[keys["row"].to_numpy()] = np.arange(len(distinct))
    return number[position], keys.with_row_index("number").select(pl.col("number").cast(pl.Int32), *ITEM)


def _kind(sums: _Sums) -> pl.Series:
    """Kind of promotion of each sum; null where its rows do not say."""
    if "promo_kind" not in sums.names:
        return pl.repeat(None, sums.frame.height, dtype=pl.String, eager=True).alias("promo_kind")
    names = sums.names["promo_kind"].names
    return names.set(names == "", None).gather(sums.frame["promo_kind"]).alias("promo_kind")


def _given(name: str, given: set[str]) -> pl.Expr:
    return (pl.col(name) if name in given else pl.lit(None, dtype=pl.Float64)).alias(name)
