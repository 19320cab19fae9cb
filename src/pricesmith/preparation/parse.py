"""One column as it stands in a file -> its typed value and the code of what is wrong with it, as Polars expressions."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.tables import Column, Table

from .times import in_utc, local_date, read_dates, read_moments

FIRST_YEAR, LAST_YEAR = 1970, 9999
"""Of days and times whose column bounds them no closer: plans may say "since ever" and "for ever"."""
LARGEST = 1e13
"""Numbers at or above this are no price, count or share."""
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("events", "kind"): ("view", "cart", "order"),
    ("products", "currency"): tuple(EXPONENTS),
}
_WORDS = {"1": ("true", "True", "TRUE"), "0": ("false", "False", "FALSE")}
TIME_PREFIX = "_time_"
"""Text columns of dates and moments are read beforehand, into columns of this prefix: see `with_times`."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """How to read one column.

    value   expression of the value, null where absent or unreadable; holds what cannot be, too
    sound   expression: True where nothing is wrong (cheap: evaluated on every row)
    reason  expression of the code of what is wrong, null where nothing is (evaluated on wrong rows only)
    """

    value: pl.Expr
    sound: pl.Expr
    reason: pl.Expr


def parse(table: str, column: Column, dtype: pl.DataType, timezone: str, excused: pl.Expr | None = None) -> Parsed:
    """How to read `column` from a raw column of type `dtype`.

    timezone  IANA name; times of day are dropped to it, and times without an offset are read in it
    excused   expression: True where the cell may be empty though the column is required; None: nowhere
    """
    raw = pl.col(column.name)
    if column.kind == "text":
        parsed = _text(table, column, raw, dtype)
    elif column.kind in ("date", "moment"):
        parsed = _moment(column, raw, dtype, timezone)
    else:
        parsed = _number(column, raw, dtype)
    empty = absent(raw, dtype)
    if not column.required:
        return Parsed(parsed.value, parsed.sound.fill_null(False) | empty, parsed.reason)
    if excused is not None:
        reason = pl.when(empty & ~excused).then(pl.lit("missing_value")).otherwise(parsed.reason)
        return Parsed(parsed.value, parsed.sound.fill_null(False) | (empty & excused), reason)
    reason = pl.when(empty).then(pl.lit("missing_value")).otherwise(parsed.reason)
    return Parsed(parsed.value, parsed.sound.fill_null(False), reason)


def with_times(table: Table, frame: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Add the values of text columns of dates and moments, which `parse` then refers to."""
    readers = {"date": read_dates, "moment": read_moments}
    timed = [column for column in table.columns if column.kind in readers and frame.schema.get(column.name) == pl.String]
    return frame.with_columns(readers[column.kind](frame[column.name], timezone).alias(TIME_PREFIX + column.name) for column in timed)


def _stripped(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text without surrounding space; null where nothing is left."""
    text = raw.str.strip_chars() if dtype == pl.String else raw.cast(pl.String, strict=False)
    return pl.when(text != "").then(text)


def absent(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """True where a cell is empty."""
    return _stripped(raw, dtype).is_null() if dtype == pl.String else raw.is_null()


def _text(table: str, column: Column, raw: pl.Expr, dtype: pl.DataType) -> Parsed:
    if dtype.is_nested() or dtype == pl.Binary:
        return Parsed(pl.lit(None, dtype=pl.String), pl.lit(False), pl.when(raw.is_not_null()).then(pl.lit("not_text")))
    source = pl.when(raw == raw.floor()).then(raw.cast(pl.Int64, strict=False)) if dtype.is_float() else raw
    text = _stripped(source, pl.Int64() if dtype.is_float() else dtype)
    choices = CHOICES.get((table, column.name))
    if choices is None:
        return Parsed(text, text.is_not_null(), pl.when(~absent(raw, dtype) & text.is_null()).then(pl.lit("not_text")))
    code = "unknown_currency" if column.name == "currency" else "not_a_choice"
    valid = text.is_in(choices)
    return Parsed(text, valid, pl.when(~valid).then(pl.lit(code)))


def _number(column: Column, raw: pl.Expr, dtype: pl.DataType) -> Parsed:
    """Numbers with a decimal point; flags also as `true` and `false`."""
    text = raw.str.strip_chars()
    if column.kind == "flag" and dtype == pl.String:
        text = text.replace({word: code for code, words in _WORDS.items() for word in words})
    readable = dtype.is_numeric() or dtype in (pl.String, pl.Boolean)
    value = (text if dtype == pl.String else raw).cast(pl.Float64, strict=False) if readable else pl.lit(None, dtype=pl.Float64)
    unreadable = pl.when(~absent(raw, dtype) & value.is_null())
    if column.kind == "flag":
        valid = (value == 0) | (value == 1)
        return Parsed(value, valid, unreadable.then(pl.lit("not_a_choice")).when(~valid).then(pl.lit("not_a_choice")))
    low = column.low if column.low is not None else -LARGEST
    high = min(column.high, LARGEST) if column.high is not None else LARGEST
    reason = (
        unreadable.then(pl.lit("not_a_number"))
        .when(~value.is_finite())
        .then(pl.lit("not_finite"))
        .when(value < low)
        .then(pl.lit("negative" if low == 0.0 else "out_of_range"))
        .when(value > high)
        .then(pl.lit("out_of_range"))
    )
    return Parsed(value, (value >= low) & (value <= high) & value.is_finite(), reason)


def _moment(column: Column, raw: pl.Expr, dtype: pl.DataType, timezone: str) -> Parsed:
    """Dates and timestamps; a date alone is midnight in the shop's timezone."""
    value = pl.col(TIME_PREFIX + column.name) if dtype == pl.String else _typed_time(column, raw, dtype, timezone)
    possible = value.is_between(*_bounds(column))
    reason = pl.when(~absent(raw, dtype) & value.is_null()).then(pl.lit("bad_date")).when(~possible).then(pl.lit("out_of_range"))
    return Parsed(value, possible, reason)


def _bounds(column: Column) -> tuple[pl.Expr, pl.Expr]:
    """The first and the last day or time that a column can hold."""
    years = (FIRST_YEAR if column.low is None else int(column.low), LAST_YEAR if column.high is None else int(column.high))
    first, last = pl.datetime(years[0], 1, 1), pl.datetime(years[1], 12, 31, 23, 59, 59, 999_999)
    if column.kind == "date":
        return first.dt.date(), last.dt.date()
    return first.dt.replace_time_zone("UTC"), last.dt.replace_time_zone("UTC")


def _typed_time(column: Column, raw: pl.Expr, dtype: pl.DataType, timezone: str) -> pl.Expr:
    if dtype == pl.Date:
        return raw if column.kind == "date" else in_utc(raw.cast(pl.Datetime("us")), timezone)
    if not isinstance(dtype, pl.Datetime):
        return pl.lit(None, dtype=column.dtype)
    zoned = raw.cast(pl.Datetime("us", dtype.time_zone))
    moment = zoned.dt.convert_time_zone("UTC") if dtype.time_zone else in_utc(zoned, timezone)
    return local_date(moment, timezone) if column.kind == "date" else moment
