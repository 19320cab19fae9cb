"""A file that is added to the table that is there: its rows take the place of those of the same key, all others stay."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import INPUT, ORDERS, SALES, Table
from pricesmith.flows import wiring

MISSING = {"channel": "default", "region": "default"}
"""What a cell of a key reads as where it is missing."""
GROUPS = {"price_from": "price"}
"""Column -> the one that it says something about: kept from the row of before only together with it."""
REUSED, SOME = 0.5, 20
"""Share of the orders of a file that stand in the table on another day, and least number of them, from which these are no order numbers."""
PLACES = ("_file", "_line", "_ragged")
_KEY = "_key {}"
DAYS = {SALES.name: "date", ORDERS.name: "at"}
"""Table of what was sold -> the column of its day."""
APART = 45


class Added(msgspec.Struct, frozen=True):
    """stay: rows of before that stay;  gave_way: those whose place rows of the file took;  unseen: products that the file does not name

    kept  columns that the file lacks and that hold something of before in the rows that took a place
    gap   last day before and first day after more than APART days in which neither has a row, the file wholly on one side; else ()
    """

    stay: int
    gave_way: int
    unseen: int = 0
    kept: list[str] = []
    gap: tuple[str, ...] = ()


def key_of(table: Table) -> tuple[str, ...]:
    """By which columns a row of the file takes the place of one that is there: lines of an order come and go together."""
    return ("order_id",) if table.name == ORDERS.name else table.key


def add(folder: Path, new: Path, table: str) -> Added:
    """Write into the CSV file `new`, a table as the guide writes it, the rows of the shop's table too, those of before first.

    A column that the file lacks keeps, in a row that takes the place of another, what stood there; not so in orders, whose lines are not
    told apart by their key. Rows with too few or too many cells stay such rows. Raises DataError where the table is too large, and where
    what is taken for the number of an order comes again on other days, as that of a customer does.
    """
    definition, before, after = INPUT[table], _rows(folder, table), _rows(new.parent.parent, table)
    key = key_of(definition)
    whole, torn = _split(before)
    fresh, torn_too = _split(after)
    marks = [_KEY.format(name) for name in key]
    whole, fresh = whole.with_columns(_marks(whole, definition, key)), fresh.with_columns(_marks(fresh, definition, key))
    if definition.name == ORDERS.name:
        _once(whole, fresh, marks)
    stay = whole.join(fresh.select(marks).unique(), on=marks, how="anti")
    lacks = _lacks(fresh, whole) if key == definition.key else []
    fresh = _filled(fresh, whole, marks, lacks)
    every = pl.concat([stay.drop(marks), fresh.drop(marks)], how="diagonal")
    _write(new, every, [*torn, *torn_too])
    kept = [name for name in lacks if name not in key and (fresh[name].fill_null("").str.strip_chars() != "").any()]
    return Added(stay.height, whole.height - stay.height, _unseen(whole, fresh), kept, _gap(whole, fresh, table))


def _rows(folder: Path, table: str) -> pl.DataFrame:
    """The rows as they stand in their files, all as text."""
    raw = wiring.source_of(folder).read(INPUT[table])
    if raw is None or isinstance(raw, LargeTable):
        what = f"the table {table} is too large for rows to be added to it here"
        raise DataError(what, hint=f"put the file, written as that table is, into the folder data/{table} of the shop")
    return raw.frame.with_columns(_as_text(name, dtype) for name, dtype in raw.frame.schema.items() if dtype != pl.String)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column of a Parquet file as a CSV file would have it."""
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if dtype.time_zone else ""))
    return pl.col(name).cast(pl.Int8 if dtype == pl.Boolean else dtype).cast(pl.String)


def _split(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows that have a cell for each column, and the texts of those that have not."""
    torn = frame["_ragged"].drop_nulls().to_list() if "_ragged" in frame.columns else []
    whole = frame.filter(pl.col("_ragged").is_null()) if torn else frame
    return whole.drop(PLACES, strict=False), torn


def _gap(whole: pl.DataFrame, fresh: pl.DataFrame, table: str) -> tuple[str, ...]:
    """As `Added.gap`."""
    if table not in DAYS:
        return ()
    day = pl.col(DAYS[table]).str.strip_chars().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    spans = [frame.select(first=day.min(), last=day.max()).row(0) for frame in (whole, fresh)]
    if any(None in span for span in spans):
        return ()
    (_, last), (first, _) = sorted(spans)
    return (last.isoformat(), first.isoformat()) if (first - last).days > APART else ()


def _once(whole: pl.DataFrame, fresh: pl.DataFrame, marks: list[str]) -> None:
    """Raise DataError where most orders of the file that the table has too were made on another day there."""
    days = [frame.group_by(marks).agg(day=pl.col("at").str.strip_chars().str.slice(0, 10).min()) for frame in (whole, fresh)]
    both = days[0].join(days[1], on=marks)
    other = both.filter(pl.col("day") != pl.col("day_right")).height
    if other >= SOME and other > REUSED * both.height:
        raise DataError(
            f"{other} of {both.height} orders of the file stand in the table on another day, so their number is none of an order",
            hint="choose the column of receipts or orders; that of customers is none. Where there is none, make one of customer and day",
        )


def _unseen(whole: pl.DataFrame, fresh: pl.DataFrame) -> int:
    """As `Added.unseen`."""
    if "sku" not in whole.columns:
        return 0
    before, now = (frame.select(pl.col("sku").str.strip_chars()).unique() for frame in (whole, fresh))
    return before.join(now, on="sku", how="anti").height


def _marks(frame: pl.DataFrame, table: Table, key: tuple[str, ...]) -> list[pl.Expr]:
    """The key of every row, written in one way: a table of before may be written by another hand."""
    found = []
    for name in key:
        text = pl.col(name).fill_null("").str.strip_chars() if name in frame.columns else pl.lit("")
        if table.by_name[name].kind == "date":
            text = text.str.slice(0, 10)
        if table.by_name[name].kind == "moment":
            text = text.str.replace(" ", "T", literal=True).str.strip_suffix("Z")
        if name in MISSING:
            text = pl.when(text == "").then(pl.lit(MISSING[name])).otherwise(text)
        found.append(text.alias(_KEY.format(name)))
    return found


def _lacks(fresh: pl.DataFrame, whole: pl.DataFrame) -> list[str]:
    """Columns of before that the file lacks and that keep what stood there."""
    return [name for name in whole.columns if name not in fresh.columns and GROUPS.get(name) not in fresh.columns]


def _filled(fresh: pl.DataFrame, whole: pl.DataFrame, marks: list[str], lacks: list[str]) -> pl.DataFrame:
    """The rows of the file with what those in whose place they come say in columns that the file lacks."""
    if not lacks:
        return fresh
    return fresh.join(whole.unique(marks, keep="last").select(*marks, *lacks), on=marks, how="left", maintain_order="left")


def _write(target: Path, rows: pl.DataFrame, torn: list[str]) -> None:
    with target.open("wb") as out:
        rows.write_csv(out)
    with target.open("a", encoding="utf-8", newline="") as out:
        filler = [""] if rows.width == 1 else []
        csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([text, *filler] for text in torn)
