"""Landed cost as of a day: unit_cost + shipping of the latest costs row, else unit_cost of the product.

A costs row may name a channel, a region, or both. It then holds there alone, until another row of that place: what it says comes
before the rows of wider places (both named, region, channel, neither). What it leaves empty the row before of its place says, else the
next wider place, at last the policy's `[[fees]]`, the narrowest place first. Rows of every place are whole: the latest one counts alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from pricesmith.contracts.fees import FeesPolicy

AMOUNTS = ("unit_cost", "shipping", "fee_rate", "payment_rate", "return_rate")
PLACES: tuple[tuple[str, ...], ...] = (("channel", "region"), ("region",), ("channel",), ())
"""Which columns of a place a row names, the narrowest place first."""


def latest_costs(
    costs: pl.DataFrame, products: pl.DataFrame, keys: pl.DataFrame, as_of: dt.date, fees: Sequence[FeesPolicy] = ()
) -> pl.DataFrame:
    """Costs that hold on `as_of` (major units), as columns beside `keys`: AMOUNTS; unit_cost is null where it is unknown.

    keys  sku, channel, region and more;  a key of no product has null costs
    """
    held = costs.filter(pl.col("valid_from") <= as_of).sort("sku", "valid_from")
    found = keys.join(products.select("sku", _listed="unit_cost"), on="sku", how="left", maintain_order="left")
    placed = _placed(held)
    for named, rows in placed.items():
        last = rows.group_by("sku", *named, maintain_order=True).last()
        level = last.select("sku", *named, *(pl.col(amount).alias(_told(amount, named)) for amount in AMOUNTS))
        found = found.join(level, on=["sku", *named], how="left", maintain_order="left")
    amounts = {amount: _narrowest(amount, placed) for amount in AMOUNTS}
    unit_cost = pl.coalesce(*amounts.pop("unit_cost"), "_listed").alias("unit_cost")
    return found.select(*keys.columns, unit_cost, *(pl.coalesce(*told, _policy(fees, name)).alias(name) for name, told in amounts.items()))


def with_cost(
    cells: pl.DataFrame, costs: pl.DataFrame, products: pl.DataFrame, keys: pl.DataFrame, fees: Sequence[FeesPolicy] = ()
) -> pl.DataFrame:
    """Add `cost`, the landed cost of each cell's date in major units.

    cells  columns item, sku, date and more, sorted by item and date;  keys: item, sku, channel, region
    """
    items = keys.join(cells.select("item").unique(), on="item", how="semi")
    listed = items.join(products, on="sku").select("item", _policy(fees, "shipping").alias("_fees"), _listed="unit_cost")
    whole = cells.join(listed, on="item", how="left", maintain_order="left")
    placed = _placed(costs)
    for named, rows in placed.items():
        told = [pl.col(amount).alias(_told(amount, named)) for amount in ("unit_cost", "shipping")]
        dated = items.join(rows, on=["sku", *named]).select("item", "valid_from", *told).sort("item", "valid_from")
        whole = whole.join_asof(dated, left_on="date", right_on="valid_from", by="item", strategy="backward", check_sortedness=False)
        whole = whole.drop("valid_from")
    landed = pl.coalesce(*_narrowest("unit_cost", placed), "_listed") + pl.coalesce(*_narrowest("shipping", placed), "_fees")
    return whole.select(*cells.columns, landed.alias("cost"))


def _policy(fees: Sequence[FeesPolicy], amount: str) -> pl.Expr:
    """What the policy says of an amount in a row's channel and region; 0 where it says nothing."""
    told = pl.lit(0.0)
    for fee in sorted(fees, key=lambda one: PLACES.index(one.place), reverse=True):
        if (value := getattr(fee, amount)) is not None:
            here = pl.all_horizontal(pl.lit(True), *(pl.col(name) == getattr(fee, name) for name in fee.place))
            told = pl.when(here).then(pl.lit(float(value))).otherwise(told)
    return told


def _placed(costs: pl.DataFrame) -> dict[tuple[str, ...], pl.DataFrame]:
    """Rows by the columns of a place that they name, the narrowest first; without those that no row names.

    A row of a named place keeps what it leaves empty from the row before of that place.
    """
    parts = {named: costs.filter(*(pl.col(name).is_not_null() == (name in named) for name in PLACES[0])) for named in PLACES}
    return {named: _kept(rows, named) if named else rows for named, rows in parts.items() if rows.height}


def _kept(rows: pl.DataFrame, named: tuple[str, ...]) -> pl.DataFrame:
    return rows.sort("sku", *named, "valid_from").with_columns(pl.col(AMOUNTS).forward_fill().over("sku", *named))


def _told(amount: str, named: tuple[str, ...]) -> str:
    return "_".join(("", amount, *named))


def _narrowest(amount: str, placed: dict[tuple[str, ...], pl.DataFrame]) -> list[str]:
    """What each place says of an amount, the narrowest first."""
    return [_told(amount, named) for named in placed]
