"""The tables of a shop folder, filled from a shop: one file a table, `data/<table>/<shop>.csv`, the newest row of a key counts.

Products carry the price that the shop asks now, read as for publishing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError, ShopError, UnknownChoice
from pricesmith.contracts.money import format_minor
from pricesmith.contracts.shop import Key, Reading, Shop, ShopSource
from pricesmith.contracts.tables import INPUT, PRODUCTS, Table
from pricesmith.flows import wiring
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending.patience import asking

OVERLAP = dt.timedelta(hours=2)
"""What changed so shortly before the last pull is read again: shops tell times in whole seconds, and late."""
MOVING = ("orders", "sales", "stock", "events", "reviews", "competitor_prices")
"""Tables that grow: only what changed since is read. The others are read whole and replaced."""


def pull(folder: Path, desk: Desk, tables: Sequence[str] | None, progress: Callable[[str], None]) -> dict[str, int]:
    """Write what the shop has of each table; returns rows by table. A table of which it has none is left alone.

    Raises DataError where a file of the same table, not made by a pull, stands in the folder: its rows would count twice. Raises ShopBusy
    where the shop asks to wait for long, or again and again; the tables read before that stand in the folder.
    """
    for wanted in tables or ():
        if wanted not in INPUT:
            raise UnknownChoice("table", wanted, INPUT)
    written = {}
    for table in (INPUT[wanted] for wanted in (tables or INPUT)):
        progress(f"reading {table.name}")
        path = folder / "data" / table.name / f"{desk.target}.csv"
        with asking(desk, wiring.pause) as shop:
            found = _source(shop, desk.target).pull(table, _since(path) if table.name in MOVING else None)
            if found is None:
                continue
            _refuse_double(folder, table)
            rows = found.frame.drop("_file", "_line", "_ragged", strict=False).cast(pl.String)
            rows = _with_prices(rows, shop.prices(), desk.now().date()) if table.name == PRODUCTS.name and desk.our_money else rows
        whole = _merged(table, path, rows) if table.name in MOVING else rows
        wiring.write_csv(path, whole)
        written[table.name] = whole.height
    return written


def amounts(seen: Mapping[Key, Reading]) -> dict[str, str]:
    """Product key -> what a shop asks, as a file writes it."""
    return {key.sku: format_minor(one.price, one.currency) for key, one in seen.items()}


def _with_prices(products: pl.DataFrame, seen: Mapping[Key, Reading], day: dt.date) -> pl.DataFrame:
    """Products with the price that the shop asks from this day on; empty where it could not be read."""
    priced = products.with_columns(pl.col("sku").replace_strict(amounts(seen), default=None, return_dtype=pl.String).alias("price"))
    return priced.with_columns(pl.when(pl.col("price").is_not_null()).then(pl.lit(day.isoformat())).alias("price_from"))


def _source(shop: Shop, name: str) -> ShopSource:
    if not isinstance(shop, ShopSource):
        raise ShopError("has nothing to pull from", where=f"shop {name}", hint="prices can be published to it")
    return shop


def _since(path: Path) -> dt.datetime | None:
    """When the file was last written, less an overlap; None where there is none."""
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) - OVERLAP if path.exists() else None


def _refuse_double(folder: Path, table: Table) -> None:
    single = [folder / "data" / f"{table.name}{ending}" for ending in (".csv", ".parquet")]
    for path in single:
        if path.exists():
            hint = (
                f"move it into data/{table.name}/ if it holds other rows, remove it if the shop has them, or leave the table out: --table"
            )
            raise DataError(f"{path.name} stands in the folder and would count beside what the shop has", where=str(path), hint=hint)


def _merged(table: Table, path: Path, rows: pl.DataFrame) -> pl.DataFrame:
    """Old rows and new ones; of a key the new one."""
    if not path.exists():
        return rows
    old = pl.read_csv(path, infer_schema=False)
    key = [column for column in table.key if column in rows.columns]
    return pl.concat([old, rows], how="diagonal").unique(key, keep="last", maintain_order=True)
