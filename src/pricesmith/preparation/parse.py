"""One column as it stands in a file -> its typed value and the code of what is wrong with it, as Polars expressions."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.tables import Column

FIRST_YEAR, LAST_YEAR = 1970, 9999
LARGEST = 1e13
"""Numbers at or above this are no price, count or share."""
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("events", "kind"): ("view", "cart", "order"),
    ("products", "currency"): tuple(EXPONENTS),
}
_MOMENTS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")


@dataclass(frozen=True, slots=True)
class Parsed:
    """value: expression of the column's type, null where absent or wrong;  reason: expression of a code, null where nothing is wrong."""

    value: pl.Expr
    reason: pl.Expr


def parse(table: str, column: Column, dtype: pl.DataType, timezone: str) -> Parsed:
    """How to read `column` from a raw column of type `dtype`.

    timezone  IANA name; times of day are dropped to it, and times without an offset are read in it
    """
    raw = pl.col(column.name)
    if column.kind == "text":
        parsed = _text(table, column, raw, dtype)
    elif column.kind in ("date", "moment"):
        parsed = _moment(column, raw, dtype, timezone)
    else:
        parsed = _number(column, raw, dtype)
    if not column.required:
        return parsed
    absent = _absent(raw, dtype)
    return Parsed(parsed.value, pl.when(absent).then(pl.lit("missing_value")).otherwise(parsed.reason))


def _stripped(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text without surrounding space; null where nothing is left."""
    text = raw.str.strip_chars() if dtype == pl.String else raw.cast(pl.String, strict=False)
    return pl.when(text != "").then(text)


def _absent(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return _stripped(raw, dtype).is_null() if dtype == pl.String else raw.is_null()


def _text(table: str, column: Column, raw: pl.Expr, dtype: pl.DataType) -> Parsed:
    source = raw.cast(pl.Int64, strict=False) if dtype.is_float() else raw
    text = _stripped(source, pl.Int64() if dtype.is_float() else dtype)
    choices = CHOICES.get((table, column.name))
    if choices is None:
        return Parsed(text, pl.lit(None, dtype=pl.String))
    code = "unknown_currency" if column.name == "currency" else "not_a_choice"
    valid = text.is_in(choices)
    return Parsed(pl.when(valid).then(text), pl.when(~valid).then(pl.lit(code)))


def _number(column: Column, raw: pl.Expr, dtype: pl.DataType) -> Parsed:
    """Numbers with a decimal point; flags also as `true` and `false`."""
    text = _stripped(raw, dtype)
    if column.kind == "flag" and dtype == pl.String:
        word = text.str.to_lowercase()
        text = pl.when(word == "true").then(pl.lit("1")).when(word == "false").then(pl.lit("0")).otherwise(text)
    readable = dtype.is_numeric() or dtype in (pl.String, pl.Boolean)
    value = (text if dtype == pl.String else raw).cast(pl.Float64, strict=False) if readable else pl.lit(None, dtype=pl.Float64)
    reason = _number_reason(column, value, ~_absent(raw, dtype) & value.is_null())
    return Parsed(pl.when(reason.is_null()).then(value).cast(column.dtype), reason)


def _number_reason(column: Column, value: pl.Expr, unreadable: pl.Expr) -> pl.Expr:
    if column.kind == "flag":
        return pl.when(unreadable | ~value.is_in([0.0, 1.0])).then(pl.lit("not_a_choice"))
    reason = pl.when(unreadable).then(pl.lit("not_a_number")).when(~value.is_finite()).then(pl.lit("not_finite"))
    if column.low == 0.0:
        reason = reason.when(value < 0).then(pl.lit("negative"))
    elif column.low is not None:
        reason = reason.when(value < column.low).then(pl.lit("out_of_range"))
    high = min(column.high, LARGEST) if column.high is not None else LARGEST
    return reason.when(value.abs() > high).then(pl.lit("out_of_range"))


def _moment(column: Column, raw: pl.Expr, dtype: pl.DataType, timezone: str) -> Parsed:
    """Dates (`2026-11-24`) and timestamps; a date alone is midnight in the shop's timezone."""
    value = _local_date(raw, dtype, timezone) if column.kind == "date" else _instant(raw, dtype, timezone)
    possible = value.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    reason = pl.when(~_absent(raw, dtype) & value.is_null()).then(pl.lit("bad_date")).when(~possible).then(pl.lit("out_of_range"))
    return Parsed(pl.when(possible).then(value), reason)


def _local_date(raw: pl.Expr, dtype: pl.DataType, timezone: str) -> pl.Expr:
    if dtype == pl.Date:
        return raw
    local = _instant(raw, dtype, timezone).dt.convert_time_zone(timezone).dt.date()
    if dtype != pl.String:
        return local
    return pl.coalesce(_plain_date(_stripped(raw, dtype)), local)


def _plain_date(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.len_bytes() == 10).then(text).str.to_date("%Y-%m-%d", strict=False)


def _instant(raw: pl.Expr, dtype: pl.DataType, timezone: str) -> pl.Expr:
    """Time in UTC."""
    if dtype == pl.Date:
        return _in_utc(raw.cast(pl.Datetime("us")), timezone)
    if isinstance(dtype, pl.Datetime):
        zoned = raw.cast(pl.Datetime("us", dtype.time_zone))
        return zoned.dt.convert_time_zone("UTC") if dtype.time_zone else _in_utc(zoned, timezone)
    if dtype != pl.String:
        return pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    text = _stripped(raw, dtype).str.replace(r"^(\d{4}-\d{2}-\d{2}) ", "${1}T")
    offset = [text.str.to_datetime(f"{form}%#z", time_zone="UTC", time_unit="us", strict=False) for form in _MOMENTS]
    naive = [_in_utc(text.str.to_datetime(form, time_unit="us", strict=False), timezone) for form in _MOMENTS]
    return pl.coalesce(_in_utc(_plain_date(text).cast(pl.Datetime("us")), timezone), *offset, *naive)


def _in_utc(naive: pl.Expr, timezone: str) -> pl.Expr:
    return naive.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
