"""Scenario files: demand of given prices on given days."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.shop import UNNAMED
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import SALES
from pricesmith.preparation.parse import parse, with_times
from pricesmith.preparation.promotions import with_kinds

from .batch import Learned
from .near import unknown_product

REQUIRED = ("date", "sku", "price")
DATE = SALES.by_name["date"]
PRICES = "write a number above 0 with a decimal point, such as 12.50"
FLAGS = "write 1 for a promotion, 0 or nothing for none; true and false are read too"


def predict(learned: Learned, scenario: pl.DataFrame, where: str = "scenario") -> pl.DataFrame:
    """The scenario's rows with units, units_lo, units_hi per sales row of the shop's period.

    scenario  columns date, sku, price, optional channel, region, promo, promo_kind; others are handed through
    A promotion of which no kind is said is of the kind that is planned for the product then.
    """
    rows = _typed(scenario, where, learned.policy.timezone)
    _refuse_kinds(rows, learned.snapshot, where)
    known = with_kinds(_items_of(rows, learned.snapshot, where), learned.snapshot.promotions, learned.snapshot.period)
    told = learned.model.forecast(learned.snapshot, known.select("item", "date", "price", "promo", "promo_kind"))
    return scenario.with_columns(told["units"].round(4), told["units_lo"].round(4), told["units_hi"].round(4))


def read_scenario(path: Path) -> pl.DataFrame:
    """A scenario from CSV (as text) or Parquet."""
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        if ";" in header and "," not in header:
            hint = "save it as CSV with commas between columns and points in decimals"
            raise DataError("columns are separated by semicolons", where=f"{path}:1", hint=hint)
        return pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise DataError("there is no such file", where=str(path)) from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot be read: {str(error).splitlines()[0]}", where=str(path), hint="CSV with a header row, or Parquet"
        ) from None


def _typed(scenario: pl.DataFrame, where: str, timezone: str) -> pl.DataFrame:
    """The rows with the types of the sales table: what can be a day or a promotion there can be one here."""
    missing = [name for name in REQUIRED if name not in scenario.columns]
    if missing:
        raise DataError(f"column {missing[0]!r} is missing", where=where, hint=f"found: {', '.join(scenario.columns)}")
    text = scenario.select(pl.all().cast(pl.String).str.strip_chars())
    date, promo = (_as_sales(scenario, name, timezone) for name in ("date", "promo"))
    price = text["price"].cast(pl.Float64, strict=False)
    _refuse(date["value"].is_null(), text, "date", "is no date", where, "write dates as 2026-11-24")
    _refuse(~date["sound"], text, "date", "is no day of a sale", where, f"write a day from {DATE.low:g}-01-01 to {DATE.high:g}-12-31")
    _refuse((~price.is_finite() | (price <= 0)).fill_null(True), text, "price", "is no price", where, PRICES)
    _refuse(~promo["sound"], text, "promo", "is none of the valid values", where, FLAGS)
    kind = (
        text["promo_kind"].replace("", None) if "promo_kind" in text.columns else pl.repeat(None, text.height, dtype=pl.String, eager=True)
    )
    return text.select(
        date["value"].alias("date"),
        "sku",
        price,
        promo["value"].cast(pl.Float64).fill_null(kind.is_not_null().cast(pl.Float64)).alias("promo"),
        kind.alias("promo_kind"),
        *(pl.col(name) if name in text.columns else pl.lit(None, pl.String).alias(name) for name in ("channel", "region")),
    )


def _as_sales(scenario: pl.DataFrame, name: str, timezone: str) -> pl.DataFrame:
    """`value` and `sound` of a column, read as in the sales table; a column that is not there is empty."""
    given = scenario.select(pl.col(name) if name in scenario.columns else pl.repeat(None, pl.len(), dtype=pl.String).alias(name))
    read = parse(SALES.name, SALES.by_name[name], given.schema[name], timezone)
    return with_times(SALES, given, timezone).select(value=read.value, sound=read.sound)


def _refuse(bad: pl.Series, text: pl.DataFrame, column: str, what: str, where: str, hint: str) -> None:
    if bad.any():
        row = bad.arg_max() or 0
        raise DataError(f"{column} = {text[column][row]!r} {what}", where=f"{where}:{row + 2}", hint=hint)


def _refuse_kinds(rows: pl.DataFrame, snapshot: Snapshot, where: str) -> None:
    """Raise DataError for a kind of promotion that no sales row has: nothing is known of what it sells."""
    known = snapshot.cells["promo_kind"].drop_nulls().unique().sort().to_list()
    choices = (
        f"kinds there: {', '.join(known)}; leave it empty for one that is new" if known else "there are no kinds there; leave it empty"
    )
    _refuse(~rows["promo_kind"].is_in(known).fill_null(True), rows, "promo_kind", "is no kind of promotion of the sales", where, choices)


def _items_of(rows: pl.DataFrame, snapshot: Snapshot, where: str) -> pl.DataFrame:
    """The item of every row; a product that is sold in one place needs no channel and region."""
    items = snapshot.items
    single = items.group_by("sku").agg(pl.len().alias("places"), pl.first("channel").alias("_channel"), pl.first("region").alias("_region"))
    known = rows.join(single, on="sku", how="left", maintain_order="left")
    unknown = known["places"].is_null()
    if unknown.any():
        first = unknown.arg_max() or 0
        raise unknown_product(items, str(known["sku"][first]), where=f"{where}:{first + 2}")
    alone = pl.col("places") == 1
    known = known.with_columns(
        pl.coalesce("channel", pl.when(alone).then("_channel").otherwise(pl.lit(UNNAMED))).alias("channel"),
        pl.coalesce("region", pl.when(alone).then("_region").otherwise(pl.lit(UNNAMED))).alias("region"),
    )
    found = known.join(items.select("item", "sku", "channel", "region"), on=["sku", "channel", "region"], how="left", maintain_order="left")
    lost = found.filter(pl.col("item").is_null())
    if lost.height:
        row = lost.row(0, named=True)
        raise DataError(
            f"{row['sku']!r} is not sold in channel {row['channel']!r}, region {row['region']!r}", where=where, hint="see the sales table"
        )
    return found
