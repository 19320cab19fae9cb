"""A shop folder about to be written: tables of the public format and the text of its shop.toml."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

DATA = Path(os.environ.get("PRICESMITH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
"""Folder of the source data; the environment variable PRICESMITH_DATA names another one."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One example shop.

    period        what a sales row totals: "day", "week" or "month"
    horizon_days  days ahead over which expectations are averaged
    tables        tables by name, in the columns of the public format
    cost_assumed  the source has no costs; those written are a share of the usual price
    endings       price endings the shop uses, in major units; empty is any price
    """

    name: str
    currency: str
    tax: str
    period: str
    horizon_days: int
    tables: dict[str, pl.DataFrame] = field(repr=False)
    cost_assumed: bool = False
    endings: tuple[float, ...] = ()

    def write(self, folder: Path) -> None:
        """Write `shop.toml` and `data/<table>.csv`; the same data give the same bytes."""
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "shop.toml").write_text(self.policy, encoding="utf-8")
        for name, table in self.tables.items():
            table.write_csv(folder / "data" / f"{name}.csv", float_precision=None)

    @property
    def policy(self) -> str:
        """The text of shop.toml."""
        lines = [
            f'name = "{self.name}"',
            f'currency = "{self.currency}"',
            f'tax = "{self.tax}"',
            'objective = "profit"',
            f'period = "{self.period}"',
            f"horizon_days = {self.horizon_days}",
        ]
        if self.cost_assumed:
            lines += ["", "[data]", "cost_assumed = true"]
        lines += ["", "[[rule]]", 'kind = "margin_floor"', "min_margin = 0.02", "", "[[rule]]", 'kind = "max_change"', "step = 0.15"]
        if self.endings:
            lines += ["", "[[rule]]", 'kind = "price_endings"', f"endings = {list(self.endings)}"]
        return "\n".join(lines) + "\n"


def read(dataset: str, file: str) -> pl.DataFrame:
    """One source table; says what to do where the data are not there."""
    path = DATA / dataset / f"{file}.parquet"
    if not path.exists():
        raise SystemExit(f"no file {path}: put the data sets there or set PRICESMITH_DATA to their folder")
    return pl.read_parquet(path)


def usual_cost(sales: pl.DataFrame, share: float) -> pl.DataFrame:
    """Assumed unit cost by sku: `share` of the median price. Columns sku, unit_cost."""
    return sales.group_by("sku").agg((pl.col("price").median() * share).round(4).alias("unit_cost")).sort("sku")


def changes(costs: pl.DataFrame) -> pl.DataFrame:
    """Rows of a cost series (sku, valid_from, unit_cost) on which the cost differs from the row before, sorted."""
    ordered = costs.sort("sku", "valid_from")
    return ordered.filter((pl.col("unit_cost") != pl.col("unit_cost").shift(1).over("sku")).fill_null(True))


def busiest(lines: pl.DataFrame, key: str, count: int | None) -> pl.DataFrame:
    """The `count` values of `key` with most rows (ties by value); None is all of them. One column: key."""
    ranked = lines.group_by(key).len().sort(["len", key], descending=[True, False])
    return (ranked if count is None else ranked.head(count)).select(key)
