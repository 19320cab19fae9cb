"""A chain whose stores sell the same at one price everywhere: each store is a channel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

import polars as pl

from pricesmith.flows import example

from .place import Place, opened, priced

STORES = ("north", "south", "west")
ONE = """
[[rule]]
kind = "same_price"
by = "sku"
everywhere = true
"""


@cache
def _chain() -> tuple[Path, str]:
    folder = Path(mkdtemp()) / "shop"
    example.write(folder)
    sales = pl.read_csv(folder / "data" / "sales.csv", infer_schema=False)
    pl.concat([sales.with_columns(channel=pl.lit(store)) for store in STORES]).write_csv(folder / "data" / "sales.csv")
    path = folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8") + ONE, encoding="utf-8")
    return folder, priced(folder).run


def chain(folder: Path) -> Place:
    """A desk on a copy of it in `folder`, priced once; no shop is connected."""
    source, run = _chain()
    copytree(source, folder, dirs_exist_ok=True)
    return opened(folder, run)
