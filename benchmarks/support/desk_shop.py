"""A shop folder of many products with two years of weekly history and a run on its ledger, as `pricesmith price` would have left it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from benchmarks.decide import LEARNED, grow
from benchmarks.full_model import make
from pricesmith import engine
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows.batch import Learned, fit, load
from pricesmith.flows.publishing.history.record import Made, record
from pricesmith.flows.publishing.history.runs import Facts
from pricesmith.flows.publishing.office import office
from pricesmith.rules import RULES

STATE = "2"
"""Another shop is made where this changes."""
BRANDS, LINES = 37, 12
KEY = ["sku", "channel", "region"]
SHOP = '\n[shop.web]\nplatform = "csv_feed"\nurl = "feed.csv"\n'


def kept(products: int, say: Callable[[str], None]) -> Path:
    """The folder, below the system's folder for temporary files; made where it is not there yet."""
    folder = Path(tempfile.gettempdir()) / f"pricesmith-desk-{products}-{STATE}"
    if not (folder / "made").exists():
        say(f"making a shop of {products:,} products in {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        _make(folder, products)
        (folder / "made").write_text(STATE, encoding="utf-8")
    return folder


def _make(folder: Path, products: int) -> None:
    make(folder, min(LEARNED, products))
    text = (folder / "shop.toml").read_text(encoding="utf-8") + SHOP
    (folder / "shop.toml").write_text(text, encoding="utf-8")
    _describe(folder / "data" / "products.parquet")
    learned = fit(load(folder))
    copies = max(products // LEARNED, 1)
    _multiply(folder / "data", copies)
    _record(folder, text, learned, copies)


def _describe(file: Path) -> None:
    """Names, brands and a second level of categories."""
    number = pl.int_range(pl.len())
    line = pl.format("{}/L{}", "category", number % LINES)
    name = pl.format("Product {} of the {} line", number, "family")
    pl.read_parquet(file).with_columns(name=name, brand=pl.format("Brand {}", number % BRANDS), category=line).write_parquet(file)


def _multiply(data: Path, copies: int) -> None:
    """Each file several times over; a copy has its own products, families and brands, and a third level of categories."""
    names = pl.DataFrame({"copy": [f"{number:05d}-" for number in range(copies)]})
    for file in sorted(data.glob("*.parquet")):
        table = pl.read_parquet(file)
        table.join(names, how="cross").with_columns(_own(table.columns)).drop("copy").write_parquet(file)


def _own(columns: list[str]) -> list[pl.Expr]:
    keys = [(pl.col("copy") + pl.col(name)).alias(name) for name in ("sku", "family") if name in columns]
    texts = [pl.format("{} {}", name, pl.col("copy").str.head(5)).alias(name) for name in ("brand", "name") if name in columns]
    path = [pl.format("{}/{}", "category", pl.col("copy").str.head(5)).alias("category")] if "category" in columns else []
    return keys + texts + path


def _record(folder: Path, text: str, learned: Learned, copies: int) -> None:
    small, policy, place = learned.snapshot, parse_policy(text, RULES), office(folder)
    snapshot, model = grow(small, learned.model, copies)
    snapshot = replace(snapshot, items=_described(snapshot.items), cells=_history(small, snapshot))
    made = Made(snapshot, policy, text, model, engine.decide(snapshot, model, policy))
    record(place.book, made, at=place.now(), code=place.code, facts=Facts(cost_at=place.now()))


def _described(items: pl.DataFrame) -> pl.DataFrame:
    """Brands, names and categories as in the files."""
    table = items.with_columns(copy=pl.col("sku").str.head(6))
    return table.with_columns(_own(["brand", "name", "category"])).select(items.columns)


def _history(small: Snapshot, grown: Snapshot) -> pl.DataFrame:
    """Every cell of the learned shop, once for each copy."""
    old = small.items.select(pl.col("item").alias("was"), "sku", "channel", "region")
    new = grown.items.select("item", pl.col("sku").str.slice(6), "channel", "region").join(old, on=KEY).select("item", "was")
    cells = small.cells.rename({"item": "was"})
    return new.join(cells, on="was").drop("was").select(small.cells.columns).sort("item", "date", "price", "promo")


if __name__ == "__main__":
    import sys

    print(kept(int(sys.argv[1]), print))
