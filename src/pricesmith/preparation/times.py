"""Text -> dates and moments.

Read are `2026-11-24`, and timestamps `2026-11-24T08:30`, `2026-11-24 08:30:00.5+01:00`, `...Z`. A timestamp without an offset is local time
of the shop, a date alone is its midnight there. An hour that the clocks skip does not exist; of one that they repeat the first counts.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Readings = Callable[[pl.Expr], list[pl.Expr]]
_FORMS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
_DATE_LENGTH = 10


def read_dates(text: pl.Series, timezone: str) -> pl.Series:
    """Local dates of texts; null where none or not to be read."""
    return _mapped(text, pl.Date(), lambda clean: [_plain(clean), *(local_date(value, timezone) for value in _stamps(clean, timezone))])


def read_moments(text: pl.Series, timezone: str) -> pl.Series:
    """UTC times of texts; null where none or not to be read."""
    midnight = pl.Datetime("us")
    return _mapped(
        text, pl.Datetime("us", "UTC"), lambda clean: [in_utc(_plain(clean).cast(midnight), timezone), *_stamps(clean, timezone)]
    )


def local_date(moment: pl.Expr, timezone: str) -> pl.Expr:
    """Date in the shop's timezone of a time in UTC."""
    return moment.dt.convert_time_zone(timezone).dt.date()


def in_utc(local: pl.Expr, timezone: str) -> pl.Expr:
    """UTC of a time without offset, read in the shop's timezone."""
    return local.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _plain(clean: pl.Expr) -> pl.Expr:
    return pl.when(clean.str.len_bytes() == _DATE_LENGTH).then(clean).str.to_date("%Y-%m-%d", strict=False)


def _stamps(clean: pl.Expr, timezone: str) -> list[pl.Expr]:
    stamp = clean.str.replace(r"^(\d{4}-\d{2}-\d{2}) ", "${1}T")
    offset = [stamp.str.to_datetime(f"{form}%#z", time_zone="UTC", time_unit="us", strict=False) for form in _FORMS]
    return [*offset, *(in_utc(stamp.str.to_datetime(form, time_unit="us", strict=False), timezone) for form in _FORMS)]


def _mapped(text: pl.Series, dtype: pl.DataType, readings: Readings) -> pl.Series:
    """Try each reading in turn on the distinct texts that are still unread."""
    left = (
        text.unique().alias("text").to_frame().select("text", pl.col("text").str.strip_chars().alias("clean")).filter(pl.col("clean") != "")
    )
    read = [pl.DataFrame(schema={"text": pl.String, "value": dtype})]
    for reading in readings(pl.col("clean")):
        if not left.height:
            break
        tried = left.with_columns(reading.cast(dtype).alias("value"))
        read.append(tried.filter(pl.col("value").is_not_null()).select("text", "value"))
        left = tried.filter(pl.col("value").is_null()).select("text", "clean")
    return text.alias("text").to_frame().join(pl.concat(read), on="text", how="left", maintain_order="left")["value"]
