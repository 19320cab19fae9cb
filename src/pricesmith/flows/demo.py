"""The demo shops: real data that comes with the package, laid out as a shop folder."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pricesmith.contracts.errors import DataError, UnknownChoice

SHOPS = ("grocery", "gifts")
"""grocery: The Complete Journey 2.0 (CC0), weekly sales;  gifts: UCI Online Retail (CC BY 4.0), order lines."""


def build(shop: str, folder: Path) -> Path:
    """Write a demo shop into `folder` and return it.

    Data files are written anew; a shop.toml that is there already stays, so that rules can be tried out.
    Raises UnknownChoice for a shop that is not bundled, DataError where the folder holds anything else than a demo shop.
    """
    if shop not in SHOPS:
        raise UnknownChoice("demo shop", shop, SHOPS)
    bundle = files("pricesmith").joinpath("data", shop)
    refuse_other(folder, bundle)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for entry in sorted(bundle.iterdir(), key=lambda entry: entry.name):
        target = folder / "data" / entry.name if entry.name.endswith(".parquet") else folder / entry.name
        if entry.name != "shop.toml" or not target.exists():
            target.write_bytes(entry.read_bytes())
    return folder


def refuse_other(folder: Path, bundle: Traversable) -> None:
    """Leave alone what is not this demo shop."""
    if folder.exists() and not folder.is_dir():
        raise DataError("is a file, not a folder", where=str(folder), hint="name a folder that does not exist yet")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    note = folder / "README.md"
    own = bundle.joinpath("README.md").read_text(encoding="utf-8").partition("\n")[0]
    if not note.is_file() or note.read_text(encoding="utf-8").partition("\n")[0] != own:
        raise DataError("holds something else than this demo shop", where=str(folder), hint="name a folder that does not exist yet")
